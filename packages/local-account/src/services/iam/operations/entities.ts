import { ApiError, found, invalid, memberName } from '../../../gateway/errors';
import { list, optionalString, page, requiredString } from '../../../gateway/parameters';
import type {
  AccountWith,
  ApiRequest,
  ConditionContext,
  Operation,
  Output,
  Parameters,
} from '../../../gateway/service';
import { resourceTags } from '../evaluation';
import {
  type Entity,
  type InstanceProfile,
  iamArn,
  KINDS,
  type Kind,
  type ManagedPolicy,
  newEntity,
  type Role,
} from '../store';

export type IamStores = 'roles' | 'users' | 'instanceProfiles';
export type Iam = AccountWith<IamStores>;
export type IamOperations = Record<string, Operation<IamStores>>;

/** What operations act on: its kind, how to find it, and IAM's message when it is missing. */
interface Target<T> {
  readonly kind: Kind;
  readonly find: (iam: Iam, nameOrArn: string) => T | undefined;
  readonly missing: (nameOrArn: string) => string;
}

export const ROLE: Target<Role> = {
  kind: 'role',
  find: ({ roles }, name) => roles.get(name),
  missing: (name) => `The role with name ${name} cannot be found.`,
};

export const INSTANCE_PROFILE: Target<InstanceProfile> = {
  kind: 'instance-profile',
  find: ({ instanceProfiles }, name) => instanceProfiles.get(name),
  missing: (name) => `Instance Profile ${name} cannot be found.`,
};

/** Found by its ARN. */
export const POLICY: Target<ManagedPolicy> = {
  kind: 'policy',
  find: ({ roles }, arn) => roles.managedPolicies.get(arn),
  missing: (arn) => `Policy ${arn} was not found.`,
};

type Subject = Pick<Entity, 'arn'> & Partial<Pick<Role, 'tags' | 'permissionsBoundary'>>;
type Act<T> = (existing: T, request: ApiRequest, iam: Iam) => Output | Promise<Output>;

/**
 * An operation on an existing entity. The caller's policies come first, so that a caller without permission does
 * not learn whether it exists. Only AWS changes service-linked roles and its own policies.
 */
export function operationOn<T extends Subject>(target: Target<T>, act: Act<T>): Operation<IamStores> {
  return async (request, iam) => {
    const { operation, parameters } = request;
    const { kind } = target;
    const name = kind === 'policy' ? requiredString(parameters, 'PolicyArn') : nameOf(parameters, kind);
    const noun = kind.replace('-', ' ');
    const entity = target.find(iam, name);
    await iam.authorize(request, {
      action: `iam:${operation}`,
      resource: entity?.arn ?? (kind === 'policy' ? name : iamArn(iam.accountId, kind, name)),
      resourceName: `${noun} ${name}`,
      context: { ...resourceTags(entity?.tags), ...requestContext(parameters, entity?.permissionsBoundary) },
    });
    const existing = found(entity, missing(target, name));
    const isProtected = /::aws:policy\/|:role\/aws-service-role\//.test(existing.arn);
    if (isProtected && !/^(Get|List|Tag|Untag)/.test(operation)) {
      const what = `Cannot perform the operation on the protected ${noun} '${name}'`;
      throw new ApiError('UnmodifiableEntity', `${what} - this ${noun} is only modifiable by AWS`);
    }
    return act(existing, request, iam);
  };
}

export function missing<T>(target: Target<T>, nameOrArn: string): ApiError {
  return new ApiError('NoSuchEntity', target.missing(nameOrArn));
}

/**
 * The ARN of a managed policy that a role can have (localstack/localstack, test_role_attach_policy).
 *
 * @param what What the message calls it.
 * @throws ApiError NoSuchEntity
 */
export function attachablePolicy({ roles }: Iam, arn: string, what = 'Policy'): string {
  if (!roles.managedPolicies.has(arn)) {
    throw new ApiError('NoSuchEntity', `${what} ${arn} does not exist or is not attachable.`);
  }
  return arn;
}

/** The entity that a request creates, if the caller may create it. @throws ApiError AccessDenied, ValidationError */
export async function toCreate(request: ApiRequest, iam: Iam, kind: Kind): Promise<Entity> {
  const { operation, parameters } = request;
  const entity = newEntity(iam.accountId, kind, nameOf(parameters, kind), pathOf(parameters));
  const context = requestContext(parameters);
  await iam.authorize(request, { action: `iam:${operation}`, resource: entity.arn, context });
  return entity;
}

/** The members that every entity has in answers. */
export function entityMembers(kind: Kind, { path, name, id, arn, createDate }: Entity) {
  const { noun } = KINDS[kind];
  return { Path: path, [`${noun}Name`]: name, [`${noun}Id`]: id, Arn: arn, CreateDate: createDate };
}

/** The name of an entity of this kind in a request. @throws ApiError ValidationError */
export function nameOf(parameters: Parameters, kind: Kind): string {
  const member = `${KINDS[kind].noun}Name`;
  const rule = 'It must contain only alphanumeric characters and/or the following: +=,.@_-';
  return checked(memberName(member), requiredString(parameters, member), /^[\w+=,.@-]+$/, rule);
}

function pathOf(parameters: Parameters): string {
  const rule = 'It must begin and end with / and contain only alphanumeric characters and/or / characters.';
  return checked('path', optionalString(parameters, 'Path') ?? '/', /^\/([!-~]+\/)?$/, rule);
}

function checked(member: string, value: string, pattern: RegExp, rule: string): string {
  if (!pattern.test(value)) {
    throw invalid(`The specified value for ${member} is invalid. ${rule}`);
  }
  return value;
}

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** The condition keys of a request. @param boundary The permissions boundary of the role that it concerns. */
export function requestContext(parameters: Parameters, boundary?: string): ConditionContext {
  const tags = list<Tag>(parameters, 'Tags');
  const tagKeys = [...tags.map(({ Key }) => Key), ...list<string>(parameters, 'TagKeys')];
  const policyArn = optionalString(parameters, 'PolicyArn');
  const boundaryArn = optionalString(parameters, 'PermissionsBoundary') ?? boundary;
  return {
    ...Object.fromEntries(tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value])),
    ...(tagKeys.length > 0 && { 'aws:TagKeys': tagKeys }),
    ...(policyArn !== undefined && { 'iam:PolicyARN': policyArn }),
    ...(boundaryArn !== undefined && { 'iam:PermissionsBoundary': boundaryArn }),
  };
}

/** A page of one of IAM's lists, which are sorted by name. @throws ApiError ValidationError as {@link page} */
export function markedPage<Item>(
  parameters: Parameters,
  member: string,
  items: readonly Item[],
  describe?: (item: Item) => unknown,
): Output {
  const size = { name: 'MaxItems', default: 100, token: 'Marker' };
  const output = page(parameters, member, items, size, describe);
  return { ...output, IsTruncated: 'Marker' in output };
}
