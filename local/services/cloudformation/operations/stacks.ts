import { optionalString, requiredString } from '../../../gateway/parameters';
import type { Output } from '../../../gateway/service';
import type { Region, RegionOperation } from '../region';
import { stackDrift } from '../stacks/drift';
import type { Stack } from '../stacks/stack';
import { capabilitiesOf } from '../stacks/stacks';
import { invalid, readTemplate } from '../template/document';
import { flag, refuseMembers, stackInput, strings, templateText } from './input';
import { describeResource, resourcesOf } from './resources';

const UNKNOWN = [
  'NotificationARNs',
  'RollbackConfiguration',
  'StackPolicyBody',
  'StackPolicyURL',
  'ResourceTypes',
];

/** Stacks (API reference). */
export const stackOperations: Readonly<Record<string, RegionOperation>> = {
  async CreateStack(region, request) {
    refuseMembers(request.parameters, UNKNOWN);
    const input = await stackInput(region, request, undefined);
    const { stack } = region.stacks.create(requiredString(request.parameters, 'StackName'), input);
    stack.isProtected = flag(request.parameters, 'EnableTerminationProtection');
    return { StackId: stack.id };
  },
  async UpdateStack(region, request) {
    refuseMembers(request.parameters, UNKNOWN);
    const stack = liveStack(region, requiredString(request.parameters, 'StackName'));
    const input = await stackInput(region, request, stack);
    return { StackId: region.stacks.update(stack, input).stack.id };
  },
  async DeleteStack(region, request) {
    const { parameters, caller } = request;
    const stack = region.stacks.find(requiredString(parameters, 'StackName'));
    // A stack that does not exist is as good as deleted.
    if (stack && stack.status !== 'DELETE_COMPLETE') {
      region.stacks.delete(stack, {
        caller: await region.actor(caller, await region.serviceRole(request, stack)),
        token: optionalString(parameters, 'ClientRequestToken'),
        retain: strings(parameters, 'RetainResources'),
        force: parameters.DeletionMode === 'FORCE_DELETE_STACK',
      });
    }
    return undefined;
  },
  CancelUpdateStack(region, { parameters }) {
    region.stacks.cancelUpdate(liveStack(region, requiredString(parameters, 'StackName')));
    return undefined;
  },
  async ContinueUpdateRollback(region, request) {
    const { parameters } = request;
    const stack = liveStack(region, requiredString(parameters, 'StackName'));
    const actor = await region.actor(request.caller, await region.serviceRole(request, stack));
    region.stacks.continueRollback(stack, strings(parameters, 'ResourcesToSkip'), actor);
    return {};
  },
  UpdateTerminationProtection(region, { parameters }) {
    const stack = liveStack(region, requiredString(parameters, 'StackName'));
    stack.isProtected = flag(parameters, 'EnableTerminationProtection');
    return { StackId: stack.id };
  },
  async DescribeStacks(region, { parameters }) {
    const name = optionalString(parameters, 'StackName');
    if (name === undefined) {
      const live = region.stacks.list().filter(({ status }) => status !== 'DELETE_COMPLETE');
      return { Stacks: live.map(describeStack) };
    }
    const stack = region.stacks.get(name);
    await region.settle(region.stacks.ended(stack));
    // A stack that is deleted by now is only found by its ID.
    return { Stacks: [describeStack(region.stacks.get(name))] };
  },
  ListStacks(region, { parameters }) {
    const wanted = strings(parameters, 'StackStatusFilter');
    const stacks = region.stacks
      .list()
      .filter(({ status }) => wanted.length === 0 || wanted.includes(status));
    return { StackSummaries: stacks.map(summarizeStack) };
  },
  DescribeStackEvents(region, { parameters }) {
    const { id, events } = region.stacks.get(requiredString(parameters, 'StackName'));
    const described = events.map((event) => ({
      StackId: id,
      EventId: event.eventId,
      StackName: event.stackName,
      LogicalResourceId: event.logicalId,
      PhysicalResourceId: event.physicalId ?? '',
      ResourceType: event.type,
      Timestamp: event.time,
      ResourceStatus: event.status,
      ResourceStatusReason: event.reason,
      ClientRequestToken: event.token,
    }));
    return { StackEvents: described.reverse() };
  },
  DescribeStackResource(region, { parameters }) {
    const stack = region.stacks.get(requiredString(parameters, 'StackName'));
    const logicalId = requiredString(parameters, 'LogicalResourceId');
    const resource = resourcesOf(stack).find((it) => it.logicalId === logicalId);
    if (!resource) {
      throw invalid(`Resource ${logicalId} does not exist for stack ${stack.name}`);
    }
    const { Timestamp: LastUpdatedTimestamp, ...detail } = describeResource(stack, resource);
    return { StackResourceDetail: { ...detail, LastUpdatedTimestamp } };
  },
  DescribeStackResources(region, { parameters }) {
    const physicalId = optionalString(parameters, 'PhysicalResourceId');
    const name = optionalString(parameters, 'StackName');
    const logicalId = optionalString(parameters, 'LogicalResourceId');
    const holder = region.stacks
      .list()
      .find((it) => it.resources.some((one) => one.physicalId === physicalId));
    if (name === undefined && !holder) {
      throw invalid(`Stack for ${physicalId} does not exist`);
    }
    const stack = name === undefined && holder ? holder : region.stacks.get(name ?? '');
    const found = resourcesOf(stack).filter((it) => logicalId === undefined || it.logicalId === logicalId);
    return { StackResources: found.map((resource) => describeResource(stack, resource)) };
  },
  ListStackResources(region, { parameters }) {
    const stack = region.stacks.get(requiredString(parameters, 'StackName'));
    const summaries = resourcesOf(stack).map((resource) => {
      const {
        Timestamp: LastUpdatedTimestamp,
        StackId: _id,
        StackName: _name,
        ...summary
      } = describeResource(stack, resource);
      return { ...summary, LastUpdatedTimestamp };
    });
    return { StackResourceSummaries: summaries };
  },
  GetTemplate(region, { parameters }) {
    const changeSetName = optionalString(parameters, 'ChangeSetName');
    const stackName = optionalString(parameters, 'StackName');
    const text =
      changeSetName === undefined
        ? region.stacks.get(requiredString(parameters, 'StackName')).template
        : region.changeSets.get(changeSetName, stackName).input.template;
    return { TemplateBody: text, StagesAvailable: ['Original', 'Processed'] };
  },
  GetTemplateSummary(region, { parameters }) {
    const name = optionalString(parameters, 'StackName');
    const text = name === undefined ? templateText(region, parameters) : region.stacks.get(name).template;
    return summarizeTemplate(region, text);
  },
  ValidateTemplate(region, { parameters }) {
    const { Parameters, Description, Capabilities, CapabilitiesReason } = summarizeTemplate(
      region,
      templateText(region, parameters),
    );
    return { Parameters, Description, Capabilities, CapabilitiesReason };
  },
  ListExports(region) {
    const exports = region.stacks
      .list()
      .flatMap(({ id, exports: values }) =>
        Object.entries(values).map(([Name, Value]) => ({ ExportingStackId: id, Name, Value })),
      );
    return { Exports: exports };
  },
  ListImports(region, { parameters }) {
    const name = requiredString(parameters, 'ExportName');
    const importers = region.stacks.importers(name);
    if (importers.length === 0) {
      throw invalid(`Export '${name}' is not imported by any stack.`);
    }
    return { Imports: importers };
  },
};

