import { ApiError } from '../../../gateway/errors';
import { integer, optionalString, requiredString } from '../../../gateway/parameters';
import type { ApiRequest, Operation, Output, Parameters } from '../../../gateway/service';
import { encodeDocument, type PolicyDocument, readDocument, sizeOf } from '../documents';
import type { Role } from '../store/roles';
import { trustPolicyProblem } from '../trust-policies';
import { nameOf, pathOf } from './names';
import { type Iam, onRole } from './on-role';
import { page } from './pages';
import { describeTags, readTags, requestTags } from './role-tags';

/** IAM user guide, "IAM and AWS STS quotas": characters of a trust policy, by default. */
const TRUST_POLICY_QUOTA = 2048;
const SESSION_BOUNDS = { default: 3600, min: 3600, max: 43_200 };

/** Roles and their trust policies (IAM API reference). */
export function roleOperations(iam: Iam): Record<string, Operation> {
  const { roles } = iam;
  return {
    GetRole: onRole(iam, (role) => ({ Role: describeWithTags(role) })),
    ListRoles: (request) => listRoles(iam, request),
    CreateRole: (request) => createRole(iam, request),
    DeleteRole: onRole(iam, (role) => deleteRole(iam, role), { changes: true }),
    UpdateRole: onRole(
      iam,
      ({ roleName }, { parameters }) => {
        roles.update(roleName, {
          description: optionalString(parameters, 'Description'),
          // Without a value, IAM sets one hour, whatever it was before (API reference, UpdateRole).
          maxSessionDuration: integer(parameters, 'MaxSessionDuration', SESSION_BOUNDS),
        });
        return {};
      },
      { changes: true },
    ),
    UpdateAssumeRolePolicy: onRole(
      iam,
      ({ roleName }, { parameters }) => {
        roles.update(roleName, {
          assumeRolePolicyDocument: trustPolicyOf(iam, parameters, 'PolicyDocument'),
        });
        return undefined;
      },
      { changes: true },
    ),
  };
}

async function listRoles({ identity, roles, authorize }: Iam, request: ApiRequest): Promise<Output> {
  const pathPrefix = optionalString(request.parameters, 'PathPrefix') ?? '/';
  const resourceName = `arn:${identity.partition}:iam::${identity.accountId}:role${pathPrefix}`;
  await authorize(request, { action: 'iam:ListRoles', resourceName });
  const found = roles.list().filter(({ path }) => path.startsWith(pathPrefix));
  // Without tags: ListRoles leaves them out.
  return page(request.parameters, 'Roles', found, ({ roleName }) => roleName, describe);
}

async function createRole(iam: Iam, request: ApiRequest): Promise<Output> {
  const { parameters } = request;
  if (parameters.PermissionsBoundary !== undefined) {
    throw new ApiError('ValidationError', 'The local account does not know PermissionsBoundary');
  }
  const roleName = nameOf(parameters, 'RoleName', 64);
  const path = pathOf(parameters);
  const tags = readTags(parameters);
  const resource = `arn:${iam.identity.partition}:iam::${iam.identity.accountId}:role${path}${roleName}`;
  await iam.authorize(request, { action: 'iam:CreateRole', resource, context: requestTags(parameters) });
  const assumeRolePolicyDocument = trustPolicyOf(iam, parameters, 'AssumeRolePolicyDocument');
  if (iam.roles.isTaken(roleName)) {
    throw new ApiError('EntityAlreadyExists', `Role with name ${roleName} already exists.`, 409);
  }
  const role = iam.roles.create({
    roleName,
    path,
    tags,
    assumeRolePolicyDocument,
    description: optionalString(parameters, 'Description'),
    maxSessionDuration: integer(parameters, 'MaxSessionDuration', SESSION_BOUNDS),
  });
  return { Role: describeWithTags(role) };
}

function deleteRole({ roles, instanceProfiles }: Iam, role: Role): undefined {
  const { roleName } = role;
  const conflicts: [boolean, string][] = [
    [instanceProfiles.withRole(roleName).length > 0, 'must remove roles from instance profile first.'],
    [role.managedPolicyArns.length > 0, 'must detach all policies first.'],
    [role.inlinePolicies.length > 0, 'must delete policies first.'],
  ];
  const conflict = conflicts.find(([applies]) => applies);
  if (conflict) {
    throw new ApiError('DeleteConflict', `Cannot delete entity, ${conflict[1]}`, 409);
  }
  roles.delete(roleName);
}

/** @throws ApiError MalformedPolicyDocument, LimitExceeded (aws/aws-cdk issue 18564) */
function trustPolicyOf(iam: Iam, parameters: Parameters, member: string): PolicyDocument {
  const document = readDocument(requiredString(parameters, member));
  const problem = trustPolicyProblem(document, iam);
  if (problem !== undefined) {
    throw new ApiError('MalformedPolicyDocument', problem);
  }
  if (sizeOf(document) > TRUST_POLICY_QUOTA) {
    throw new ApiError('LimitExceeded', `Cannot exceed quota for ACLSizePerRole: ${TRUST_POLICY_QUOTA}`, 409);
  }
  return document;
}

/** A role as lists and instance profiles show it. */
export function describe(role: Role): Record<string, unknown> {
  return {
    Path: role.path,
    RoleName: role.roleName,
    RoleId: role.roleId,
    Arn: role.arn,
    CreateDate: role.createDate,
    AssumeRolePolicyDocument: encodeDocument(role.assumeRolePolicyDocument),
    Description: role.description,
    MaxSessionDuration: role.maxSessionDuration,
  };
}

function describeWithTags(role: Role): Record<string, unknown> {
  return { ...describe(role), Tags: describeTags(role), RoleLastUsed: {} };
}
