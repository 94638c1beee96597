import { createHash } from 'node:crypto';
import { type Credentials, parseCredentials } from '../calls/credentials';
import { InvalidRequest } from '../errors/handler-error';
import { type Fields, fieldsOf, optionalFieldsOf, textIn, textLike } from './fields';
import type { RequestTags, Tags } from './tags';

/** CloudFormation's five actions. */
export type Action = 'CREATE' | 'READ' | 'UPDATE' | 'DELETE' | 'LIST';

/** A request of CloudFormation's protocol 2.0.0: everything but what its properties mean. */
export interface Envelope {
  readonly action: Action;
  /** Twelve digits. */
  readonly accountId: string;
  readonly region: string;
  readonly resourceType: string;
  readonly stackId: string | undefined;
  readonly logicalResourceId: string | undefined;
  /** The execution role's; missing if the type was registered without one. */
  readonly callerCredentials: Credentials | undefined;
  /** The logging role's; missing if the type was registered without logging. */
  readonly providerCredentials: Credentials | undefined;
  readonly providerLogGroupName: string | undefined;
  /** As the template has them. */
  readonly properties: Fields;
  /** The properties before an update. */
  readonly previousProperties: Fields;
  readonly tags: RequestTags;
  /** The tags before an update. */
  readonly previousTags: RequestTags;
  /** As the account has configured the type; empty if it has not. */
  readonly typeConfiguration: Fields;
  /**
   * The same for all invocations of one operation, another for every other operation, and no secret: 32 hexadecimal
   * digits. Missing if the request has no token.
   */
  readonly idempotencyKey: string | undefined;
  /** Not parsed; `parseCallbackContext` does. */
  readonly callbackContext: unknown;
  readonly nextToken: string | undefined;
}

const ACTIONS: ReadonlySet<string> = new Set<Action>(['CREATE', 'READ', 'UPDATE', 'DELETE', 'LIST']);

/** Regions become part of host names, so nothing else is accepted. */
const REGION = /^[a-z]{2,8}(-[a-z]{2,20}){1,3}-\d{1,2}$/;
const ACCOUNT_ID = /^\d{12}$/;

/**
 * Reads a request.
 *
 * @param typeName The resource type, if the request does not name it.
 * @throws InvalidRequest naming the field that is missing or wrong.
 */
export function parseEnvelope(event: unknown, typeName: string): Envelope {
  const request = fieldsOf(event, 'The event');
  const data = fieldsOf(request.get('requestData'), 'requestData');
  const action = textIn(request, 'action');
  if (!isAction(action)) {
    throw new InvalidRequest('action must be one of CREATE, READ, UPDATE, DELETE and LIST.');
  }
  const properties = (name: string) => optionalFieldsOf(data.get(name), name);
  return {
    action,
    accountId: textLike(ACCOUNT_ID, request, 'awsAccountId'),
    region: textLike(REGION, request, 'region'),
    resourceType: textIn(request, 'resourceType') ?? typeName,
    stackId: textIn(request, 'stackId'),
    logicalResourceId: textIn(data, 'logicalResourceId'),
    // Malformed credentials count as missing: the error says that there are no valid ones.
    callerCredentials: parseCredentials(recordOf(data.get('callerCredentials'))),
    providerCredentials: parseCredentials(recordOf(data.get('providerCredentials'))),
    providerLogGroupName: textIn(data, 'providerLogGroupName'),
    properties: properties('resourceProperties'),
    previousProperties: action === 'UPDATE' ? properties('previousResourceProperties') : new Map(),
    tags: { stack: tagsIn(data, 'stackTags'), system: tagsIn(data, 'systemTags') },
    previousTags: { stack: tagsIn(data, 'previousStackTags'), system: tagsIn(data, 'previousSystemTags') },
    typeConfiguration: properties('typeConfiguration'),
    idempotencyKey: idempotencyKeyOf(textIn(request, 'bearerToken')),
    callbackContext: request.get('callbackContext'),
    nextToken: textIn(request, 'nextToken'),
  };
}

/** The tags of a field. @throws InvalidRequest */
function tagsIn(data: Fields, name: string): Tags {
  const tags = optionalFieldsOf(data.get(name), name);
  return Object.fromEntries([...tags.keys()].map((key) => [key, textIn(tags, key) ?? '']));
}

/** A digest, since the token itself allows its owner to report progress of the operation. */
function idempotencyKeyOf(bearerToken: string | undefined): string | undefined {
  return bearerToken && createHash('sha256').update(`idempotency ${bearerToken}`).digest('hex').slice(0, 32);
}

/** Every secret in an event, also of malformed credentials; empty if there is none. */
export function secretsIn(event: unknown): string[] {
  const request = recordOf(event);
  const data = recordOf(request.requestData);
  return [request.bearerToken, data.callerCredentials, data.providerCredentials].flatMap(textsOf);
}

/** The text that a value is, or the texts in its fields. */
function textsOf(value: unknown): string[] {
  const values: unknown[] = typeof value === 'object' && value !== null ? Object.values(value) : [value];
  return values.filter((it) => typeof it === 'string');
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isAction(value: string | undefined): value is Action {
  return value !== undefined && ACTIONS.has(value);
}
