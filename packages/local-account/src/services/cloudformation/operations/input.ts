import { invalid, unsatisfied } from '../../../gateway/errors';
import { list, optionalString, requiredString } from '../../../gateway/parameters';
import type { ApiRequest, Parameters } from '../../../gateway/service';
import type { Permissions } from '../permissions';
import type { RegionalCloudFormation } from '../region';
import type { Stack, StackInput } from '../stacks/stack';
import type { Stacks } from '../stacks/stacks';
import { existing } from '../template/document';

/**
 * The ARN of the stack that a request is about, which policies can name (service authorization reference); nothing for
 * a request without a stack.
 */
export function stackArn(cloudFormation: RegionalCloudFormation, request: ApiRequest): string | undefined {
  const { stacks, changeSets } = cloudFormation;
  const { operation, parameters } = request;
  const stackName = optionalString(parameters, 'StackName');
  const changeSetName = optionalString(parameters, 'ChangeSetName');
  if (stackName !== undefined || operation === 'DescribeStacks') {
    return stacks.arnOf(stackName);
  }
  return changeSetName === undefined
    ? stacks.withResource(optionalString(parameters, 'PhysicalResourceId'))?.id
    : changeSets.find(changeSetName)?.stack.id;
}

/** How operations name a stack that does not exist (recorded: localstack, test_name_conflicts, test_resources). */
const UNKNOWN_STACK: Readonly<Record<string, (name: string) => string>> = {
  DescribeStackEvents: (name) => `Stack [${name}] does not exist`,
  DescribeStackResource: (name) => `Stack '${name}' does not exist`,
  UpdateStack: (name) => `Stack [${name}] does not exist`,
};

/** The stack that a request names, also one that is deleted by its ID. @throws ApiError ValidationError */
export function namedStack({ stacks }: RegionalCloudFormation, { operation, parameters }: ApiRequest): Stack {
  const name = requiredString(parameters, 'StackName');
  return stacks.get(name, UNKNOWN_STACK[operation]?.(name));
}

/** The stack that a request names, if it is not deleted. @throws ApiError ValidationError */
export function liveStack(stacks: Stacks, { parameters }: ApiRequest): Stack {
  const name = requiredString(parameters, 'StackName');
  return existing(stacks.find(name), `Stack [${name}] does not exist`);
}

/**
 * What CreateStack, UpdateStack and CreateChangeSet have in common.
 *
 * @param stack The stack, if it exists, for its previous template, parameters and tags, and its service role.
 * @throws ApiError ValidationError
 */
export async function stackInput(
  { permissions }: RegionalCloudFormation,
  request: ApiRequest,
  stack?: Stack,
): Promise<StackInput> {
  const { parameters } = request;
  const tags = list(parameters, 'Tags').map(({ Key, Value }) => [String(Key), String(Value)]);
  return {
    template: await templateText(permissions, request, stack),
    parameters: parameterValues(parameters, stack),
    tags: 'Tags' in parameters ? Object.fromEntries(tags) : (stack?.input.tags ?? {}),
    capabilities: list(parameters, 'Capabilities'),
    disableRollback: flag(parameters, 'DisableRollback'),
    ...(await permissions.actor(request, stack?.input.roleArn)),
  };
}

/** The template that a request gives or refers to. @throws ApiError ValidationError */
export async function templateText(permissions: Permissions, request: ApiRequest, stack?: Stack) {
  const { parameters, caller } = request;
  const [body, url] = [optionalString(parameters, 'TemplateBody'), optionalString(parameters, 'TemplateURL')];
  if (flag(parameters, 'UsePreviousTemplate') && stack) {
    return stack.input.template;
  }
  if ((body === undefined) === (url === undefined)) {
    throw invalid('Either Template URL or Template Body must be specified.');
  }
  if (Buffer.byteLength(body ?? '') > LONGEST_BODY) {
    throw unsatisfied('TemplateBody', body, `have length less than or equal to ${LONGEST_BODY}`);
  }
  return body ?? permissions.templateAt(caller, url ?? '');
}

/** In bytes (API reference, CreateStack, `TemplateBody`); a template in Amazon S3 can be longer. */
const LONGEST_BODY = 51_200;

/** Whether a request asks for an item. A list that is missing or empty asks for everything. */
export function isWanted(parameters: Parameters, name: string, item: string | undefined): boolean {
  const wanted = list<string | undefined>(parameters, name);
  return wanted.length === 0 || wanted.includes(item);
}

export function flag(parameters: Parameters, name: string): boolean {
  return parameters[name] === true;
}

function parameterValues(parameters: Parameters, stack: Stack | undefined): Record<string, string> {
  const values = list(parameters, 'Parameters').map(({ ParameterKey, ParameterValue, UsePreviousValue }) => {
    const name = String(ParameterKey);
    const value = UsePreviousValue ? stack?.template?.parameters[name] : ParameterValue;
    const refuse = (what: string) =>
      invalid(`Invalid input for parameter key ${name}. Cannot specify usePreviousValue as true ${what}`);
    if (UsePreviousValue && ParameterValue) {
      throw refuse('and non empty value for a parameter');
    }
    if (value === undefined) {
      throw refuse('for a parameter key not in the previous template');
    }
    return [name, String(value)];
  });
  return Object.fromEntries(values);
}
