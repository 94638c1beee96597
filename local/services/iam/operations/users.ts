import { ApiError } from '../../../gateway/errors';
import { optionalString } from '../../../gateway/parameters';
import type { Operation } from '../../../gateway/service';
import type { Iam } from './on-role';

/** `GetUser`, by default of the caller (IAM API reference). */
export function userOperations({
  identity: { partition, accountId },
  users,
  authorize,
}: Iam): Record<string, Operation> {
  return {
    async GetUser(request) {
      const { identity } = request.caller;
      const own = identity.kind === 'user' ? identity.user.userName : undefined;
      const userName = optionalString(request.parameters, 'UserName') ?? own;
      if (userName === undefined) {
        throw new ApiError('ValidationError', 'Must specify userName when calling with non-User credentials');
      }
      const resource = `arn:${partition}:iam::${accountId}:user/${userName}`;
      await authorize(request, { action: 'iam:GetUser', resource, resourceName: `user ${userName}` });
      const user = users.get(userName);
      if (!user) {
        throw new ApiError('NoSuchEntity', `The user with name ${userName} cannot be found.`, 404);
      }
      const { userId, arn, createDate } = user;
      return { User: { Path: '/', UserName: userName, UserId: userId, Arn: arn, CreateDate: createDate } };
    },
  };
}