/** A stack that is not deleted. @throws ApiError ValidationError */
export function liveStack(region: Region, name: string): Stack {
  const stack = region.stacks.find(name);
  if (stack && stack.status !== 'DELETE_COMPLETE') {
    return stack;
  }
  throw invalid(`Stack [${name}] does not exist`);
}

function summarizeStack(stack: Stack) {
  const { drift } = stack;
  return {
    StackId: stack.id,
    StackName: stack.name,
    TemplateDescription: stack.description,
    CreationTime: stack.creationTime,
    LastUpdatedTime: stack.lastUpdatedTime,
    DeletionTime: stack.deletionTime,
    StackStatus: stack.status,
    StackStatusReason: stack.statusReason,
    DriftInformation: {
      StackDriftStatus: drift ? stackDrift(drift.resources) : 'NOT_CHECKED',
      LastCheckTimestamp: drift?.time,
    },
  };
}

function describeStack(stack: Stack) {
  const { TemplateDescription: Description, ...summary } = summarizeStack(stack);
  const declared = stack.template === '' ? undefined : readTemplate(stack.template);
  const exportNames = new Map(Object.entries(stack.exports).map(([name, value]) => [value, name]));
  return {
    ...summary,
    Description,
    Parameters: Object.entries(stack.parameters).map(([ParameterKey, value]) => {
      const isHidden = String(declared?.parameters[ParameterKey]?.NoEcho) === 'true';
      return { ParameterKey, ParameterValue: isHidden ? '****' : value };
    }),
    Outputs: Object.entries(stack.outputs).map(([OutputKey, OutputValue]) => ({
      OutputKey,
      OutputValue,
      Description: declared?.outputs[OutputKey]?.Description,
      ExportName: declared?.outputs[OutputKey]?.Export ? exportNames.get(OutputValue) : undefined,
    })),
    Tags: Object.entries(stack.tags).map(([Key, Value]) => ({ Key, Value })),
    Capabilities: stack.capabilities,
    RoleARN: stack.roleArn,
    DisableRollback: false,
    NotificationARNs: [],
    RollbackConfiguration: {},
    EnableTerminationProtection: stack.isProtected,
  };
}

function summarizeTemplate(region: Region, text: string): NonNullable<Output> {
  const document = readTemplate(text);
  region.stacks.checkTypes(document);
  const Capabilities = capabilitiesOf(document);
  const types = [...new Set(Object.values(document.resources).map(({ Type }) => String(Type)))];
  const named = types.filter((type) => Object.values(document.resources).some(({ Type }) => Type === type));
  return {
    Parameters: Object.entries(document.parameters).map(([ParameterKey, node]) => ({
      ParameterKey,
      ParameterType: node.Type,
      DefaultValue: node.Default,
      Description: node.Description,
      NoEcho: String(node.NoEcho) === 'true',
      ParameterConstraints: { AllowedValues: node.AllowedValues },
    })),
    Description: document.description,
    Capabilities,
    CapabilitiesReason:
      Capabilities.length > 0
        ? `The following resource(s) require capabilities: [${named.filter((type) => type.startsWith('AWS::IAM::')).join(', ')}]`
        : undefined,
    ResourceTypes: types,
    ResourceIdentifierSummaries: types.flatMap((ResourceType) => {
      const ResourceIdentifiers = region.stacks.options.provider(ResourceType)?.identifiers?.();
      const of = Object.entries(document.resources).filter(([, { Type }]) => Type === ResourceType);
      return ResourceIdentifiers
        ? [{ ResourceType, LogicalResourceIds: of.map(([id]) => id), ResourceIdentifiers }]
        : [];
    }),
  };
}
