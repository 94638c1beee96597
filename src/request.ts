import type { Trunking } from './account-setting';
import type { Credentials } from './aws';
import { type CallbackContext, parseCallbackContext } from './callback-context';
import { InvalidRequest, NotUpdatable } from './errors';
import { ResourceModel } from './models';
import { isServiceLinked, parseRoleArn, quote, type RoleArn } from './role-arn';

/** CloudFormation's five actions. */
export type Action = 'CREATE' | 'READ' | 'UPDATE' | 'DELETE' | 'LIST';

/** What each action is asked to do. */
export type Input =
  | { readonly action: 'CREATE' | 'UPDATE'; readonly desired: Desired; readonly context: CallbackContext }
  | { readonly action: 'DELETE'; readonly role: RoleArn; readonly context: CallbackContext }
  | { readonly action: 'READ'; readonly role: RoleArn }
  | { readonly action: 'LIST'; readonly filter: Filter | 'nothing'; readonly nextToken: string | undefined };

/** The resource as the template has it, defaults included. */
export interface Desired {
  readonly role: RoleArn;
  readonly trunking: Trunking;
}

/** Properties that listed resources must have, all of them. */
export interface Filter {
  readonly role: RoleArn | undefined;
  readonly trunking: Trunking | undefined;
}

/** The one role that is asked about; none where a list is for the whole account. */
export function roleOf(input: Input): RoleArn | undefined {
  switch (input.action) {
    case 'CREATE':
    case 'UPDATE':
      return input.desired.role;
    case 'READ':
    case 'DELETE':
      return input.role;
    case 'LIST':
      return input.filter === 'nothing' ? undefined : input.filter.role;
  }
}

/** Everything around the {@link Input} that an invocation needs. */
export interface Envelope {
  readonly action: Action;
  readonly accountId: string;
  readonly region: string;
  readonly resourceType: string;
  readonly stackId: string | undefined;
  readonly logicalResourceId: string | undefined;
  /** The execution role's; missing where the type was registered without one. */
  readonly callerCredentials: Credentials | undefined;
  /** The logging role's; missing where the type was registered without logging. */
  readonly providerCredentials: Credentials | undefined;
  readonly providerLogGroupName: string | undefined;
  /** What the operation is about, as it came. */
  readonly raw: RawInput;
  /** Every credential in the event, those included that cannot be used. */
  readonly secrets: readonly string[];
}

/** What {@link parseInput} reads. */
interface RawInput {
  readonly properties: unknown;
  readonly previousProperties: unknown;
  readonly callbackContext: unknown;
  readonly nextToken: string | undefined;
}

const ACTIONS: ReadonlySet<string> = new Set<Action>(['CREATE', 'READ', 'UPDATE', 'DELETE', 'LIST']);
const PROPERTIES: ReadonlySet<string> = new Set(['RoleArn', 'Trunking']);

/** Regions become part of host names, so nothing else passes. */
const REGION = /^[a-z]{2,8}(-[a-z]{2,20}){1,3}-\d{1,2}$/;
const ACCOUNT_ID = /^\d{12}$/;
/** What may stand in an HTTP header; that is where credentials go. */
const CREDENTIAL = /^[!-~]{1,16384}$/;
const LONGEST_TEXT = 2048;

/**
 * Reads what surrounds the request (CloudFormation's protocol, version 2.0.0).
 *
 * @throws InvalidRequest naming the field that is missing or wrong.
 */
export function parseEnvelope(event: unknown): Envelope {
  const request = recordOf(event, 'The event');
  const data = recordOf(request.get('requestData'), 'requestData');
  const action = textIn(request, 'action');
  if (!isAction(action)) {
    throw new InvalidRequest('action must be one of CREATE, READ, UPDATE, DELETE and LIST.');
  }
  const callerCredentials = data.get('callerCredentials');
  const providerCredentials = data.get('providerCredentials');
  return {
    action,
    accountId: textLike(ACCOUNT_ID, request, 'awsAccountId'),
    region: textLike(REGION, request, 'region'),
    resourceType: textIn(request, 'resourceType') ?? ResourceModel.TYPE_NAME,
    stackId: textIn(request, 'stackId'),
    logicalResourceId: textIn(data, 'logicalResourceId'),
    callerCredentials: credentialsOf(callerCredentials),
    providerCredentials: credentialsOf(providerCredentials),
    providerLogGroupName: textIn(data, 'providerLogGroupName'),
    raw: {
      properties: data.get('resourceProperties'),
      previousProperties: data.get('previousResourceProperties'),
      callbackContext: request.get('callbackContext'),
      nextToken: textIn(request, 'nextToken'),
    },
    secrets: [request.get('bearerToken'), callerCredentials, providerCredentials].flatMap(textsOf),
  };
}

/**
 * Reads what the request asks for. Properties that the schema does not have are refused where they ask for
 * something, and ignored where a newer version of the type can have written them: so a stack can go back to an
 * older version.
 *
 * @throws InvalidRequest naming the property that is missing or wrong.
 * @throws NotUpdatable where an update names another role.
 */
