import { invalid } from '../../../gateway/errors';
import { list, optionalString, requiredString } from '../../../gateway/parameters';
import type { RegionalOperation } from '../regional-cloudformation';
import { stackDrift } from '../stacks/drift';
import type { Stack, StackInput } from '../stacks/stack';
import { capabilitiesOf, type Stacks } from '../stacks/stacks';
import { readTemplate } from '../template/document';
import type { Template } from '../template/template';
import { flag, isWanted, liveStack, namedStack, stackInput, templateText } from './input';

/** Stacks and their templates (API reference). */
export const stackOperations: Readonly<Record<string, RegionalOperation>> = {
  async CreateStack(cloudFormation, request) {
    const { parameters } = request;
    const input = await stackInput(cloudFormation, request);
    const stack = cloudFormation.stacks.create(requiredString(parameters, 'StackName'), input);
    stack.isProtected = flag(parameters, 'EnableTerminationProtection');
    return { StackId: stack.id };
  },
  async UpdateStack(cloudFormation, request) {
    const stack = namedStack(cloudFormation, request);
    cloudFormation.stacks.update(stack, await stackInput(cloudFormation, request, stack));
    return { StackId: stack.id };
  },
  async DeleteStack({ stacks, permissions }, request): Promise<undefined> {
    const { parameters } = request;
    const stack = stacks.find(requiredString(parameters, 'StackName'));
    // Deleting a stack that does not exist succeeds.
    if (stack) {
      const actor = await permissions.actor(request, stack.input.roleArn);
      stacks.delete(stack, actor, list(parameters, 'RetainResources'));
    }
  },
  async ContinueUpdateRollback({ stacks, permissions }, request) {
    const stack = liveStack(stacks, request);
    const { caller } = await permissions.actor(request, stack.input.roleArn);
    stacks.continueRollback(stack, list(request.parameters, 'ResourcesToSkip'), caller);
    return {};
  },
  UpdateTerminationProtection({ stacks }, request) {
    const stack = liveStack(stacks, request);
    stack.isProtected = flag(request.parameters, 'EnableTerminationProtection');
    return { StackId: stack.id };
  },
  async DescribeStacks(cloudFormation, { parameters }) {
    const { stacks } = cloudFormation;
    const name = optionalString(parameters, 'StackName');
    if (name === undefined) {
      return { Stacks: stacks.all.filter(({ status }) => status !== 'DELETE_COMPLETE').map(describeStack) };
    }
    await cloudFormation.waitFor(stacks.get(name).ended);
    // A stack that has been deleted in the meantime is found only by its ID.
    return { Stacks: [describeStack(stacks.get(name))] };
  },
  ListStacks({ stacks }, { parameters }) {
    const wanted = stacks.all.filter(({ status }) => isWanted(parameters, 'StackStatusFilter', status));
    return { StackSummaries: wanted.map(summarizeStack) };
  },
  GetTemplate({ stacks, changeSets }, { parameters }) {
    const changeSetName = optionalString(parameters, 'ChangeSetName');
    const stackName = optionalString(parameters, 'StackName');
    // Recorded: localstack, test_get_template_no_arguments, test_get_template_missing_resources_change_set.
    if (stackName === undefined && !changeSetName?.startsWith('arn:')) {
      throw invalid(
        changeSetName === undefined
          ? 'StackName is required if ChangeSetName is not specified.'
          : 'StackName is a required parameter.',
      );
    }
    const { input } =
      changeSetName === undefined ? stacks.get(String(stackName)) : changeSets.get(changeSetName, stackName);
    return { TemplateBody: input.template, StagesAvailable: ['Original', 'Processed'] };
  },
  async GetTemplateSummary({ stacks, permissions }, request) {
    const name = optionalString(request.parameters, 'StackName');
    if (name === undefined) {
      return summarizeTemplate(stacks, await templateText(permissions, request));
    }
    const { status, isUnderReview, input } = stacks.get(name);
    if (isUnderReview) {
      // Recorded: localstack, test_get_template_summary_non_executed_change_set.
      throw invalid(`GetTemplateSummary cannot be called on ${status} stacks.`);
    }
    return summarizeTemplate(stacks, input.template);
  },
  async ValidateTemplate({ stacks, permissions }, request) {
    return summarizeTemplate(stacks, await templateText(permissions, request));
  },
};

