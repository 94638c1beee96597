import type { MetricDatum } from './cloudwatch';
import type { Logs } from './logs-store';
import type { PolicyEngine } from './policies';
import type { Roles } from './roles';
import type { Session, Sessions } from './sessions';
import type { Settings } from './settings';
import type { Output, Parameters } from './wire';

/** What the services of one account share. */
export interface AccountState {
  readonly accountId: string;
  readonly partition: 'aws';
  readonly roles: Roles;
  readonly settings: Settings;
  readonly sessions: Sessions;
  readonly logs: Logs;
  readonly metrics: MetricDatum[];
  readonly policies: PolicyEngine;
}

/** Who calls, in the forms that policies, settings and messages need. */
export interface Caller {
  readonly session: Session;
  /** The session's own ARN (`arn:aws:sts::…:assumed-role/X/Y`) or the user's. */
  readonly arn: string;
  /** The role's ARN, path included, or the user's: what settings belong to. */
  readonly principalArn: string;
  /** `aws:userid`: the role's ID and the session's name, or the user's ID. */
  readonly userId: string;
}

/** One call of an operation, decoded and with its caller known. */
export interface ApiRequest {
  readonly operation: string;
  readonly region: string;
  readonly parameters: Parameters;
  readonly caller: Caller;
}

/** One operation of a service: authorises, acts, answers. Throws ApiError for every error answer. */
export type Operation = (request: ApiRequest, account: AccountState) => Output | Promise<Output>;

/** The operations of a service by their API names. */
export type Service = Readonly<Record<string, Operation>>;

/** The caller behind a session. */
export function callerOf(session: Session, account: Pick<AccountState, 'accountId' | 'partition'>): Caller {
  const { identity } = session;
  if (identity.kind === 'user') {
    const { arn, userId } = identity.user;
    return { session, arn, principalArn: arn, userId };
  }
  const { role, sessionName } = identity;
  return {
    session,
    arn: `arn:${account.partition}:sts::${account.accountId}:assumed-role/${role.roleName}/${sessionName}`,
    principalArn: role.arn,
    userId: `${role.roleId}:${sessionName}`,
  };
}
