import { ApiError, invalid, unsatisfied } from '../../gateway/errors';
import type { Stores } from '../../stores';
import { trustsService } from '../iam/evaluation/authorize';
import type { Role } from '../iam/store/entities';
import type { Credentials } from './store';

/** How an AWS service identifies itself when it assumes a role. */
export interface ServiceCaller {
  /** Defaults to the first label of the service's name. */
  sessionName?: string;
  /** `aws:SourceArn` and `aws:SourceAccount`. */
  sourceArn?: string;
  sourceAccount?: string;
  /** Defaults to the role's maximum. */
  durationSeconds?: number;
}

/**
 * Assumes a role as an AWS service does, by the role's trust policy alone.
 *
 * @throws ApiError AccessDenied if the role does not exist or does not trust the service.
 * @throws ApiError ValidationError if the session would be longer than the role allows.
 */
export async function assumeAsService(
  sources: Pick<Stores, 'accountId' | 'roles' | 'sessions'>,
  service: string,
  roleArn: string,
  caller: ServiceCaller,
): Promise<Credentials> {
  const { sessionName = service.split('.')[0] ?? service, sourceArn, sourceAccount } = caller;
  // A name that STS does not accept.
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
    throw unsatisfied('roleSessionName', sessionName, 'satisfy regular expression pattern: [\\w+=,.@-]*');
  }
  const role = sources.roles.byArn(roleArn);
  const context = {
    'sts:RoleSessionName': sessionName,
    ...(sourceArn !== undefined && { 'aws:SourceArn': sourceArn }),
    ...(sourceAccount !== undefined && { 'aws:SourceAccount': sourceAccount }),
  };
  if (!role || !(await trustsService(sources, role, service, context))) {
    const message = `${service} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
    throw new ApiError('AccessDenied', message);
  }
  const { durationSeconds = role.maxSessionDuration } = caller;
  checkDuration(durationSeconds, role);
  return sources.sessions.issue({ kind: 'role', role, sessionName }, durationSeconds).credentials;
}

/** @throws ApiError ValidationError for a session that would be longer than its role allows, in seconds. */
export function checkDuration(durationSeconds: number, { maxSessionDuration }: Role): void {
  if (durationSeconds > maxSessionDuration) {
    throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
}
