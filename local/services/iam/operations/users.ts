import { ApiError } from '../../../gateway/errors';
import type { Operation } from '../../../gateway/service';
import { type IamStores, operationOn, USER } from './entities';

const getUser = operationOn(USER, ({ name, id, arn, path, createDate }) => ({
  User: { Path: path, UserName: name, UserId: id, Arn: arn, CreateDate: createDate },
}));

/** `GetUser`, by default of the caller (IAM API reference). */
export const userOperations: Record<string, Operation<IamStores>> = {
  GetUser(request, iam) {
    const { identity } = request.caller;
    const own = identity.kind === 'user' ? identity.user.name : undefined;
    const UserName = request.parameters.UserName ?? own;
    if (UserName === undefined) {
      throw new ApiError('ValidationError', 'Must specify userName when calling with non-User credentials');
    }
    return getUser({ ...request, parameters: { UserName } }, iam);
  },
};
