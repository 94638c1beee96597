import type { Service } from '../../gateway/service';
import { assumeRole, getSessionToken, type StsState } from './operations';

/** AWS STS (STS API reference). */
export function stsService(state: StsState): Service {
  const { accountId } = state.identity;
  return {
    name: 'sts',
    actionPrefix: 'sts',
    operations: {
      AssumeRole: (request) => assumeRole(request, state),
      GetCallerIdentity: ({ caller }) => ({ UserId: caller.userId, Account: accountId, Arn: caller.arn }),
      GetSessionToken: (request) => getSessionToken(request, state),
    },
  };
}
