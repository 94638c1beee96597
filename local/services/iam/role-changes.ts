import { ApiError } from '../../gateway/errors';
import { integer, optionalString, requiredString } from '../../gateway/parameters';
import type { ApiRequest, Operation, Output, Parameters } from '../../gateway/service';
import { isManagedPolicy } from './managed-policies';
import type { PolicyDocument } from './policies';
import { describeRole } from './role-reads';
import { inlinePolicy, type Role, type Roles } from './roles';
import { type IamState, onRole } from './state';

/** Quotas, "IAM and AWS STS quotas": characters without white space, and a count of tags. */
const LONGEST_TRUST_POLICY = 2_048;
const LONGEST_INLINE_POLICIES = 10_240;
const MOST_TAGS = 50;

/** IAM's operations that make, change and delete roles (IAM API reference). */
export function roleChanges(state: IamState): Record<string, Operation> {
  return {
    CreateRole: (request) => createRole(request, state),
    DeleteRole: onRole(state, deleteRole),
    UpdateAssumeRolePolicy: onRole(state, (role, { parameters }, { roles }) => {
      const assumeRolePolicyDocument = readTrustPolicy(parameters, 'PolicyDocument', roles);
      roles.update(role.roleName, { assumeRolePolicyDocument });
      return undefined;
    }),
    PutRolePolicy: onRole(state, putRolePolicy),
    DeleteRolePolicy: onRole(state, (role, { parameters }, { roles }) => {
      const { name } = inlinePolicy(role, requiredString(parameters, 'PolicyName'));
      roles.update(role.roleName, { inlinePolicies: role.inlinePolicies.filter((it) => it.name !== name) });
      return undefined;
    }),
    AttachRolePolicy: onRole(state, (role, { parameters }, { roles }) => {
      const arn = requiredString(parameters, 'PolicyArn');
      if (!isManagedPolicy(arn) && !roles.customerPolicies.has(arn)) {
        throw new ApiError('NoSuchEntity', `Policy ${arn} does not exist or is not attachable.`, 404);
      }
      roles.update(role.roleName, { managedPolicyArns: [...new Set([...role.managedPolicyArns, arn])] });
      return undefined;
    }),
    DetachRolePolicy: onRole(state, (role, { parameters }, { roles }) => {
      const arn = requiredString(parameters, 'PolicyArn');
      if (!role.managedPolicyArns.includes(arn)) {
        throw new ApiError('NoSuchEntity', `Policy ${arn} was not found.`, 404);
      }
      roles.update(role.roleName, { managedPolicyArns: role.managedPolicyArns.filter((it) => it !== arn) });
      return undefined;
    }),
    TagRole: onRole(state, (role, { parameters }, { roles }) => {
      roles.update(role.roleName, { tags: { ...role.tags, ...readTags(parameters, role.tags) } });
      return undefined;
    }),
    UntagRole: onRole(state, (role, { parameters }, { roles }) => {
      const gone = listOf(parameters.TagKeys);
      const tags = Object.fromEntries(Object.entries(role.tags).filter(([key]) => !gone.includes(key)));
      roles.update(role.roleName, { tags });
      return undefined;
    }),
  };
}

async function createRole(request: ApiRequest, { identity, roles, authorize }: IamState): Promise<Output> {
  const { parameters } = request;
  const roleName = requiredString(parameters, 'RoleName');
  const path = optionalString(parameters, 'Path') ?? '/';
  const resource = `arn:${identity.partition}:iam::${identity.accountId}:role${path}${roleName}`;
  await authorize(request, { action: 'iam:CreateRole', resource });
  if (roles.get(roleName)) {
    throw new ApiError('EntityAlreadyExists', `Role with name ${roleName} already exists.`, 409);
  }
  const role = roles.create({
    roleName,
    path,
    assumeRolePolicyDocument: readTrustPolicy(parameters, 'AssumeRolePolicyDocument', roles),
    description: optionalString(parameters, 'Description') ?? '',
    tags: readTags(parameters, {}),
    maxSessionDuration: integer(parameters, 'MaxSessionDuration', { default: 3600, min: 3600, max: 43_200 }),
  });
  return { Role: describeRole(role) };
}

function deleteRole(role: Role, _: ApiRequest, { roles }: IamState): Output {
  if (role.inlinePolicies.length + role.managedPolicyArns.length > 0) {
    throw new ApiError('DeleteConflict', 'Cannot delete entity, must delete policies first.', 409);
  }
  roles.delete(role.roleName);
  return undefined;
}

async function putRolePolicy(
  role: Role,
  { parameters }: ApiRequest,
  { roles, policies }: IamState,
): Promise<Output> {
  const name = requiredString(parameters, 'PolicyName');
  const document = parse(requiredString(parameters, 'PolicyDocument'));
  const problem = await policies.problemOf(document);
  if (problem) {
    throw new ApiError('MalformedPolicyDocument', `Syntax errors in policy. ${problem}`);
  }
  const inlinePolicies = [...role.inlinePolicies.filter((it) => it.name !== name), { name, document }];
  const size = inlinePolicies.reduce((sum, it) => sum + JSON.stringify(it.document).length, 0);
  if (size > LONGEST_INLINE_POLICIES) {
    const message = `Maximum policy size of ${LONGEST_INLINE_POLICIES} bytes exceeded for role ${role.roleName}`;
    throw new ApiError('LimitExceeded', message, 409);
  }
  roles.update(role.roleName, { inlinePolicies });
  return undefined;
}

function readTrustPolicy(parameters: Parameters, name: string, roles: Roles): PolicyDocument {
  const document = parse(requiredString(parameters, name));
  const text = JSON.stringify(document);
  // A role's id stands for a role that was deleted.
  const unknown = /"(AROA\w+)"/.exec(text)?.[1] ?? roles.missingPrincipal(document);
  if (unknown !== undefined) {
    throw new ApiError('MalformedPolicyDocument', `Invalid principal in policy: "AWS":"${unknown}"`);
  }
  if (text.length > LONGEST_TRUST_POLICY) {
    const message = `Cannot exceed quota for ACLSizePerRole: ${LONGEST_TRUST_POLICY}`;
    throw new ApiError('LimitExceeded', message, 409);
  }
  return document;
}

function readTags(parameters: Parameters, present: Record<string, string>): Record<string, string> {
  const given = listOf(parameters.Tags).map((tag) => tag as { Key?: string; Value?: string });
  const tags = Object.fromEntries(given.map(({ Key = '', Value = '' }) => [Key, Value]));
  if (Object.keys({ ...present, ...tags }).length > MOST_TAGS) {
    throw new ApiError('LimitExceeded', `Cannot exceed quota for TagsPerRole: ${MOST_TAGS}`, 409);
  }
  return tags;
}

function parse(text: string): PolicyDocument {
  try {
    const document = JSON.parse(text) as PolicyDocument;
    if ([document.Statement].flat().length > 0) {
      return document;
    }
  } catch {
    // As below.
  }
  throw new ApiError('MalformedPolicyDocument', 'This policy contains invalid Json');
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
