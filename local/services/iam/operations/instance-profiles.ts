import { ApiError } from '../../../gateway/errors';
import type { ApiRequest, Operation, Output } from '../../../gateway/service';
import { resourceTags } from '../evaluation/authorize';
import type { InstanceProfile } from '../store/instance-profiles';
import { nameOf, pathOf } from './names';
import { existing, type Iam, onRole } from './on-role';
import { page } from './pages';
import { describe as describeRole } from './roles';

/** Instance profiles (IAM API reference). */
export function instanceProfileOperations(iam: Iam): Record<string, Operation> {
  return {
    CreateInstanceProfile: (request) => createInstanceProfile(iam, request),
    DeleteInstanceProfile: onProfile(iam, ({ instanceProfileName, roleNames }) => {
      if (roleNames.length > 0) {
        const message = 'Cannot delete entity, must remove roles from instance profile first.';
        throw new ApiError('DeleteConflict', message, 409);
      }
      iam.instanceProfiles.delete(instanceProfileName);
      return undefined;
    }),
    GetInstanceProfile: onProfile(iam, (profile) => ({ InstanceProfile: describe(iam, profile) })),
    AddRoleToInstanceProfile: onProfile(iam, (profile, request) => addRole(iam, profile, request)),
    RemoveRoleFromInstanceProfile: onProfile(iam, (profile, { parameters }) => {
      const { roleName } = existing(
        iam.roles.get(profile.roleNames.find((name) => name === parameters.RoleName) ?? ''),
        nameOf(parameters, 'RoleName', 64),
      );
      profile.roleNames = profile.roleNames.filter((name) => name !== roleName);
      return undefined;
    }),
    ListInstanceProfilesForRole: onRole(iam, ({ roleName }, { parameters }) => {
      const found = iam.instanceProfiles.withRole(roleName);
      const profileName = ({ instanceProfileName }: InstanceProfile) => instanceProfileName;
      return page(parameters, 'InstanceProfiles', found, profileName, (profile) => describe(iam, profile));
    }),
  };
}

/** An operation on the instance profile of the parameter `InstanceProfileName`. */
function onProfile(
  iam: Iam,
  act: (profile: InstanceProfile, request: ApiRequest) => Output | Promise<Output>,
): Operation {
  return async (request) => {
    const name = nameOf(request.parameters, 'InstanceProfileName', 128);
    const { partition, accountId } = iam.identity;
    const profile = iam.instanceProfiles.get(name);
    await iam.authorize(request, {
      action: `iam:${request.operation}`,
      resource: profile?.arn ?? `arn:${partition}:iam::${accountId}:instance-profile/${name}`,
      resourceName: `instance profile ${name}`,
    });
    if (!profile) {
      throw new ApiError('NoSuchEntity', `Instance Profile ${name} cannot be found.`, 404);
    }
    return act(profile, request);
  };
}

async function createInstanceProfile(iam: Iam, request: ApiRequest): Promise<Output> {
  const { identity, instanceProfiles, authorize } = iam;
  const name = nameOf(request.parameters, 'InstanceProfileName', 128);
  const path = pathOf(request.parameters);
  const resource = `arn:${identity.partition}:iam::${identity.accountId}:instance-profile${path}${name}`;
  await authorize(request, { action: 'iam:CreateInstanceProfile', resource });
  if (instanceProfiles.get(name)) {
    throw new ApiError('EntityAlreadyExists', `Instance Profile ${name} already exists.`, 409);
  }
  return { InstanceProfile: describe(iam, instanceProfiles.create(name, { path })) };
}

/** The caller also needs `iam:PassRole` for the role (API reference, AddRoleToInstanceProfile). */
async function addRole(iam: Iam, profile: InstanceProfile, request: ApiRequest): Promise<Output> {
  const roleName = nameOf(request.parameters, 'RoleName', 64);
  const role = existing(iam.roles.get(roleName), roleName);
  const context = { ...resourceTags(role), 'iam:PassedToService': 'ec2.amazonaws.com' };
  await iam.authorize(request, { action: 'iam:PassRole', resource: role.arn, context });
  if (profile.roleNames.length > 0) {
    const message = 'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1';
    throw new ApiError('LimitExceeded', message, 409);
  }
  profile.roleNames = [roleName];
  return undefined;
}

function describe({ roles }: Iam, profile: InstanceProfile): Record<string, unknown> {
  return {
    Path: profile.path,
    InstanceProfileName: profile.instanceProfileName,
    InstanceProfileId: profile.instanceProfileId,
    Arn: profile.arn,
    CreateDate: profile.createDate,
    Roles: profile.roleNames.flatMap((name) => {
      const role = roles.get(name);
      return role ? [describeRole(role)] : [];
    }),
  };
}
