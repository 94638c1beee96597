import type { ResourceChange } from '@aws-sdk/client-cloudformation';
import { invalid } from '../../../gateway/errors';
import { list, optionalString, requiredString } from '../../../gateway/parameters';
import type { ApiRequest, Parameters } from '../../../gateway/service';
import type { Region, RegionOperation } from '../region';
import type { ChangeSet, ChangeSetInput } from '../stacks/change-sets';
import { stackDrift } from '../stacks/drift';
import { flag, namedStack, stackInput } from './input';
import { describeParameters, describeTags, unlessEmpty } from './stacks';

/** Change sets (API reference). */
export const changeSetOperations: Readonly<Record<string, RegionOperation>> = {
  async CreateChangeSet(region, request) {
    const stackName = requiredString(request.parameters, 'StackName');
    const input = await changeSetInput(region, request);
    const { summary } = region.changeSets.create(stackName, input);
    return { Id: summary.ChangeSetId, StackId: summary.StackId };
  },
  async DescribeChangeSet(region, { parameters }) {
    const changeSet = namedChangeSet(region, parameters);
    await region.waitFor(changeSet.ready);
    const { summary, template, input, changes, actual } = changeSet;
    const describe = flag(parameters, 'IncludePropertyValues') ? withValues : withoutValues;
    return {
      ...summary,
      ...(actual && { DeploymentMode: 'REVERT_DRIFT', StackDriftStatus: stackDrift(actual.drifts) }),
      Parameters: unlessEmpty(describeParameters(template)),
      Capabilities: input.capabilities,
      Tags: unlessEmpty(describeTags(input)),
      NotificationARNs: [],
      RollbackConfiguration: {},
      Changes: changes.map((change) => ({ Type: 'Resource', ResourceChange: describe(change) })),
    };
  },
  async ExecuteChangeSet(region, request) {
    const changeSet = namedChangeSet(region, request.parameters);
    const actor = await region.actor(request, changeSet.input.roleArn);
    const onFailure = flag(request.parameters, 'DisableRollback') ? 'DO_NOTHING' : changeSet.input.onFailure;
    region.changeSets.execute(changeSet, { ...actor, onFailure });
    return {};
  },
  /** Deleting one that a stack does not have succeeds (aws-cdk-cli, `deploy-stack.ts`, relies on it). */
  DeleteChangeSet(region, { parameters }) {
    const stack = region.stacks.find(optionalString(parameters, 'StackName') ?? '');
    if (!stack || region.changeSets.find(requiredString(parameters, 'ChangeSetName'), stack)) {
      region.changeSets.delete(namedChangeSet(region, parameters));
    }
    return {};
  },
  ListChangeSets(region, request) {
    const changeSets = region.changeSets.list(namedStack(region, request));
    return { Summaries: changeSets.map(({ summary }) => summary) };
  },
};

/** With the values, a new resource has a replacement, too (localstack, test_condition_update_removes_resource). */
function withValues(change: ResourceChange): ResourceChange {
  return change.Action === 'Add' ? { ...change, Replacement: 'True' } : change;
}

function withoutValues(change: ResourceChange): ResourceChange {
  const { BeforeContext: _before, AfterContext: _after, ...others } = change;
  return others;
}

async function changeSetInput(region: Region, request: ApiRequest): Promise<ChangeSetInput> {
  const { parameters } = request;
  const stack = region.stacks.lookup(requiredString(parameters, 'StackName'));
  const type = (parameters.ChangeSetType ?? 'UPDATE') as ChangeSetInput['type'];
  const common = await stackInput(region, request, stack);
  const resourcesToImport = list(parameters, 'ResourcesToImport').map((resource) => ({
    logicalId: requiredString(resource, 'LogicalResourceId'),
    type: requiredString(resource, 'ResourceType'),
    identifier: resource.ResourceIdentifier as Record<string, string>,
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
    includesNested: flag(parameters, 'IncludeNestedStacks'),
    revertsDrift: parameters.DeploymentMode === 'REVERT_DRIFT',
  };
}

function namedChangeSet({ changeSets }: Region, parameters: Parameters): ChangeSet {
  return changeSets.get(requiredString(parameters, 'ChangeSetName'), optionalString(parameters, 'StackName'));
}
