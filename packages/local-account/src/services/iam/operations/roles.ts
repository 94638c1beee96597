import { ApiError, found, invalid } from '../../../gateway/errors';
import { list, optionalNumber, optionalString, requiredString } from '../../../gateway/parameters';
import type { ApiRequest, Output, Parameters } from '../../../gateway/service';
import { encodeDocument, type PolicyDocument, readPolicy, trustPolicyProblem } from '../documents';
import { resourceTags } from '../evaluation';
import type { InstanceProfile, Role } from '../store';
import {
  attachablePolicy,
  entityMembers,
  type Iam,
  type IamOperations,
  INSTANCE_PROFILE,
  markedPage,
  missing,
  nameOf,
  operationOn,
  ROLE,
  requestContext,
  type Tag,
  toCreate,
} from './entities';

const IN_PROFILE = 'Cannot delete entity, must remove roles from instance profile first.';

/** Roles, their trust policies and tags, and instance profiles (IAM API reference). */
export const roleOperations: IamOperations = {
  GetRole: operationOn(ROLE, (role) => ({
    Role: { ...listedRole(role), ...tagsAndBoundary(role), RoleLastUsed: {} },
  })),
  ListRoles: listRoles,
  CreateRole: createRole,
  DeleteRole: operationOn(ROLE, (role, _request, iam) => deleteRole(iam, role)),
  UpdateRole: operationOn(ROLE, (role, { parameters }) => {
    // What a request leaves out stays (localstack/localstack, test_update_role), whatever the API reference says.
    role.description = optionalString(parameters, 'Description') ?? role.description;
    role.maxSessionDuration = optionalNumber(parameters, 'MaxSessionDuration') ?? role.maxSessionDuration;
    return {};
  }),
  UpdateAssumeRolePolicy: operationOn(ROLE, (role, { parameters }, iam): undefined => {
    role.assumeRolePolicyDocument = trustPolicyOf(iam, parameters, 'PolicyDocument');
  }),
  PutRolePermissionsBoundary: operationOn(ROLE, (role, { parameters }, iam): undefined => {
    role.permissionsBoundary = boundaryOf(iam, requiredString(parameters, 'PermissionsBoundary'));
  }),
  DeleteRolePermissionsBoundary: operationOn(ROLE, (role): undefined => {
    role.permissionsBoundary = undefined;
  }),
  TagRole: operationOn(ROLE, (role, { parameters }): undefined => {
    const added = readTags(parameters);
    const tags = { ...without(role.tags, Object.keys(added)), ...added };
    // IAM user guide, "IAM and AWS STS quotas".
    if (Object.keys(tags).length > 50) {
      throw new ApiError('LimitExceeded', 'The number of tags has reached the maximum limit.');
    }
    role.tags = tags;
  }),
  UntagRole: operationOn(ROLE, (role, { parameters }): undefined => {
    role.tags = without(role.tags, list<string>(parameters, 'TagKeys'));
  }),
  CreateInstanceProfile: createInstanceProfile,
  DeleteInstanceProfile: operationOn(INSTANCE_PROFILE, ({ name, roles }, _request, iam): undefined => {
    if (roles.length > 0) {
      throw new ApiError('DeleteConflict', IN_PROFILE);
    }
    iam.instanceProfiles.delete(name);
  }),
  GetInstanceProfile: operationOn(INSTANCE_PROFILE, (profile) => ({
    InstanceProfile: { ...profileMembers(profile), Tags: [] },
  })),
  AddRoleToInstanceProfile: operationOn(INSTANCE_PROFILE, addRole),
  RemoveRoleFromInstanceProfile: operationOn(INSTANCE_PROFILE, (profile, { parameters }): undefined => {
    const roleName = nameOf(parameters, 'role');
    if (!profile.roles.some(({ name }) => name === roleName)) {
      throw missing(ROLE, roleName);
    }
    profile.roles = [];
  }),
};

async function listRoles(request: ApiRequest, { accountId, roles, authorize }: Iam): Promise<Output> {
  const pathPrefix = optionalString(request.parameters, 'PathPrefix') ?? '/';
  const resourceName = `arn:aws:iam::${accountId}:role${pathPrefix}`;
  await authorize(request, { action: 'iam:ListRoles', resourceName });
  const found = roles.list().filter(({ path }) => path.startsWith(pathPrefix));
  // Without tags and boundaries: ListRoles leaves them out (localstack/localstack, test_list_roles_with_permission_boundary).
  return markedPage(request.parameters, 'Roles', found, listedRole);
}

async function createRole(request: ApiRequest, iam: Iam): Promise<Output> {
  const { parameters } = request;
  const tags = readTags(parameters);
  const { name, path, arn: resource } = await toCreate(request, iam, 'role');
  if (Object.keys(tags).length > 0) {
    // A role that is created with tags is tagged as well (IAM user guide, "Tagging IAM roles").
    await iam.authorize(request, { action: 'iam:TagRole', resource, context: requestContext(parameters) });
  }
  const assumeRolePolicyDocument = trustPolicyOf(iam, parameters, 'AssumeRolePolicyDocument');
  const boundary = optionalString(parameters, 'PermissionsBoundary');
  const role = iam.roles.create({
    name,
    path,
    tags,
    assumeRolePolicyDocument,
    description: optionalString(parameters, 'Description'),
    maxSessionDuration: optionalNumber(parameters, 'MaxSessionDuration') ?? 3600,
    permissionsBoundary: boundary && boundaryOf(iam, boundary),
  });
  return { Role: { ...roleMembers(role), ...tagsAndBoundary(role) } };
}

