import { invalid, unsatisfied } from '../../../gateway/errors';
import { list, optionalString, requiredString } from '../../../gateway/parameters';
import type { ApiRequest, Parameters } from '../../../gateway/service';
import type { Region, RegionOperation } from '../region';
import type { ChangeSet, ChangeSetInput } from '../stacks/change-sets';
import { flag, namedStack, refuseUnsupported, stackInput } from './input';
import { describeParameters, describeTags } from './stacks';

const TYPES = ['CREATE', 'UPDATE', 'IMPORT'] as const;

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
    const { summary, template, input, changes } = changeSet;
    return {
      ...summary,
      Parameters: describeParameters(template),
      Capabilities: input.capabilities,
      Tags: describeTags(input),
      Changes: changes.map((ResourceChange) => ({ Type: 'Resource', ResourceChange })),
    };
  },
  async ExecuteChangeSet(region, request) {
    refuseUnsupported(request.parameters);
    const changeSet = namedChangeSet(region, request.parameters);
    const actor = await region.actor(request, changeSet.input.roleArn);
    region.changeSets.execute(changeSet, actor);
    return {};
  },
  DeleteChangeSet(region, { parameters }) {
    region.changeSets.delete(namedChangeSet(region, parameters));
    return {};
  },
  ListChangeSets(region, { parameters }) {
    const changeSets = region.changeSets.list(namedStack(region, parameters));
    return { Summaries: changeSets.map(({ summary }) => summary) };
  },
};

async function changeSetInput(region: Region, request: ApiRequest): Promise<ChangeSetInput> {
  const { parameters } = request;
  const stack = region.stacks.find(requiredString(parameters, 'StackName'));
  const given = optionalString(parameters, 'ChangeSetType') ?? 'UPDATE';
  const type = TYPES.find((it) => it === given);
  if (!type) {
    throw unsatisfied('ChangeSetType', given, `satisfy enum value set: [${TYPES.join(', ')}]`);
  }
  const common = await stackInput(region, request, stack);
  const resourcesToImport = list(parameters, 'ResourcesToImport').map((resource) => ({
    logicalId: requiredString(resource, 'LogicalResourceId'),
    type: requiredString(resource, 'ResourceType'),
    identifier: identifierOf(resource),
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

/** A map, which the Query protocol sends as numbered entries. */
function identifierOf({ ResourceIdentifier }: Parameters): Record<string, string> {
  const { entry = {} } = (ResourceIdentifier ?? {}) as { entry?: Parameters };
  const entries = Object.values(entry) as { key: string; value: string }[];
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]));
}

function namedChangeSet({ changeSets }: Region, parameters: Parameters): ChangeSet {
  return changeSets.get(requiredString(parameters, 'ChangeSetName'), optionalString(parameters, 'StackName'));
}
