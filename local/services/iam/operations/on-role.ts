import type { AccountIdentity } from '../../../account-identity';
import { ApiError } from '../../../gateway/errors';
import type {
  ApiRequest,
  Authorize,
  ConditionContext,
  Operation,
  Output,
  Parameters,
} from '../../../gateway/service';
import { resourceTags } from '../evaluation/authorize';
import type { InstanceProfiles } from '../store/instance-profiles';
import type { Role, Roles } from '../store/roles';
import type { Users } from '../store/users';
import { nameOf } from './names';

/** What IAM works with. */
export interface Iam {
  readonly identity: AccountIdentity;
  readonly roles: Roles;
  readonly users: Users;
  readonly instanceProfiles: InstanceProfiles;
  readonly authorize: Authorize;
}

/** What to do with a role that exists; it may return an answer. */
type RoleOperation = (role: Role, request: ApiRequest) => Output | undefined;

/** How an operation on a role is authorized. */
interface RoleAccess {
  /** Whether the operation changes what only the service can change in a service-linked role. */
  readonly changes?: boolean;
  readonly context?: (parameters: Parameters) => ConditionContext;
}

/**
 * An operation on the role of the parameter `RoleName`. The caller's policies come first, so that a caller without
 * permission does not learn whether the role exists.
 */
export function onRole(iam: Iam, act: RoleOperation, { changes, context }: RoleAccess = {}): Operation {
  return async (request) => {
    const { operation, parameters } = request;
    const roleName = nameOf(parameters, 'RoleName', 64);
    const found = iam.roles.get(roleName);
    await iam.authorize(request, {
      action: `iam:${operation}`,
      resource: found?.arn ?? `arn:${iam.identity.partition}:iam::${iam.identity.accountId}:role/${roleName}`,
      resourceName: `role ${roleName}`,
      context: { ...(found && resourceTags(found)), ...context?.(parameters) },
    });
    const role = existing(found, roleName);
    if (changes && role.path.startsWith('/aws-service-role/')) {
      throw new ApiError(
        'UnmodifiableEntity',
        `Cannot perform the operation on the protected role '${roleName}' - this role is only modifiable by AWS`,
      );
    }
    return act(role, request);
  };
}

/** The role found under a name. @throws ApiError NoSuchEntity when there is none. */
export function existing(role: Role | undefined, roleName: string): Role {
  if (role) {
    return role;
  }
  throw new ApiError('NoSuchEntity', `The role with name ${roleName} cannot be found.`, 404);
}