export function parseInput({ action, accountId, raw }: Envelope): Input {
  const properties = fieldsOf(raw.properties, 'resourceProperties');
  const given = () => parseRoleArn(properties.get('RoleArn'));
  const context = () => parseCallbackContext(raw.callbackContext);
  switch (action) {
    case 'CREATE':
      return { action, desired: desiredOf(properties, accountId), context: context() };
    case 'UPDATE':
      checkSameRole(given(), fieldsOf(raw.previousProperties, 'previousResourceProperties'));
      return { action, desired: desiredOf(properties, accountId), context: context() };
    case 'DELETE':
      return { action, role: manageable(given(), accountId), context: context() };
    case 'READ':
      return { action, role: manageable(given(), accountId) };
    case 'LIST':
      return { action, filter: filterOf(properties, accountId), nextToken: raw.nextToken };
  }
}

/** @throws NotUpdatable */
function checkSameRole({ arn }: RoleArn, previousProperties: Fields): void {
  const previous = previousProperties.get('RoleArn');
  if (isPresent(previous) && previous !== arn) {
    throw new NotUpdatable(quote(previous), arn);
  }
}

/**
 * A role whose setting can be managed from here. Roles of other accounts are theirs to declare: neither IAM nor
 * list would find them. A service-linked role can be assumed by its service only.
 *
 * @throws InvalidRequest
 */
function manageable(role: RoleArn, accountId: string): RoleArn {
  if (role.accountId !== accountId) {
    throw new InvalidRequest(
      `${role.arn} is a role of account ${role.accountId}, but this stack is in ${accountId}. ` +
        'Declare the resource in a stack of the account that the role belongs to.',
    );
  }
  if (isServiceLinked(role.arn)) {
    throw new InvalidRequest(
      `${role.arn} is a service-linked role, which only its service can assume. Give the role of the container instances.`,
    );
  }
  return role;
}

/** A role that cannot have a setting of ours is a filter that nothing passes. */
function filterOf(properties: Fields, accountId: string): Filter | 'nothing' {
  refuseUnknown(properties);
  const trunking = trunkingIn(properties);
  if (!isPresent(properties.get('RoleArn'))) {
    return { role: undefined, trunking };
  }
  const role = parseRoleArn(properties.get('RoleArn'));
  return role.accountId === accountId && !isServiceLinked(role.arn) ? { role, trunking } : 'nothing';
}

function desiredOf(properties: Fields, accountId: string): Desired {
  refuseUnknown(properties);
  const role = manageable(parseRoleArn(properties.get('RoleArn')), accountId);
  return { role, trunking: trunkingIn(properties) ?? 'enabled' };
}

function trunkingIn(properties: Fields): Trunking | undefined {
  const value = properties.get('Trunking') ?? undefined;
  if (value === undefined || value === 'enabled' || value === 'disabled') {
    return value;
  }
  throw new InvalidRequest('Trunking must be enabled or disabled.');
}

/** CloudFormation leaves properties out where there are none, as in a list. */
function fieldsOf(value: unknown, name: string): Fields {
  return isPresent(value) ? recordOf(value, name) : new Map<string, unknown>();
}

function refuseUnknown(properties: Fields): void {
  if ([...properties.keys()].some((property) => !PROPERTIES.has(property))) {
    throw new InvalidRequest('resourceProperties can contain RoleArn and Trunking only.');
  }
}

/** Credentials that cannot be used are none: what needs them says so. */
function credentialsOf(value: unknown): Credentials | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const { accessKeyId, secretAccessKey, sessionToken } = value as Record<string, unknown>;
  return isCredential(accessKeyId) && isCredential(secretAccessKey) && isCredential(sessionToken)
    ? { accessKeyId, secretAccessKey, sessionToken }
    : undefined;
}

/** The text that a value is, or those that are in its fields. */
function textsOf(value: unknown): string[] {
  const values: unknown[] = typeof value === 'object' && value !== null ? Object.values(value) : [value];
  return values.filter((it) => typeof it === 'string');
}

/** An object's own fields. In a map, a key such as `__proto__` is one like any other. */
type Fields = ReadonlyMap<string, unknown>;

function recordOf(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidRequest(`${name} must be an object.`);
  }
  return new Map(Object.entries(value));
}

function textIn(fields: Fields, name: string): string | undefined {
  const value = fields.get(name) ?? undefined;
  if (value !== undefined && (typeof value !== 'string' || value.length > LONGEST_TEXT)) {
    throw new InvalidRequest(`${name} must be a string of at most ${LONGEST_TEXT} characters.`);
  }
  return value;
}

function textLike(pattern: RegExp, fields: Fields, name: string): string {
  const value = fields.get(name);
  if (typeof value !== 'string' || !pattern.test(value)) {
    throw new InvalidRequest(`${name} is missing or malformed.`);
  }
  return value;
}

function isAction(value: string | undefined): value is Action {
  return value !== undefined && ACTIONS.has(value);
}

function isCredential(value: unknown): value is string {
  return typeof value === 'string' && CREDENTIAL.test(value);
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}
