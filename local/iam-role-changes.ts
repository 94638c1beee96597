import type { AccountState, ApiRequest, Operation, Service } from './account-state';
import { authorize, resourceTags } from './authorize';
import { ApiError } from './errors';
import { requiredString } from './parameters';
import { type PolicyDocument, problemOf } from './policies';
import type { Role } from './roles';
import type { Output } from './wire';

/** IAM's operations that change a role in place (IAM API reference). */
export const roleChanges: Service = {
  GetRolePolicy: onRole('iam:GetRolePolicy', (role, { parameters }) => {
    const { name, document } = inlinePolicy(role, requiredString(parameters, 'PolicyName'));
    const text = encodeURIComponent(JSON.stringify(document));
    return { RoleName: role.roleName, PolicyName: name, PolicyDocument: text };
  }),
  PutRolePolicy: onRole('iam:PutRolePolicy', putRolePolicy),
  DeleteRolePolicy: onRole('iam:DeleteRolePolicy', (role, { parameters }, { roles }) => {
    const { name } = inlinePolicy(role, requiredString(parameters, 'PolicyName'));
    roles.update(role.roleName, { inlinePolicies: role.inlinePolicies.filter((it) => it.name !== name) });
  }),
  UpdateAssumeRolePolicy: onRole('iam:UpdateAssumeRolePolicy', updateTrustPolicy),
  TagRole: onRole('iam:TagRole', (role, { parameters }, { roles }) => {
    const given = listOf(parameters.Tags).map((tag) => tag as { Key?: string; Value?: string });
    const tags = {
      ...role.tags,
      ...Object.fromEntries(given.map(({ Key = '', Value = '' }) => [Key, Value])),
    };
    if (Object.keys(tags).length > 50) {
      throw new ApiError('LimitExceeded', 'Cannot exceed quota for TagsPerRole: 50', 409);
    }
    roles.update(role.roleName, { tags });
  }),
  UntagRole: onRole('iam:UntagRole', (role, { parameters }, { roles }) => {
    const gone = listOf(parameters.TagKeys);
    const tags = Object.fromEntries(Object.entries(role.tags).filter(([key]) => !gone.includes(key)));
    roles.update(role.roleName, { tags });
  }),
};

/** Changes the role; what it returns, if anything, is the answer. */
type Change = (role: Role, request: ApiRequest, account: AccountState) => unknown;

function onRole(action: string, change: Change): Operation {
  return async (request, account) => {
    const roleName = requiredString(request.parameters, 'RoleName');
    const role = account.roles.get(roleName);
    const resource = role?.arn ?? `arn:${account.partition}:iam::${account.accountId}:role/${roleName}`;
    const context = role ? resourceTags(role) : {};
    await authorize(request, { action, resource, context, resourceName: `role ${roleName}` }, account);
    if (!role) throw new ApiError('NoSuchEntity', `The role with name ${roleName} cannot be found.`, 404);
    return (await change(role, request, account)) as Output;
  };
}

function inlinePolicy(role: Role, policyName: string) {
  const policy = role.inlinePolicies.find(({ name }) => name === policyName);
  if (policy) return policy;
  throw new ApiError('NoSuchEntity', `The role policy with name ${policyName} cannot be found.`, 404);
}

async function putRolePolicy(role: Role, { parameters }: ApiRequest, { roles }: AccountState) {
  const name = requiredString(parameters, 'PolicyName');
  const document = parse(requiredString(parameters, 'PolicyDocument'));
  const problem = await problemOf(document);
  if (problem) throw new ApiError('MalformedPolicyDocument', `Syntax errors in policy. ${problem}`);
  const inlinePolicies = [...role.inlinePolicies.filter((it) => it.name !== name), { name, document }];
  // IAM and STS quotas: the sum of a role's inline policies, white space not counted.
  const size = inlinePolicies.reduce((sum, it) => sum + JSON.stringify(it.document).length, 0);
  if (size > 10_240) {
    const message = `Maximum policy size of 10240 bytes exceeded for role ${role.roleName}`;
    throw new ApiError('LimitExceeded', message, 409);
  }
  roles.update(role.roleName, { inlinePolicies });
}

function updateTrustPolicy(role: Role, { parameters }: ApiRequest, { roles }: AccountState): void {
  const assumeRolePolicyDocument = parse(requiredString(parameters, 'PolicyDocument'));
  const text = JSON.stringify(assumeRolePolicyDocument);
  const unknown = /"(AROA\w+)"/.exec(text)?.[1] ?? roles.missingPrincipal(assumeRolePolicyDocument);
  if (unknown !== undefined) {
    throw new ApiError('MalformedPolicyDocument', `Invalid principal in policy: "AWS":"${unknown}"`);
  }
  if (text.length > 2048) {
    throw new ApiError('LimitExceeded', 'Cannot exceed quota for ACLSizePerRole: 2048', 409);
  }
  roles.update(role.roleName, { assumeRolePolicyDocument });
}

function parse(text: string): PolicyDocument {
  try {
    const document = JSON.parse(text) as PolicyDocument;
    if ([document.Statement].flat().length > 0) return document;
  } catch {
    // As below.
  }
  throw new ApiError('MalformedPolicyDocument', 'This policy contains invalid Json');
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
