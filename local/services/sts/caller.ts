import type { AccountIdentity } from '../../account-identity';
import type { Caller } from '../../gateway/service';
import type { Session } from './store';

/** The caller behind a session. */
export function callerOf(session: Session, { accountId, partition }: AccountIdentity): Caller {
  const { identity } = session;
  if (identity.kind === 'user') {
    const { arn, id } = identity.user;
    return { session, arn, principalArn: arn, userId: id };
  }
  const { role, sessionName } = identity;
  return {
    session,
    arn: `arn:${partition}:sts::${accountId}:assumed-role/${role.roleName}/${sessionName}`,
    principalArn: role.arn,
    userId: `${role.roleId}:${sessionName}`,
  };
}
