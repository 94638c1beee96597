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
import { roleMembers } from './roles';

/** Instance profiles (IAM API reference). */
export const instanceProfileOperations: Record<string, Operation<IamStores>> = {
  CreateInstanceProfile: createInstanceProfile,
  DeleteInstanceProfile: operationOn(
    INSTANCE_PROFILE,
    ({ name, roleNames }, _request, { instanceProfiles }): undefined => {
      if (roleNames.length > 0) {
        const message = 'Cannot delete entity, must remove roles from instance profile first.';
        throw new ApiError('DeleteConflict', message);
      }
      instanceProfiles.delete(name);
    },
  ),
  GetInstanceProfile: operationOn(INSTANCE_PROFILE, (profile, _request, iam) => ({
    InstanceProfile: { ...profileMembers(iam, profile), Tags: [] },
  })),
  AddRoleToInstanceProfile: operationOn(INSTANCE_PROFILE, addRole),
  RemoveRoleFromInstanceProfile: operationOn(INSTANCE_PROFILE, (profile, { parameters }): undefined => {
    const roleName = nameOf(parameters, 'role');
    if (!profile.roleNames.includes(roleName)) {
      throw missing(ROLE, roleName);
    }
    profile.roleNames = profile.roleNames.filter((name) => name !== roleName);
  }),
};

async function createInstanceProfile(request: ApiRequest, iam: Iam): Promise<Output> {
  const profile = { ...(await toCreate(request, iam, 'instance-profile')), roleNames: [] };
  if (iam.instanceProfiles.has(profile.name)) {
    throw new ApiError('EntityAlreadyExists', `Instance Profile ${profile.name} already exists.`);
  }
  iam.instanceProfiles.set(profile.name, profile);
  return { InstanceProfile: profileMembers(iam, profile) };
}

/** The caller also needs `iam:PassRole` for the role (API reference, AddRoleToInstanceProfile). */
async function addRole(profile: InstanceProfile, request: ApiRequest, iam: Iam): Promise<undefined> {
  const roleName = nameOf(request.parameters, 'role');
  const role = found(iam.roles.get(roleName), missing(ROLE, roleName));
  const context = { ...resourceTags(role.tags), 'iam:PassedToService': 'ec2.amazonaws.com' };
  await iam.authorize(request, { action: 'iam:PassRole', resource: role.arn, context });
  if (profile.roleNames.length > 0) {
    throw new ApiError('LimitExceeded', 'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1');
  }
  profile.roleNames = [roleName];
}

function profileMembers({ roles }: Iam, profile: InstanceProfile): Record<string, unknown> {
  return {
    ...entityMembers('instance-profile', profile),
    Roles: profile.roleNames.flatMap((name) => {
      const role = roles.get(name);
      return role ? [roleMembers(role)] : [];
    }),
  };
}
