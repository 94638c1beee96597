import { GetRoleCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { AwsError, type Caller, call, clientConfiguration, isText } from 'resource-runtime';
import { type RoleArn, toRoleArn } from './role-arn';

/** A role as `iam:ListRoles` returns it. */
interface ListedRole {
  readonly arn: string;
  /** The trust policy, URL-encoded JSON as IAM returns it. */
  readonly trustPolicy: string;
}

/** Small enough that the settings of a page are read well within 30 s, even where every role of it is managed. */
const PAGE_SIZE = 100;

/**
 * Whether the role exists. The path matters: IAM finds roles by name, STS by ARN.
 *
 * @throws AwsError
 */
export async function roleExists(handler: Caller, role: RoleArn): Promise<boolean> {
  try {
    return (await findRoleArn(handler, role.name)) === role.arn;
  } catch (error) {
    if (error instanceof AwsError && error.kind === 'not-found') {
      return false;
    }
    throw error;
  }
}

/** The ARN, including the path, of the role with this name. @throws AwsError of kind `not-found` where there is none. */
export async function findRoleArn(handler: Caller, roleName: string): Promise<string> {
  const iam = new IAMClient(clientConfiguration(handler));
  const command = new GetRoleCommand({ RoleName: roleName });
  const { Role } = await call(handler, 'iam:GetRole', (options) => iam.send(command, options));
  const found = toRoleArn(Role?.Arn);
  if (!found) {
    throw AwsError.malformedResponse('iam:GetRole');
  }
  return found.arn;
}

/**
 * One page of the account's roles.
 *
 * @param marker Where the page before ended; `undefined` for the first page.
 * @throws AwsError
 */
export async function listRoles(
  handler: Caller,
  marker: string | undefined,
): Promise<{ roles: ListedRole[]; nextMarker: string | undefined }> {
  const iam = new IAMClient(clientConfiguration(handler));
  const command = new ListRolesCommand({ MaxItems: PAGE_SIZE, Marker: marker });
  const page = await call(handler, 'iam:ListRoles', (options) => iam.send(command, options));
  if (!Array.isArray(page.Roles) || (page.IsTruncated && !(page.Marker && isText(page.Marker)))) {
    throw AwsError.malformedResponse('iam:ListRoles');
  }
  const roles = page.Roles.map((role) => {
    if (!role?.Arn) {
      throw AwsError.malformedResponse('iam:ListRoles');
    }
    return { arn: role.Arn, trustPolicy: role.AssumeRolePolicyDocument ?? '' };
  });
  return { roles, nextMarker: page.IsTruncated ? page.Marker : undefined };
}
