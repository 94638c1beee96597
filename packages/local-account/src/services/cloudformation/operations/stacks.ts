import { list, optionalString, requiredString } from '../../../gateway/parameters';
import type { Region, RegionOperation } from '../region';
import { stackDrift } from '../stacks/drift';
import type { Stack, StackInput } from '../stacks/stack';
import { capabilitiesOf } from '../stacks/stacks';
import { readTemplate } from '../template/document';
import type { Template } from '../template/template';
import { flag, isWanted, liveStack, stackInput, templateText } from './input';

/** Stacks and their templates (API reference). */
export const stackOperations: Readonly<Record<string, RegionOperation>> = {
  async CreateStack(region, request) {
    const input = await stackInput(region, request, undefined);
    const stack = region.stacks.create(requiredString(request.parameters, 'StackName'), input);
    stack.isProtected = flag(request.parameters, 'EnableTerminationProtection');
    return { StackId: stack.id };
  },
  async UpdateStack(region, request) {
    const stack = liveStack(region, request.parameters);
    region.stacks.update(stack, await stackInput(region, request, stack));
    return { StackId: stack.id };
  },
  async DeleteStack(region, request): Promise<undefined> {
    const { parameters } = request;
    const stack = region.stacks.find(requiredString(parameters, 'StackName'));
    // Deleting a stack that does not exist succeeds.
    if (stack) {
      const actor = await region.actor(request, stack.input.roleArn);
      region.stacks.delete(stack, actor, list(parameters, 'RetainResources'));
    }
  },
  CancelUpdateStack(region, { parameters }): undefined {
    region.stacks.cancelUpdate(liveStack(region, parameters));
  },
  async ContinueUpdateRollback(region, request) {
    const stack = liveStack(region, request.parameters);
    const { caller } = await region.actor(request, stack.input.roleArn);
    region.stacks.continueRollback(stack, list(request.parameters, 'ResourcesToSkip'), caller);
    return {};
  },
  UpdateTerminationProtection(region, { parameters }) {
    const stack = liveStack(region, parameters);
    stack.isProtected = flag(parameters, 'EnableTerminationProtection');
    return { StackId: stack.id };
  },
  async DescribeStacks(region, { parameters }) {
    const { stacks } = region;
    const name = optionalString(parameters, 'StackName');
    if (name === undefined) {
      const live = stacks.all.filter(({ status }) => status !== 'DELETE_COMPLETE');
      return { Stacks: live.map(describeStack) };
    }
    await region.waitFor(stacks.get(name).ended);
    // A stack that has been deleted in the meantime is found only by its ID.
    return { Stacks: [describeStack(stacks.get(name))] };
  },
  ListStacks({ stacks }, { parameters }) {
    const wanted = stacks.all.filter(({ status }) => isWanted(parameters, 'StackStatusFilter', status));
    return { StackSummaries: wanted.map(summarizeStack) };
  },
  GetTemplate({ stacks, changeSets }, { parameters }) {
    const changeSetName = optionalString(parameters, 'ChangeSetName');
    const { input } =
      changeSetName === undefined
        ? stacks.get(requiredString(parameters, 'StackName'))
        : changeSets.get(changeSetName, optionalString(parameters, 'StackName'));
    return { TemplateBody: input.template, StagesAvailable: ['Original', 'Processed'] };
  },
  async GetTemplateSummary(region, request) {
    const name = optionalString(request.parameters, 'StackName');
    const text =
      name === undefined ? await templateText(region, request) : region.stacks.get(name).input.template;
    return summarizeTemplate(region, text);
  },
  async ValidateTemplate(region, request) {
    return summarizeTemplate(region, await templateText(region, request));
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
  return {
    ...summary,
    Description,
    Parameters: describeParameters(stack.template),
    Outputs: Object.entries(stack.outputs).map(([OutputKey, OutputValue]) => {
      const declared = stack.template?.outputs[OutputKey];
      const ExportName = declared?.Export ? exportNames.get(OutputValue) : undefined;
      return { OutputKey, OutputValue, Description: declared?.Description, ExportName };
    }),
    Tags: describeTags(stack.input),
    Capabilities: stack.input.capabilities,
    RoleARN: stack.input.roleArn,
    DisableRollback: stack.input.onFailure === 'DO_NOTHING',
    NotificationARNs: [],
    RollbackConfiguration: {},
    EnableTerminationProtection: stack.isProtected,
  };
}

/**
 * In the members of GetTemplateSummary, which the AWS CLI asks for the parameters before `deploy` updates a stack; those
 * of ValidateTemplate are among them.
 */
function summarizeTemplate({ stacks }: Region, text: string) {
  const document = readTemplate(text);
  const { Parameters, Resources } = document.sections;
  stacks.checkTypes(document);
  const Capabilities = capabilitiesOf(document);
  const types = [...new Set(Object.values(Resources).map(({ Type }) => String(Type)))];
  const named = types.filter((type) => type.startsWith('AWS::IAM::')).join(', ');
  return {
    Description: document.description,
    Parameters: Object.entries(Parameters).map(([ParameterKey, { Type, Default, Description, NoEcho }]) => {
      const isSecret = String(NoEcho) === 'true';
      return { ParameterKey, ParameterType: Type, DefaultValue: Default, Description, NoEcho: isSecret };
    }),
    Capabilities,
    CapabilitiesReason: named && `The following resource(s) require capabilities: [${named}]`,
    ResourceTypes: types,
    ResourceIdentifierSummaries: types.flatMap((ResourceType) => {
      const ResourceIdentifiers = stacks.provider(ResourceType).identifiers;
      const LogicalResourceIds = Object.keys(Resources).filter((id) => Resources[id]?.Type === ResourceType);
      return ResourceIdentifiers ? [{ ResourceType, LogicalResourceIds, ResourceIdentifiers }] : [];
    }),
  };
}
