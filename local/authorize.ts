import type { AccountState, ApiRequest, Caller } from './account-state';
import { ApiError } from './errors';
import type { NamedPolicy, PolicyDocument } from './policies';
import { identityPolicies, type Role } from './roles';

type Context = Record<string, string | string[]>;

/** What a call wants to do. */
export interface Access {
  action: string;
  /** `*` where the action knows no resource. */
  resource?: string;
  /** Keys of the service and of the resource. */
  context?: Context;
  /** The trust policy, for `sts:AssumeRole`. */
  resourcePolicy?: PolicyDocument;
  /** How the resource is called in the message, where AWS does not give its ARN. */
  resourceName?: string;
}

/**
 * Lets a call pass or not, by the caller's identity policies, its session policy and the resource's policy.
 * @throws ApiError AccessDenied with AWS's wording (IAM user guide, "troubleshoot_access-denied").
 */
export async function authorize(request: ApiRequest, access: Access, account: AccountState): Promise<void> {
  const { caller } = request;
  const { action, resource = '*', context, resourcePolicy, resourceName = resource } = access;
  const { identity } = caller.session;
  const sessionPolicy = identity.kind === 'role' ? identity.sessionPolicy : undefined;
  const question = {
    principal: caller.arn,
    accountId: account.accountId,
    action,
    resource,
    context: { ...globalContext(caller, request.region, account), ...context },
    identityPolicies: policiesOf(caller, account),
    resourcePolicy,
    issuedAt: caller.session.issuedAt,
  };
  const decision = await account.policies.decide({ ...question, sessionPolicy });
  if (decision === 'Allowed') return;
  const what = `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resourceName}`;
  // STS does not tell which policy was in the way.
  if (action === 'sts:AssumeRole') throw new ApiError('AccessDenied', what, 403);
  if (decision === 'ExplicitlyDenied') {
    throw new ApiError('AccessDenied', `${what} with an explicit deny in an identity-based policy`, 403);
  }
  const withoutSessionPolicy = sessionPolicy && (await account.policies.decide(question));
  const kind = withoutSessionPolicy === 'Allowed' ? 'session' : 'identity-based';
  throw new ApiError('AccessDenied', `${what} because no ${kind} policy allows the ${action} action`, 403);
}

/** Tags of a role as the context keys that conditions know them by. */
export function resourceTags(role: Role): Context {
  const context: Context = {};
  for (const [key, value] of Object.entries(role.tags)) {
    // The IAM guide documents the first form, the service authorization reference the second.
    context[`iam:ResourceTag/${key}`] = value;
    context[`aws:ResourceTag/${key}`] = value;
  }
  return context;
}

function policiesOf(caller: Caller, account: AccountState): readonly NamedPolicy[] {
  const { identity } = caller.session;
  if (identity.kind === 'user') return identity.user.policies;
  // A session outlives its role, but the policies go with the role; a new role of the same name is another.
  const current = account.roles.get(identity.role.roleName);
  return current?.roleId === identity.role.roleId ? identityPolicies(current) : [];
}

function globalContext(caller: Caller, region: string, account: AccountState): Context {
  const { identity } = caller.session;
  const context: Context = {
    'aws:PrincipalArn': caller.principalArn,
    'aws:PrincipalAccount': account.accountId,
    'aws:PrincipalType': identity.kind === 'role' ? 'AssumedRole' : 'User',
    'aws:PrincipalIsAWSService': 'false',
    'aws:ResourceAccount': account.accountId,
    'aws:RequestedRegion': region,
    'aws:SecureTransport': 'true',
    'aws:SourceIp': '127.0.0.1',
    'aws:ViaAWSService': 'false',
    'aws:userid': caller.userId,
  };
  if (identity.kind === 'user') {
    context['aws:username'] = identity.user.userName;
  } else {
    for (const [key, value] of Object.entries(identity.role.tags)) context[`aws:PrincipalTag/${key}`] = value;
  }
  return context;
}
