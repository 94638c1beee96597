import type { AccountIdentity } from '../../account-identity';
import { ApiError } from '../../gateway/errors';
import { integer, optionalString, requiredString } from '../../gateway/parameters';
import type { ApiRequest, Authorize, Output, Parameters } from '../../gateway/service';
import { type PolicyDocument, readPolicy } from '../iam/documents';
import { resourceTags } from '../iam/evaluation/authorize';
import type { Role, Roles } from '../iam/store/roles';
import { checkDuration, checkSessionName } from './limits';
import type { Session, Sessions } from './store';

/** What the operations of STS work with. */
export interface StsState {
  readonly identity: AccountIdentity;
  readonly roles: Roles;
  readonly sessions: Sessions;
  readonly authorize: Authorize;
}

const UNSUPPORTED = [
  'Tags',
  'TransitiveTagKeys',
  'PolicyArns',
  'SerialNumber',
  'TokenCode',
  'ProvidedContexts',
];
/** Seconds. */
const CHAINING_LIMIT = 3600;

/** `AssumeRole` (STS API reference). */
export async function assumeRole(request: ApiRequest, state: StsState): Promise<Output> {
  const { identity, sessions } = state;
  const { parameters, caller } = request;
  const unsupported = UNSUPPORTED.find((name) => parameters[name] !== undefined);
  if (unsupported) {
    throw new ApiError('ValidationError', `The local account does not support ${unsupported}`);
  }
  const sessionName = requiredString(parameters, 'RoleSessionName');
  checkSessionName(sessionName);
  const duration = integer(parameters, 'DurationSeconds', { default: 3600, min: 900, max: 43_200 });
  const sessionPolicy = readSessionPolicy(parameters);
  const role = await findRole(request, sessionName, state);
  checkDuration(duration, role);
  if (caller.session.identity.kind === 'role' && duration > CHAINING_LIMIT) {
    throw new ApiError(
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
  }
  const session = sessions.issue({ kind: 'role', role, sessionName, sessionPolicy }, duration);
  return {
    Credentials: credentialsOf(session),
    AssumedRoleUser: {
      AssumedRoleId: `${role.roleId}:${sessionName}`,
      Arn: `arn:${identity.partition}:sts::${identity.accountId}:assumed-role/${role.roleName}/${sessionName}`,
    },
    ...(sessionPolicy ? { PackedPolicySize: 6 } : {}),
  };
}

/** `GetSessionToken` (STS API reference). */
export function getSessionToken({ caller, parameters }: ApiRequest, { sessions }: StsState): Output {
  const { identity, issuedAt } = caller.session;
  if (identity.kind !== 'user' || issuedAt !== undefined) {
    throw new ApiError('AccessDenied', 'Cannot call GetSessionToken with session credentials', 403);
  }
  const bounds = { default: 43_200, min: 900, max: 129_600 };
  return {
    Credentials: credentialsOf(sessions.issue(identity, integer(parameters, 'DurationSeconds', bounds))),
  };
}

/** The role, if it trusts the caller. STS gives the same answer for a role that does not exist. */
async function findRole(
  request: ApiRequest,
  sessionName: string,
  { roles, authorize }: StsState,
): Promise<Role> {
  const { parameters, caller } = request;
  const roleArn = requiredString(parameters, 'RoleArn');
  if (!/^arn:[^:]+:iam::\d{12}:role\/./.test(roleArn)) {
    throw new ApiError('ValidationError', `${roleArn} is invalid`);
  }
  const role = roles.byArn(roleArn);
  if (!role) {
    const message = `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
    throw new ApiError('AccessDenied', message, 403);
  }
  const externalId = optionalString(parameters, 'ExternalId');
  await authorize(request, {
    action: 'sts:AssumeRole',
    resource: roleArn,
    resourcePolicy: role.assumeRolePolicyDocument,
    context: {
      ...resourceTags(role.tags),
      'sts:RoleSessionName': sessionName,
      ...(externalId === undefined ? {} : { 'sts:ExternalId': externalId }),
    },
  });
  return role;
}

function readSessionPolicy(parameters: Parameters): PolicyDocument | undefined {
  const text = optionalString(parameters, 'Policy');
  if (text === undefined) {
    return undefined;
  }
  if (text.length > 2048) {
    throw new ApiError('ValidationError', "Value at 'policy' must have length less than or equal to 2048");
  }
  return readPolicy(text);
}

function credentialsOf({ credentials, expiresAt }: Session): Output {
  return {
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken,
    Expiration: new Date(expiresAt ?? 0),
  };
}
