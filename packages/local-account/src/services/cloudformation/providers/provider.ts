import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { ApiError, found } from '../../../gateway/errors';
import { readInput } from '../../../gateway/input';
import { query } from '../../../gateway/protocols/query';
import type { AccountWith, Output, Parameters, Service } from '../../../gateway/service';
import { uniqueId } from '../../../ids';
import type { Stores } from '../../../stores';
import type { Session } from '../../sts/store';
import type { Model, Tags } from '../handlers/schema';

/** A resource as its provider knows it. */
export interface Existing {
  readonly physicalId: string;
  /** What `Fn::GetAtt` gives. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** As the template has them, resolved. */
  readonly properties: Model;
}

/** The stack and the logical ID of a resource. */
export interface Place {
  readonly stackName: string;
  readonly stackId: string;
  readonly logicalId: string;
  /** The tags of the stack, which handlers also get; before and after an update. */
  readonly stackTags: Tags;
  readonly previousStackTags: Tags;
}

/** What nested stacks have of the stack that they are in. */
interface Inherited {
  readonly roleArn?: string | undefined;
  readonly capabilities: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

/** A change of a resource: where, and whose permissions apply. */
export interface Task extends Place {
  readonly caller: Session;
  readonly stack: Inherited;
  /** Aborted when the stack's operation is canceled. */
  readonly signal: AbortSignal;
}

/** What CloudFormation does with the resources of one type. */
export interface Provider {
  /** @param initiated To be called with the physical ID as soon as it is known. @throws ResourceFailure, ApiError */
  create(properties: Model, task: Task, initiated: (physicalId: string) => void): Promise<Existing>;
  /** @throws ResourceFailure, ApiError */
  update(current: Existing, properties: Model, task: Task): Promise<Existing>;
  /** A resource that does not exist counts as deleted. @throws ResourceFailure, ApiError */
  delete(current: Existing, task: Task): Promise<void>;
  /** The properties whose change requires a new resource. */
  readonly createOnly: readonly string[];
  /** Whether a change of the stack's tags is an update of the resource. */
  readonly isTaggable?: boolean;
  /** Reads a resource, for drift and import; missing if the local account supports neither for the type. */
  readonly read?: (
    identifier: string | Model,
    place: Place,
  ) => Promise<Omit<Existing, 'properties'> | undefined>;
  /** The names of the primary identifier's properties, for import. */
  readonly identifiers?: readonly string[] | undefined;
  /** Only of nested stacks, which are updated with every update: their templates can have changed. */
  readonly nested?: {
    /** Lets an updated stack clean up, after the whole update has succeeded. */
    finish(updated: Existing): Promise<void>;
    /** Takes an update back, if there was one. @throws ResourceFailure */
    undo(before: Existing): Promise<Existing>;
    /** Whether a create or an update would change anything, for a change set. @throws ApiError for what it refuses. */
    preview(properties: Model, task: Task, current: Existing | undefined): Promise<boolean>;
  };
}

/** A resource could not be created, changed or deleted. */
export class ResourceFailure extends Error {
  constructor(
    message: string,
    readonly errorCode: string,
    /** What a failed creation might have left behind; the rollback deletes it. */
    readonly leftBehind?: Existing,
  ) {
    super(message);
  }
}

/** The failure for a property that a type requires (recorded: localstack, test_invalid_stack_deploy). */
export function missingProperty(name: string): ResourceFailure {
  const message = `Property validation failure: [The property {/${name}} is required]`;
  return new ResourceFailure(message, 'InvalidRequest');
}

/** A failure in the words of CloudFormation's events. */
export function handlerFailure(
  message: string,
  errorCode: string,
  requestToken: string,
  leftBehind?: Existing,
): ResourceFailure {
  const about = `RequestToken: ${requestToken}, HandlerErrorCode: ${errorCode}`;
  const text = `Resource handler returned message: "${message}" (${about})`;
  return new ResourceFailure(text, errorCode, leftBehind);
}

export type ServiceCall = readonly [operation: string, parameters: Parameters];

/** Handlers' error codes for the codes of services (events in aws-cdk issue 27067 and in re:Post); others have none. */
const HANDLER_ERROR_CODES: Readonly<Record<string, string>> = {
  AccessDenied: 'AccessDenied',
  EntityAlreadyExists: 'AlreadyExists',
  LimitExceeded: 'ServiceLimitExceeded',
  MalformedPolicyDocument: 'InvalidRequest',
  NoSuchBucket: 'NotFound',
  NoSuchEntity: 'NotFound',
  ValidationError: 'InvalidRequest',
};

/**
 * Calls a service as CloudFormation does for the types of AWS: with the permissions of the caller or of the service
 * role. Documents are sent as text.
 *
 * @throws ResourceFailure with the service's error.
 */
export async function callAs(
  account: AccountWith<keyof Stores>,
  service: Service,
  { caller, stackId }: Task,
  [operation, given]: ServiceCall,
): Promise<NonNullable<Output>> {
  const { name, operations } = service;
  const perform = found(operations[operation], new Error(`${name} has no operation ${operation}`));
  const textOf = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : value);
  const members = Object.entries(given).map(([member, value]) => [
    member,
    member.endsWith('Document') ? textOf(value) : value,
  ]);
  const region = String(stackId.split(':')[3]);
  try {
    const parameters = readInput(service, operation, Object.fromEntries(members), query.notation);
    return (await perform({ operation, region, parameters, caller }, account)) ?? {};
  } catch (error) {
    if (error instanceof ApiError) {
      const title = name.charAt(0).toUpperCase() + name.slice(1);
      const about = `Service: ${title}, Status Code: ${error.status}, Request ID: ${randomUUID()}`;
      const errorCode = HANDLER_ERROR_CODES[error.code] ?? 'GeneralServiceException';
      throw handlerFailure(`${error.message} (${about})`, errorCode, randomUUID());
    }
    throw error;
  }
}

/** Waits for the removal of something that might not exist. @throws ResourceFailure, except NotFound */
export async function ifExists(removal: Promise<unknown>): Promise<void> {
  const failure = await failureOf(removal);
  if (failure && failure.errorCode !== 'NotFound') {
    throw failure;
  }
}

/** Waits for a change. @returns Why it failed; nothing if it succeeded. @throws What {@link asFailure} throws. */
export function failureOf(change: Promise<unknown>): Promise<ResourceFailure | undefined> {
  return change.then(() => undefined, asFailure);
}

/** What a failed operation reports. @throws Any other error, which is the local account's own. */
export function asFailure(error: unknown): ResourceFailure {
  if (error instanceof ApiError) {
    return new ResourceFailure(error.message, error.code);
  }
  if (error instanceof ResourceFailure) {
    return error;
  }
  throw error;
}

/** The names of the properties that differ. */
export function differences(before: Model, after: Model): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !isDeepStrictEqual(before[name], after[name]));
}

/** Whether a change requires a new resource. */
export function isReplaced(provider: Provider, before: Model, after: Model): boolean {
  const changed = differences(before, after);
  return provider.createOnly.some((name) => changed.includes(name));
}

/** `<stack>-<logical ID>-<random>`: the name that CloudFormation generates, of at most `most` characters. */
export function generatedName({ stackName, logicalId }: Place, most = 64): string {
  return `${`${stackName}-${logicalId}`.slice(0, most - 13)}-${uniqueId('', 12)}`;
}