function deleteRole({ roles, instanceProfiles }: Iam, role: Role): undefined {
  const conflicts: [boolean, string][] = [
    [[...instanceProfiles.values()].some((profile) => profile.roles.includes(role)), IN_PROFILE],
    [role.managedPolicyArns.length > 0, 'Cannot delete entity, must detach all policies first.'],
    [role.inlinePolicies.length > 0, 'Cannot delete entity, must delete policies first.'],
  ];
  const [, conflict] = conflicts.find(([applies]) => applies) ?? [];
  if (conflict !== undefined) {
    throw new ApiError('DeleteConflict', conflict);
  }
  roles.delete(role.name);
}

/** @throws ApiError MalformedPolicyDocument, LimitExceeded (aws/aws-cdk issue 18564) */
function trustPolicyOf(iam: Iam, parameters: Parameters, member: string): PolicyDocument {
  const { accountId, roles, users } = iam;
  // Not those of roles and users that are deleted: their IDs cannot be saved again.
  const known = [...roles.list(), ...users.values()].flatMap(({ arn, id }) => [arn, id]);
  const problemOf = (policy: PolicyDocument) => trustPolicyProblem(policy, { accountId, known });
  return readPolicy(requiredString(parameters, member), { name: 'ACLSizePerRole', size: 2048 }, problemOf);
}

/** A policy that limits roles. @throws ApiError InvalidInput, NoSuchEntity */
function boundaryOf(iam: Iam, arn: string): string {
  // These words and those for a missing policy: localstack/localstack, test_role_permissions_boundary_errors.
  if (!/^arn:[^:]+:iam::(\d{12}|aws):policy\/./.test(arn)) {
    throw new ApiError('InvalidInput', `ARN ${arn} is not valid.`);
  }
  return attachablePolicy(iam, arn, 'Scope ARN:');
}

/** A role as CreateRole and instance profiles show it (localstack/localstack, test_create_role_defaults). */
function roleMembers(role: Role): Record<string, unknown> {
  const AssumeRolePolicyDocument = encodeDocument(role.assumeRolePolicyDocument);
  return { ...entityMembers('role', role), AssumeRolePolicyDocument };
}

function listedRole(role: Role): Record<string, unknown> {
  const { description: Description, maxSessionDuration: MaxSessionDuration } = role;
  return { ...roleMembers(role), Description, MaxSessionDuration };
}

function tagsAndBoundary(role: Role): Record<string, unknown> {
  const { permissionsBoundary: arn } = role;
  const tags = tagList(role);
  return {
    Tags: tags.length > 0 ? tags : undefined,
    // The type is `Policy`, whatever the API's model says (awsdocs/iam-user-guide issue 82).
    PermissionsBoundary: arn && { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: arn },
  };
}

/**
 * The tags of a request. Keys are unique without regard to case (IAM user guide, "Tags for AWS Identity and Access
 * Management resources").
 */
function readTags(parameters: Parameters): Record<string, string> {
  const tags = list<Tag>(parameters, 'Tags');
  const keys = tags.map(({ Key }) => Key.toLowerCase());
  if (new Set(keys).size < keys.length) {
    const message = 'Duplicate tag keys found. Please note that Tag keys are case insensitive.';
    throw new ApiError('InvalidInput', message);
  }
  const reserved = tags.find(({ Key }) => Key.startsWith('aws:'));
  if (reserved) {
    throw invalid(`The prefix aws: of the tag ${reserved.Key} is reserved`);
  }
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}

/** A role's tags as members, by key. */
function tagList({ tags }: Role): Tag[] {
  return Object.entries(tags)
    .map(([Key, Value]) => ({ Key, Value }))
    .sort((a, b) => (a.Key < b.Key ? -1 : 1));
}

function without(tags: Record<string, string>, keys: readonly string[]): Record<string, string> {
  const removed = new Set(keys.map((key) => key.toLowerCase()));
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !removed.has(key.toLowerCase())));
}

async function createInstanceProfile(request: ApiRequest, iam: Iam): Promise<Output> {
  const profile = { ...(await toCreate(request, iam, 'instance-profile')), roles: [] };
  if (iam.instanceProfiles.has(profile.name)) {
    throw new ApiError('EntityAlreadyExists', `Instance Profile ${profile.name} already exists.`);
  }
  iam.instanceProfiles.set(profile.name, profile);
  return { InstanceProfile: profileMembers(profile) };
}

/** The caller also needs `iam:PassRole` for the role (API reference, AddRoleToInstanceProfile). */
async function addRole(profile: InstanceProfile, request: ApiRequest, iam: Iam): Promise<undefined> {
  const roleName = nameOf(request.parameters, 'role');
  const role = found(iam.roles.get(roleName), missing(ROLE, roleName));
  const context = { ...resourceTags(role.tags), 'iam:PassedToService': 'ec2.amazonaws.com' };
  await iam.authorize(request, { action: 'iam:PassRole', resource: role.arn, context });
  if (profile.roles.length > 0) {
    throw new ApiError('LimitExceeded', 'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1');
  }
  profile.roles = [role];
}

function profileMembers(profile: InstanceProfile): Record<string, unknown> {
  return { ...entityMembers('instance-profile', profile), Roles: profile.roles.map(roleMembers) };
}
