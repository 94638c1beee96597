import { ApiError } from '../../gateway/errors';
import { requiredString } from '../../gateway/parameters';
import type { AccountIdentity, ApiRequest, Authorize, Operation, Output } from '../../gateway/service';
import { resourceTags } from './authorize';
import type { PolicyEngine } from './policies';
import type { Role, Roles } from './roles';

/** What IAM's operations work with. */
export interface IamState {
  readonly identity: AccountIdentity;
  readonly roles: Roles;
  readonly policies: PolicyEngine;
  readonly authorize: Authorize;
}

/** An operation on one role, which is found and authorized first. */
export type RoleOperation = (role: Role, request: ApiRequest, state: IamState) => Output | Promise<Output>;

/** @returns the operation, which throws `NoSuchEntity` where there is no such role, and `AccessDenied` before that. */
export function onRole(state: IamState, operation: RoleOperation): Operation {
  return async (request) => {
    const { identity, roles, authorize } = state;
    const roleName = requiredString(request.parameters, 'RoleName');
    const role = roles.get(roleName);
    await authorize(request, {
      action: `iam:${request.operation}`,
      resource: role?.arn ?? `arn:${identity.partition}:iam::${identity.accountId}:role/${roleName}`,
      context: role ? resourceTags(role) : {},
      resourceName: `role ${roleName}`,
    });
    if (!role) {
      throw new ApiError('NoSuchEntity', `The role with name ${roleName} cannot be found.`, 404);
    }
    return operation(role, request, state);
  };
}