/** The parameters that a template is deployed with, without the values that are secret. */
export function describeParameters(template: Template | undefined) {
  return Object.entries(template?.parameters ?? {}).map(([ParameterKey, value]) => {
    const { NoEcho } = template?.document.sections.Parameters[ParameterKey] ?? {};
    return { ParameterKey, ParameterValue: String(NoEcho) === 'true' ? '****' : value };
  });
}

export function describeTags({ tags }: Pick<StackInput, 'tags'>) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function summarizeStack(stack: Stack) {
  const drifts = [...stack.drifts.values()];
  return {
    StackId: stack.id,
    StackName: stack.name,
    TemplateDescription: stack.template?.document.description,
    ParentId: stack.parent?.id,
    RootId: stack.root?.id,
    CreationTime: stack.creationTime,
    LastUpdatedTime: stack.lastUpdatedTime,
    DeletionTime: stack.deletionTime,
    StackStatus: stack.status,
    StackStatusReason: stack.statusReason,
    DriftInformation: {
      StackDriftStatus: drifts.length > 0 ? stackDrift(drifts) : 'NOT_CHECKED',
      LastCheckTimestamp: drifts.at(-1)?.Timestamp,
    },
  };
}

function describeStack(stack: Stack) {
  const { TemplateDescription: Description, ...summary } = summarizeStack(stack);
  const exportNames = new Map(Object.entries(stack.exports).map(([name, value]) => [value, name]));
  const outputs = Object.entries(stack.outputs).map(([OutputKey, OutputValue]) => {
    const declared = stack.template?.outputs[OutputKey];
    const ExportName = declared?.Export ? exportNames.get(OutputValue) : undefined;
    return { OutputKey, OutputValue, Description: declared?.Description, ExportName };
  });
  return {
    ...summary,
    Description,
    ChangeSetId: stack.changeSetId,
    Parameters: unlessEmpty(describeParameters(stack.template)),
    Outputs: unlessEmpty(outputs),
    Tags: describeTags(stack.input),
    Capabilities: unlessEmpty(stack.input.capabilities),
    RoleARN: stack.input.roleArn,
    DisableRollback: stack.input.disableRollback === true,
    NotificationARNs: [],
    RollbackConfiguration: {},
    EnableTerminationProtection: stack.status === 'DELETE_COMPLETE' ? undefined : stack.isProtected,
  };
}

/** A list that AWS leaves out if it is empty (recorded: localstack, test_stack_lifecycle). */
export function unlessEmpty<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length > 0 ? items : undefined;
}

/**
 * In the members of GetTemplateSummary, which the AWS CLI asks for the parameters before `deploy` updates a stack; those
 * of ValidateTemplate are among them.
 */
function summarizeTemplate(stacks: Stacks, text: string) {
  const document = readTemplate(text);
  const { Parameters, Resources } = document.sections;
  const Capabilities = capabilitiesOf(document);
  const types = stacks.typesIn(document);
  const named = types.filter((type) => type.startsWith('AWS::IAM::')).join(', ');
  return {
    Description: document.description,
    Parameters: Object.entries(Parameters).map(([ParameterKey, { Type, Default, Description, NoEcho }]) => {
      const isSecret = String(NoEcho) === 'true';
      return { ParameterKey, ParameterType: Type, DefaultValue: Default, Description, NoEcho: isSecret };
    }),
    Capabilities: unlessEmpty(Capabilities),
    Metadata: document.metadata && JSON.stringify(document.metadata),
    // Recorded: localstack, test_get_template_summary_failed_stack.
    Version: document.version ?? '2010-09-09',
    CapabilitiesReason: named ? `The following resource(s) require capabilities: [${named}]` : undefined,
    ResourceTypes: types,
    ResourceIdentifierSummaries: types.map((ResourceType) => {
      const ResourceIdentifiers = stacks.provider(ResourceType).identifiers;
      const LogicalResourceIds = Object.keys(Resources).filter((id) => Resources[id]?.Type === ResourceType);
      return { ResourceType, LogicalResourceIds, ResourceIdentifiers };
    }),
  };
}
