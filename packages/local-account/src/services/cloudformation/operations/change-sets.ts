import type { ResourceChange } from '@aws-sdk/client-cloudformation';
import { invalid } from '../../../gateway/errors';
import { list, optionalString, requiredString } from '../../../gateway/parameters';
import type { ApiRequest, Parameters } from '../../../gateway/service';
import type { RegionalCloudFormation, RegionalOperation } from '../regional-cloudformation';
import type { ChangeSet, ChangeSetInput } from '../stacks/change-sets';
import { stackDrift } from '../stacks/drift';
import { flag, namedStack, stackInput } from './input';
import { describeParameters, describeTags, unlessEmpty } from './stacks';

/** Change sets (API reference). */
export const changeSetOperations: Readonly<Record<string, RegionalOperation>> = {
  async CreateChangeSet(cloudFormation, request) {
    const stackName = requiredString(request.parameters, 'StackName');
    const input = await changeSetInput(cloudFormation, request);
    const { summary } = cloudFormation.changeSets.create(stackName, input);
    return { Id: summary.ChangeSetId, StackId: summary.StackId };
  },
  async DescribeChangeSet(cloudFormation, { parameters }) {
    const changeSet = namedChangeSet(cloudFormation, parameters);
    await cloudFormation.waitFor(changeSet.ready);
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
  async ExecuteChangeSet(cloudFormation, request) {
    const { changeSets, permissions } = cloudFormation;
    const changeSet = namedChangeSet(cloudFormation, request.parameters);
    const actor = await permissions.actor(request, changeSet.input.roleArn);
    const disableRollback = flag(request.parameters, 'DisableRollback');
    changeSets.execute(changeSet, { ...actor, disableRollback });
    return {};
  },
  /** Deleting one that a stack does not have succeeds (aws-cdk-cli, `deploy-stack.ts`, relies on it). */
  DeleteChangeSet(cloudFormation, { parameters }) {
    const { stacks, changeSets } = cloudFormation;
    const stack = stacks.find(optionalString(parameters, 'StackName') ?? '');
    if (!stack || changeSets.find(requiredString(parameters, 'ChangeSetName'), stack)) {
      changeSets.delete(namedChangeSet(cloudFormation, parameters));
    }
    return {};
  },
  ListChangeSets(cloudFormation, request) {
    const changeSets = cloudFormation.changeSets.list(namedStack(cloudFormation, request));
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

async function changeSetInput(
  cloudFormation: RegionalCloudFormation,
  request: ApiRequest,
): Promise<ChangeSetInput> {
  const { parameters } = request;
  const stack = cloudFormation.stacks.lookup(requiredString(parameters, 'StackName'));
  const type = (parameters.ChangeSetType ?? 'UPDATE') as ChangeSetInput['type'];
  const resourcesToImport = list(parameters, 'ResourcesToImport').map((resource) => ({
    logicalId: requiredString(resource, 'LogicalResourceId'),
    type: requiredString(resource, 'ResourceType'),
    identifier: resource.ResourceIdentifier as Record<string, string>,
  }));
  if ((type === 'IMPORT') !== resourcesToImport.length > 0) {
    throw invalid('ResourcesToImport must be specified for change sets of type IMPORT, and only for these');
  }
  return {
    ...(await stackInput(cloudFormation, request, stack)),
    name: requiredString(parameters, 'ChangeSetName'),
    type,
    description: optionalString(parameters, 'Description'),
    resourcesToImport,
    importExisting: flag(parameters, 'ImportExistingResources'),
    includesNested: flag(parameters, 'IncludeNestedStacks'),
    revertsDrift: parameters.DeploymentMode === 'REVERT_DRIFT',
  };
}

function namedChangeSet({ changeSets }: RegionalCloudFormation, parameters: Parameters): ChangeSet {
  return changeSets.get(requiredString(parameters, 'ChangeSetName'), optionalString(parameters, 'StackName'));
}
