import type { AccountState, ApiRequest, Service } from './account-state';
import { authorize, resourceTags } from './authorize';
import { ApiError } from './errors';
import { integer, optionalString, requiredString } from './parameters';
import { type PolicyDocument, problemOf } from './policies';
import type { Session } from './sessions';
import type { Output } from './wire';

/** AWS STS: `AssumeRole`, `GetCallerIdentity`, `GetSessionToken` (STS API reference). */
export const sts: Service = {
  AssumeRole: assumeRole,
  GetCallerIdentity: ({ caller }, account) => ({
    UserId: caller.userId,
    Account: account.accountId,
    Arn: caller.arn,
  }),
  GetSessionToken: (request, account) => {
    const { identity, issuedAt } = request.caller.session;
    if (identity.kind !== 'user' || issuedAt !== undefined) {
      throw new ApiError('AccessDenied', 'Cannot call GetSessionToken with session credentials', 403);
    }
    const bounds = { default: 43_200, min: 900, max: 129_600 };
    const session = account.sessions.issue(identity, integer(request.parameters, 'DurationSeconds', bounds));
    return { Credentials: credentialsOf(session) };
  },
};

const UNSUPPORTED = [
  'Tags',
  'TransitiveTagKeys',
  'PolicyArns',
  'SerialNumber',
  'TokenCode',
  'ProvidedContexts',
];
const CHAINING_LIMIT = 3600;

/** What STS says to a session that would be longer than its role allows. */
export const DURATION_EXCEEDED =
  'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.';

async function assumeRole(request: ApiRequest, account: AccountState): Promise<Output> {
  const { parameters, caller } = request;
  const unsupported = UNSUPPORTED.find((name) => parameters[name] !== undefined);
  if (unsupported) throw new ApiError('ValidationError', `The local account does not know ${unsupported}`);
  const roleArn = requiredString(parameters, 'RoleArn');
  const sessionName = requiredString(parameters, 'RoleSessionName');
  checkSessionName(sessionName);
  if (!/^arn:[^:]+:iam::\d{12}:role\/./.test(roleArn)) {
    throw new ApiError('ValidationError', `${roleArn} is invalid`);
  }
  const bounds = { default: 3600, min: 900, max: 43_200 };
  const duration = integer(parameters, 'DurationSeconds', bounds);
  const sessionPolicy = await readSessionPolicy(parameters, account);

  const role = account.roles.byArn(roleArn);
  if (!role) {
    // STS answers alike for a role that does not exist and one that does not let the caller in.
    const message = `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
    throw new ApiError('AccessDenied', message, 403);
  }
  const externalId = optionalString(parameters, 'ExternalId');
  await authorize(
    request,
    {
      action: 'sts:AssumeRole',
      resource: roleArn,
      resourcePolicy: role.assumeRolePolicyDocument,
      context: {
        ...resourceTags(role),
        'sts:RoleSessionName': sessionName,
        ...(externalId === undefined ? {} : { 'sts:ExternalId': externalId }),
      },
    },
    account,
  );
  if (duration > role.maxSessionDuration) {
    throw new ApiError('ValidationError', DURATION_EXCEEDED);
  }
  if (caller.session.identity.kind === 'role' && duration > CHAINING_LIMIT) {
    throw new ApiError(
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
  }
  const session = account.sessions.issue({ kind: 'role', role, sessionName, sessionPolicy }, duration);
  return {
    Credentials: credentialsOf(session),
    AssumedRoleUser: {
      AssumedRoleId: `${role.roleId}:${sessionName}`,
      Arn: `arn:${account.partition}:sts::${account.accountId}:assumed-role/${role.roleName}/${sessionName}`,
    },
    ...(sessionPolicy ? { PackedPolicySize: 6 } : {}),
  };
}

/** @throws ApiError ValidationError where STS would not take the name. */
export function checkSessionName(sessionName: string): void {
  if (/^[\w+=,.@-]{2,64}$/.test(sessionName)) return;
  throw new ApiError(
    'ValidationError',
    `1 validation error detected: Value '${sessionName}' at 'roleSessionName' failed to satisfy constraint: ` +
      'Member must satisfy regular expression pattern: [\\w+=,.@-]*',
  );
}

async function readSessionPolicy(
  parameters: ApiRequest['parameters'],
  account: AccountState,
): Promise<PolicyDocument | undefined> {
  const text = optionalString(parameters, 'Policy');
  if (text === undefined) return undefined;
  if (text.length > 2048) {
    throw new ApiError('ValidationError', "Value at 'policy' must have length less than or equal to 2048");
  }
  const policy = parsePolicy(text, account);
  if (!policy) throw new ApiError('MalformedPolicyDocument', 'This policy contains invalid Json');
  const problem = await problemOf(policy);
  if (problem) throw new ApiError('MalformedPolicyDocument', `Syntax errors in policy. ${problem}`);
  return policy;
}

/** Text that is no JSON object is no policy; what is wrong within one, the caller finds out. */
function parsePolicy(text: string, account: AccountState): PolicyDocument | undefined {
  try {
    const policy: unknown = account.sessions.internPolicy(text);
    return typeof policy === 'object' && policy !== null ? (policy as PolicyDocument) : undefined;
  } catch {
    return undefined;
  }
}

function credentialsOf({ credentials, expiresAt }: Session): Output {
  return {
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken,
    Expiration: new Date(expiresAt ?? 0),
  };
}
