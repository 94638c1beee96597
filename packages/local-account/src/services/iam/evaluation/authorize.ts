import { ApiError } from '../../../gateway/errors';
import type { ApiRequest, Authorize, ConditionContext } from '../../../gateway/service';
import type { Stores } from '../../../stores';
import type { Session } from '../../sts/store';
import type { Role } from '../store/entities';
import type { Roles } from '../store/roles';
import { decide } from './engine';

/**
 * Authorizes calls by the caller's identity policies, its permissions boundary, its session policy and the resource's
 * policy. Denials have AWS's wording (IAM user guide, "troubleshoot_access-denied"; data-dot-all/dataall issue 1233).
 */
export function authorizerOf({ accountId, roles }: Pick<Stores, 'accountId' | 'roles'>): Authorize {
  return async (request, { action, resource = '*', context, resourcePolicy, resourceName = resource }) => {
    const { caller } = request;
    const { identity } = caller;
    const sessionPolicy = identity.kind === 'role' ? identity.sessionPolicy : undefined;
    const decision = await decide({
      principal: caller.arn,
      accountId,
      action,
      // To the simulator, `*` in the ARN of a resource stands for any text; to IAM it does only in policies.
      resource: resource === '*' ? resource : resource.replaceAll('*', '-'),
      context: { ...globalContext(request, accountId), ...context },
      ...policiesOf(caller, roles),
      sessionPolicy,
      resourcePolicy,
      issuedAt: caller.issuedAt,
    });
    const { result, deniedBy } = decision;
    if (result === 'Allowed') {
      return;
    }
    const what = `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resourceName}`;
    const article = deniedBy === 'identity-based policy' ? 'an' : 'a';
    const why =
      result === 'ExplicitlyDenied'
        ? `with an explicit deny in ${article} ${deniedBy}`
        : `because no ${deniedBy} allows the ${action} action`;
    // STS does not say which policy denies.
    throw new ApiError('AccessDenied', action === 'sts:AssumeRole' ? what : `${what} ${why}`);
  };
}

/** Whether a role's trust policy allows an AWS service to assume the role. */
export async function trustsService(
  { accountId }: Pick<Stores, 'accountId'>,
  role: Role,
  service: string,
  context: ConditionContext,
): Promise<boolean> {
  const decision = await decide({
    principal: service,
    accountId,
    action: 'sts:AssumeRole',
    resource: role.arn,
    context: { 'aws:PrincipalIsAWSService': 'true', 'aws:PrincipalServiceName': service, ...context },
    identityPolicies: [],
    resourcePolicy: role.assumeRolePolicyDocument,
  });
  return decision.result === 'Allowed';
}

/** Tags of a resource as condition keys. */
export function resourceTags(tags: Readonly<Record<string, string>> = {}): ConditionContext {
  // The IAM guide documents the first form, the service authorization reference the second.
  const keys = Object.entries(tags).flatMap(([key, value]) => [
    [`iam:ResourceTag/${key}`, value],
    [`aws:ResourceTag/${key}`, value],
  ]);
  return Object.fromEntries(keys);
}

function policiesOf({ identity }: Session, roles: Roles) {
  if (identity.kind === 'user') {
    return { identityPolicies: identity.user.policies };
  }
  // A session lasts longer than a deleted role, whose policies are gone; a new role of the same name is another role.
  const current = roles.get(identity.role.name);
  return current?.id === identity.role.id
    ? { identityPolicies: roles.identityPolicies(current), permissionsBoundary: roles.boundary(current) }
    : { identityPolicies: [] };
}

function globalContext(
  { caller, region }: Pick<ApiRequest, 'caller' | 'region'>,
  accountId: string,
): ConditionContext {
  const { identity } = caller;
  const context = {
    'aws:PrincipalArn': caller.principalArn,
    'aws:PrincipalAccount': accountId,
    'aws:PrincipalType': identity.kind === 'role' ? 'AssumedRole' : 'User',
    'aws:PrincipalIsAWSService': 'false',
    'aws:ResourceAccount': accountId,
    'aws:RequestedRegion': region,
    'aws:SecureTransport': 'true',
    'aws:SourceIp': '127.0.0.1',
    'aws:ViaAWSService': String(caller.calledVia !== undefined),
    ...(caller.calledVia !== undefined && { 'aws:CalledVia': [caller.calledVia] }),
    'aws:userid': caller.userId,
  };
  if (identity.kind === 'user') {
    return { ...context, 'aws:username': identity.user.name };
  }
  const tags = Object.entries(identity.role.tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value]);
  return { ...context, ...Object.fromEntries(tags) };
}
