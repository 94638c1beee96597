import { ApiError } from '../../../gateway/errors';
import type { Operation } from '../../../gateway/service';
import { type Iam, operationOn, USER } from './entities';

/** `GetUser`, by default of the caller (IAM API reference). */
export function userOperations(iam: Iam): Record<string, Operation> {
  const getUser = operationOn(iam, USER, ({ name, id, arn, path, createDate }) => ({
    User: { Path: path, UserName: name, UserId: id, Arn: arn, CreateDate: createDate },
  }));
  return {
    GetUser(request) {
      const { identity } = request.caller.session;
      const own = identity.kind === 'user' ? identity.user.name : undefined;
      const UserName = request.parameters.UserName ?? own;
      if (UserName === undefined) {
        throw new ApiError('ValidationError', 'Must specify userName when calling with non-User credentials');
      }
      return getUser({ ...request, parameters: { UserName } });
    },
  };
}
