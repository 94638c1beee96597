import { ApiError } from '../../../gateway/errors';
import { optionalString, requiredString } from '../../../gateway/parameters';
import type { ApiRequest, Parameters } from '../../../gateway/service';
import type { Region } from '../region';
import type { Stack, StackInput } from '../stacks/stack';
import { invalid } from '../template/document';

/** The stack that a request names, also one that is deleted by its ID. @throws ApiError ValidationError */
export function namedStack({ stacks }: Region, parameters: Parameters): Stack {
  return stacks.get(requiredString(parameters, 'StackName'));
}

/** The stack that a request names, if it is not deleted. @throws ApiError ValidationError */
export function liveStack({ stacks }: Region, parameters: Parameters): Stack {
  const name = requiredString(parameters, 'StackName');
  const stack = stacks.find(name);
  if (stack && stack.status !== 'DELETE_COMPLETE') {
    return stack;
  }
  throw invalid(`Stack [${name}] does not exist`);
}

/**
 * What CreateStack, UpdateStack and CreateChangeSet have in common.
 *
 * @param stack The stack that is there, for previous templates, parameters, tags and its service role.
 * @throws ApiError ValidationError
 */
export async function stackInput(
  region: Region,
  { parameters }: ApiRequest,
  stack: Stack | undefined,
): Promise<StackInput> {
  const roleArn = optionalString(parameters, 'RoleARN') ?? stack?.input.roleArn;
  await region.checkRole(roleArn);
  const tags = records(parameters, 'Tags').map(({ Key, Value }) => [String(Key), String(Value)]);
  return {
    template: templateText(region, parameters, stack),
    parameters: parameterValues(parameters, stack),
    tags: 'Tags' in parameters ? Object.fromEntries(tags) : (stack?.input.tags ?? {}),
    capabilities: strings(parameters, 'Capabilities'),
    roleArn,
    token: optionalString(parameters, 'ClientRequestToken'),
    onFailure: onFailure(parameters),
  };
}

/** The template that a request gives or refers to. @throws ApiError ValidationError */
export function templateText(region: Region, parameters: Parameters, stack?: Stack): string {
  const [body, url] = [optionalString(parameters, 'TemplateBody'), optionalString(parameters, 'TemplateURL')];
  if (flag(parameters, 'UsePreviousTemplate') && stack) {
    return stack.input.template;
  }
  if ((body === undefined) === (url === undefined)) {
    throw invalid('Either Template URL or Template Body must be specified.');
  }
  return body ?? region.templateAt(url ?? '');
}

/** What becomes of a stack when a resource fails. @throws ApiError ValidationError */
export function onFailure(parameters: Parameters): StackInput['onFailure'] {
  const value = optionalString(parameters, 'OnFailure') ?? optionalString(parameters, 'OnStackFailure');
  if (value !== undefined && 'DisableRollback' in parameters) {
    throw invalid('You must specify either DisableRollback or OnFailure, but not both');
  }
  if (value === 'DO_NOTHING' || value === 'DELETE') {
    return value;
  }
  return flag(parameters, 'DisableRollback') ? 'DO_NOTHING' : undefined;
}

/** A list of strings; an empty one when it is missing. */
export function strings(parameters: Parameters, name: string): string[] {
  return list(parameters, name).map(String);
}

/** Whether a request's list of what it wants has an item; one that is missing or empty wants everything. */
export function isWanted(parameters: Parameters, name: string, item: string | undefined): boolean {
  const wanted = strings(parameters, name);
  return wanted.length === 0 || wanted.some((it) => it === item);
}

/** A list of structures; an empty one when it is missing. */
export function records(parameters: Parameters, name: string): Parameters[] {
  return list(parameters, name).filter(
    (item): item is Parameters => typeof item === 'object' && item !== null,
  );
}

/** A Boolean, which the Query protocol sends as text. */
export function flag(parameters: Parameters, name: string): boolean {
  return String(parameters[name] ?? 'false') === 'true';
}

/** @throws ApiError ValidationError for members that the local account does not know, so that none is ignored. */
export function refuseMembers(parameters: Parameters, names: readonly string[]): void {
  const given = names.find((name) => parameters[name] !== undefined);
  if (given !== undefined) {
    throw new ApiError('ValidationError', `The local account does not know ${given}`);
  }
}

function parameterValues(parameters: Parameters, stack: Stack | undefined): Record<string, string> {
  const values = records(parameters, 'Parameters').map(
    ({ ParameterKey, ParameterValue, UsePreviousValue }) => {
      const name = String(ParameterKey);
      const previous = stack?.template?.parameters[name];
      const value = String(UsePreviousValue) === 'true' ? previous : ParameterValue;
      if (value === undefined) {
        throw invalid(
          `Invalid input for parameter key ${name}. Cannot specify usePreviousValue as true for a parameter key not in the previous template`,
        );
      }
      return [name, String(value)];
    },
  );
  return Object.fromEntries(values);
}

function list(parameters: Parameters, name: string): unknown[] {
  const value = parameters[name];
  return Array.isArray(value) ? value : [];
}
