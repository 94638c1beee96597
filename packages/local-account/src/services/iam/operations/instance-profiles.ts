import { ApiError, found } from '../../../gateway/errors';
import type { ApiRequest, Operation, Output } from '../../../gateway/service';
import { resourceTags } from '../evaluation/authorize';
import type { InstanceProfile } from '../store/entities';
import {
  entityMembers,
  type Iam,
  type IamStores,
  INSTANCE_PROFILE,
  missing,
  nameOf,
  operationOn,
  ROLE,
  toCreate,
} from './entities';
import { IN_PROFILE, roleMembers } from './roles';

/** Instance profiles (IAM API reference). */
export const instanceProfileOperations: Record<string, Operation<IamStores>> = {
  CreateInstanceProfile: createInstanceProfile,
  DeleteInstanceProfile: operationOn(
    INSTANCE_PROFILE,
    ({ name, roles }, _request, { instanceProfiles }): undefined => {
      if (roles.length > 0) {
        throw new ApiError('DeleteConflict', IN_PROFILE);
      }
      instanceProfiles.delete(name);
    },
  ),
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
