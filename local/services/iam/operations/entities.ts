import type { AccountIdentity } from '../../../account-identity';
import { ApiError } from '../../../gateway/errors';
import { optionalString, requiredString } from '../../../gateway/parameters';
import type {
  ApiRequest,
  Authorize,
  ConditionContext,
  Operation,
  Output,
  Parameters,
} from '../../../gateway/service';
import { resourceTags } from '../evaluation/authorize';
import {
  type EntityKind,
  type InstanceProfile,
  iamArn,
  type ManagedPolicy,
  type User,
} from '../store/entities';
import type { Role, Roles } from '../store/roles';

/** What IAM works with. Users and instance profiles are kept by their names. */
export interface Iam {
  readonly identity: AccountIdentity;
  readonly roles: Roles;
  readonly users: ReadonlyMap<string, User>;
  readonly instanceProfiles: Map<string, InstanceProfile>;
  readonly authorize: Authorize;
}

/** How operations find what they act on. */
interface Target<T> {
  readonly kind: EntityKind;
  /** The name in the request, or the ARN. */
  readonly named: (parameters: Parameters) => string;
  readonly find: (iam: Iam, name: string) => T | undefined;
  /** IAM's words when there is none. */
  readonly missing: (name: string) => string;
}

export const ROLE: Target<Role> = {
  kind: 'role',
  named: (parameters) => nameOf(parameters, 'RoleName', 64),
  find: ({ roles }, name) => roles.get(name),
  missing: (name) => `The role with name ${name} cannot be found.`,
};

export const USER: Target<User> = {
  kind: 'user',
  named: (parameters) => nameOf(parameters, 'UserName', 64),
  find: ({ users }, name) => users.get(name),
  missing: (name) => `The user with name ${name} cannot be found.`,
};

export const INSTANCE_PROFILE: Target<InstanceProfile> = {
  kind: 'instance-profile',
  named: (parameters) => nameOf(parameters, 'InstanceProfileName', 128),
  find: ({ instanceProfiles }, name) => instanceProfiles.get(name),
  missing: (name) => `Instance Profile ${name} cannot be found.`,
};

export const POLICY: Target<ManagedPolicy> = {
  kind: 'policy',
  named: (parameters) => requiredString(parameters, 'PolicyArn'),
  find: ({ roles }, arn) => roles.managedPolicies.get(arn),
  missing: (arn) => `Policy ${arn} was not found.`,
};

/** How an operation is authorized. */
interface Access {
  /** Whether it changes what only AWS can change in a service-linked role or a policy of AWS's. */
  readonly changes?: boolean;
  readonly context?: (parameters: Parameters) => ConditionContext;
}

/**
 * An operation on something that exists. The caller's policies come first, so that a caller without permission does
 * not learn whether it exists.
 */
export function operationOn<T extends { arn: string; tags?: Role['tags'] }>(
  iam: Iam,
  target: Target<T>,
  act: (found: T, request: ApiRequest) => Output | Promise<Output>,
  { changes, context }: Access = {},
): Operation {
  return async (request) => {
    const { operation, parameters } = request;
    const name = target.named(parameters);
    const noun = target.kind.replace('-', ' ');
    const found = target.find(iam, name);
    await iam.authorize(request, {
      action: `iam:${operation}`,
      resource: found?.arn ?? (name.startsWith('arn:') ? name : iamArn(iam.identity, target.kind, name)),
      resourceName: `${noun} ${name}`,
      context: { ...resourceTags(found?.tags), ...context?.(parameters) },
    });
    if (!found) {
      throw missing(target, name);
    }
    if (changes && /::aws:policy\/|:role\/aws-service-role\//.test(found.arn)) {
      throw new ApiError(
        'UnmodifiableEntity',
        `Cannot perform the operation on the protected ${noun} '${name}' - this ${noun} is only modifiable by AWS`,
      );
    }
    return act(found, request);
  };
}

/** The error for something that does not exist. */
export function missing<T>(target: Target<T>, name: string): ApiError {
  return new ApiError('NoSuchEntity', target.missing(name), 404);
}

/** What is to be created. */
interface Creation {
  readonly kind: EntityKind;
  /** The parameter with its name, and the greatest length of the name. */
  readonly member: string;
  readonly max: number;
  /** A parameter that the local account does not know. */
  readonly unknown: string;
  readonly context?: ConditionContext;
}

/** Authorizes the creation of something under a name and a path. @throws ApiError AccessDenied, ValidationError */
export async function nameToCreate(
  iam: Iam,
  request: ApiRequest,
  { kind, member, max, unknown, context = {} }: Creation,
): Promise<{ name: string; path: string }> {
  const { operation, parameters } = request;
  if (parameters[unknown] !== undefined) {
    throw new ApiError('ValidationError', `The local account does not know ${unknown}`);
  }
  const name = nameOf(parameters, member, max);
  const path = pathOf(parameters);
  const resource = iamArn(iam.identity, kind, name, path);
  await iam.authorize(request, { action: `iam:${operation}`, resource, context });
  return { name, path };
}

/**
 * A required name of a role, policy, user or instance profile (IAM user guide, "IAM and AWS STS quotas").
 * @throws ApiError ValidationError
 */
export function nameOf(parameters: Parameters, member: string, max: number): string {
  const name = requiredString(parameters, member);
  const shown = member.charAt(0).toLowerCase() + member.slice(1);
  if (name.length > max) {
    throw new ApiError(
      'ValidationError',
      `1 validation error detected: Value '${name}' at '${shown}' failed to satisfy constraint: ` +
        `Member must have length less than or equal to ${max}`,
    );
  }
  if (/^[\w+=,.@-]+$/.test(name)) {
    return name;
  }
  throw new ApiError(
    'ValidationError',
    `The specified value for ${shown} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
  );
}

/** A path, which defaults to `/`. @throws ApiError ValidationError */
function pathOf(parameters: Parameters): string {
  const path = optionalString(parameters, 'Path') ?? '/';
  if (/^\/([!-~]+\/)?$/.test(path) && path.length <= 512) {
    return path;
  }
  throw new ApiError(
    'ValidationError',
    'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
  );
}
