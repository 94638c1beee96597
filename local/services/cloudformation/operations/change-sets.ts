import { optionalString, requiredString } from '../../../gateway/parameters';
import type { ApiRequest, Parameters } from '../../../gateway/service';
import type { Region, RegionOperation } from '../region';
import type { ChangeSet, ChangeSetInput } from '../stacks/change-sets';
import { invalid } from '../template/document';
import { flag, map, onFailure, records, refuseMembers, stackInput } from './input';

const UNKNOWN = ['NotificationARNs', 'RollbackConfiguration', 'ResourceTypes', 'DeploymentMode'];
const TYPES = ['CREATE', 'UPDATE', 'IMPORT'] as const;

/** Change sets (API reference). */
export const changeSetOperations: Readonly<Record<string, RegionOperation>> = {
  async CreateChangeSet(region, request) {
    refuseMembers(request.parameters, UNKNOWN);
    const stackName = requiredString(request.parameters, 'StackName');
    const { id, stack } = region.changeSets.create(stackName, await changeSetInput(region, request));
    return { Id: id, StackId: stack.id };
  },
  async DescribeChangeSet(region, { parameters }) {
    const changeSet = named(region, parameters);
    await region.settle(changeSet.ready);
    const { changes, input } = changeSet;
    return {
      ...summarize(changeSet),
      Parameters: Object.entries(input.parameters).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      })),
      Capabilities: input.capabilities,
      Tags: Object.entries(input.tags).map(([Key, Value]) => ({ Key, Value })),
      Changes: changes.map((ResourceChange) => ({ Type: 'Resource', ResourceChange })),
    };
  },
  async ExecuteChangeSet(region, { parameters, caller }) {
    const changeSet = named(region, parameters);
    const actor = await region.actor(caller, changeSet.input.roleArn);
    await region.settle(changeSet.ready);
    region.changeSets.execute(changeSet, actor, onFailure(parameters));
    return {};
  },
  DeleteChangeSet(region, { parameters }) {
    region.changeSets.delete(named(region, parameters));
    return {};
  },
  ListChangeSets(region, { parameters }) {
    const stack = region.stacks.get(requiredString(parameters, 'StackName'));
    return { Summaries: region.changeSets.list(stack).map(summarize) };
  },
};

async function changeSetInput(region: Region, request: ApiRequest): Promise<ChangeSetInput> {
  const { parameters } = request;
  const stack = region.stacks.find(requiredString(parameters, 'StackName'));
  const given = optionalString(parameters, 'ChangeSetType') ?? 'UPDATE';
  const type = TYPES.find((it) => it === given);
  if (!type) {
    throw invalid(`Value '${given}' at 'changeSetType' failed to satisfy constraint`);
  }
  const common = await stackInput(region, request, stack);
  const resourcesToImport = records(parameters, 'ResourcesToImport').map((resource) => ({
    logicalId: requiredString(resource, 'LogicalResourceId'),
    type: requiredString(resource, 'ResourceType'),
    identifier: map(resource, 'ResourceIdentifier'),
  }));
  if ((type === 'IMPORT') !== resourcesToImport.length > 0) {
    throw invalid('ResourcesToImport must be specified for change sets of type IMPORT, and only for these');
  }
  return {
    ...common,
    name: requiredString(parameters, 'ChangeSetName'),
    type,
    description: optionalString(parameters, 'Description'),
    resourcesToImport,
    importExisting: flag(parameters, 'ImportExistingResources'),
  };
}

function named(region: Region, parameters: Parameters): ChangeSet {
  return region.changeSets.get(
    requiredString(parameters, 'ChangeSetName'),
    optionalString(parameters, 'StackName'),
  );
}

function summarize({ id, stack, input, creationTime, status, executionStatus, reason }: ChangeSet) {
  return {
    ChangeSetId: id,
    ChangeSetName: input.name,
    StackId: stack.id,
    StackName: stack.name,
    Description: input.description,
    CreationTime: creationTime,
    ExecutionStatus: executionStatus,
    Status: status,
    StatusReason: reason,
    IncludeNestedStacks: false,
    ImportExistingResources: input.importExisting,
  };
}
