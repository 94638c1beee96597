import { GetRoleCommand, IAMClient, ListRolesCommand, type Role } from '@aws-sdk/client-iam';
import { type Caller, call, clientConfiguration, isText, ServiceError } from 'resource-runtime';
import { toRoleArn } from './role-arn';

/** A role as `iam:ListRoles` returns it. */
interface ListedRole {
  readonly arn: string;
  /** The trust policy, URL-encoded JSON as IAM returns it. */
  readonly trustPolicy: string;
}

/** A role as `iam:GetRole` returns it. `iam:ListRoles` leaves tags and boundary out (API reference, ListRoles). */
export interface FoundRole {
  /** With the path. */
  readonly arn: string;
  /** Whether the role has the tag that opts it in. */
  readonly hasOptInTag: boolean;
  /** The trust policy, URL-encoded JSON as IAM returns it. */
  readonly trustPolicy: string;
  /** The name of the policy that is the role's permissions boundary. */
  readonly boundary: string | undefined;
}

/** The tag that opts a role in. The handler role can assume no role without it (examples/roles.yml). */
export const OPT_IN_TAG = { key: 'ecs-role-trunking', value: 'managed' };

/** The path of handler roles. Roles that opt in trust the roles under it (examples/roles.yml). */
export const HANDLER_PATH = '/ecs-role-trunking/';

/** Small enough that the settings of a page are read well within 30 s, even where every role of it is managed. */
const PAGE_SIZE = 100;

/**
 * The role with this name; `undefined` if there is none. Its path can be another one than the caller expects: IAM finds
 * roles by name, STS by ARN.
 *
 * @throws ServiceError
 */
export async function findRole(handlerRole: Caller, roleName: string): Promise<FoundRole | undefined> {
  const iam = new IAMClient(clientConfiguration(handlerRole));
  const command = new GetRoleCommand({ RoleName: roleName });
  try {
    const { Role } = await call(handlerRole, 'iam:GetRole', (options) => iam.send(command, options));
    return toFoundRole(Role);
  } catch (error) {
    if (error instanceof ServiceError && error.kind === 'not-found') {
      return undefined;
    }
    throw error;
  }
}

function toFoundRole(role: Role | undefined): FoundRole {
  const { Arn, Tags = [], AssumeRolePolicyDocument = '', PermissionsBoundary } = role ?? {};
  const found = toRoleArn(Arn);
  if (!found || !Array.isArray(Tags)) {
    throw ServiceError.malformedResponse('iam:GetRole');
  }
  // Policies find a tag by its key without regard to case (IAM guide, "Tagging IAM resources").
  const hasOptInTag = Tags.some(
    (tag) => tag.Key?.toLowerCase() === OPT_IN_TAG.key && tag.Value === OPT_IN_TAG.value,
  );
  const boundary = PermissionsBoundary?.PermissionsBoundaryArn?.split('/').at(-1);
  return { arn: found.arn, hasOptInTag, trustPolicy: AssumeRolePolicyDocument, boundary };
}

/**
 * One page of the account's roles.
 *
 * @param marker Where the page before ended; `undefined` for the first page.
 * @throws ServiceError
 */
export async function listRoles(
  handlerRole: Caller,
  marker: string | undefined,
): Promise<{ roles: ListedRole[]; nextMarker: string | undefined }> {
  const iam = new IAMClient(clientConfiguration(handlerRole));
  const command = new ListRolesCommand({ MaxItems: PAGE_SIZE, Marker: marker });
  const page = await call(handlerRole, 'iam:ListRoles', (options) => iam.send(command, options));
  if (!Array.isArray(page.Roles) || (page.IsTruncated && !(page.Marker && isText(page.Marker)))) {
    throw ServiceError.malformedResponse('iam:ListRoles');
  }
  const roles = page.Roles.map((role) => {
    if (!role?.Arn) {
      throw ServiceError.malformedResponse('iam:ListRoles');
    }
    return { arn: role.Arn, trustPolicy: role.AssumeRolePolicyDocument ?? '' };
  });
  return { roles, nextMarker: page.IsTruncated ? page.Marker : undefined };
}
