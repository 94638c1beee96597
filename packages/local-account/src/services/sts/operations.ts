import { ApiError, found, invalid, unsatisfied } from '../../gateway/errors';
import { optionalNumber, optionalString, requiredString } from '../../gateway/parameters';
import type { AccountWith, ApiRequest, Output, Parameters, Service } from '../../gateway/service';
import type { Stores } from '../../stores';
import { type PolicyDocument, readPolicy } from '../iam/documents';
import { resourceTags, trusts } from '../iam/evaluation';
import type { Role } from '../iam/store';
import model from './model.json';
import type { Credentials, Session } from './store';

type StsAccount = AccountWith<'roles' | 'sessions'>;

const CHAINING_LIMIT = 3600;

/** AWS STS (STS API reference). */
export const sts: Service<'roles' | 'sessions'> = {
  name: 'sts',
  model,
  operations: {
    AssumeRole: assumeRole,
    GetCallerIdentity: ({ caller: { userId, arn } }, { accountId }) => ({
      UserId: userId,
      Account: accountId,
      Arn: arn,
    }),
    GetSessionToken: getSessionToken,
  },
};

async function assumeRole(request: ApiRequest, account: StsAccount): Promise<Output> {
  const { parameters, caller } = request;
  const sessionName = requiredString(parameters, 'RoleSessionName');
  const duration = optionalNumber(parameters, 'DurationSeconds') ?? 3600;
  const sessionPolicy = readSessionPolicy(parameters);
  const role = await findRole(request, sessionName, account);
  checkDuration(duration, role);
  if (caller.identity.kind === 'role' && duration > CHAINING_LIMIT) {
    const limit = '1 hour session limit for roles assumed by role chaining';
    throw invalid(`The requested DurationSeconds exceeds the ${limit}`);
  }
  const session = account.sessions.issue({ kind: 'role', role, sessionName, sessionPolicy }, duration);
  return {
    Credentials: credentialsOf(session),
    AssumedRoleUser: { AssumedRoleId: session.userId, Arn: session.arn },
  };
}

function getSessionToken({ caller, parameters }: ApiRequest, { sessions }: StsAccount): Output {
  const { identity, issuedAt } = caller;
  if (identity.kind !== 'user' || issuedAt !== undefined) {
    throw new ApiError('AccessDenied', 'Cannot call GetSessionToken with session credentials');
  }
  const duration = optionalNumber(parameters, 'DurationSeconds') ?? 43_200;
  return { Credentials: credentialsOf(sessions.issue(identity, duration)) };
}

/** The role, if it trusts the caller. STS gives the same answer for a role that does not exist. */
async function findRole(request: ApiRequest, sessionName: string, { roles, authorize }: StsAccount) {
  const { parameters, caller } = request;
  const roleArn = requiredString(parameters, 'RoleArn');
  if (!/^arn:[^:]+:iam::\d{12}:role\/./.test(roleArn)) {
    throw invalid(`${roleArn} is invalid`);
  }
  const message = `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
  const role = found(roles.byArn(roleArn), new ApiError('AccessDenied', message));
  const externalId = optionalString(parameters, 'ExternalId');
  await authorize(request, {
    action: 'sts:AssumeRole',
    resource: roleArn,
    resourcePolicy: role.assumeRolePolicyDocument,
    context: {
      ...resourceTags(role.tags),
      'sts:RoleSessionName': sessionName,
      ...(externalId !== undefined && { 'sts:ExternalId': externalId }),
    },
  });
  return role;
}

function readSessionPolicy(parameters: Parameters): PolicyDocument | undefined {
  const text = optionalString(parameters, 'Policy');
  if (text !== undefined && text.length > 2048) {
    throw unsatisfied('policy', undefined, 'have length less than or equal to 2048');
  }
  return text === undefined ? undefined : readPolicy(text);
}

function credentialsOf({ credentials, expiresAt }: Session): Output {
  return {
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken,
    Expiration: new Date(expiresAt ?? 0),
  };
}

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
  if (!role || !(await trusts(sources.accountId, role, service, context))) {
    const message = `${service} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
    throw new ApiError('AccessDenied', message);
  }
  const { durationSeconds = role.maxSessionDuration } = caller;
  checkDuration(durationSeconds, role);
  return sources.sessions.issue({ kind: 'role', role, sessionName }, durationSeconds).credentials;
}

function checkDuration(durationSeconds: number, { maxSessionDuration }: Role): void {
  if (durationSeconds > maxSessionDuration) {
    throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
}
