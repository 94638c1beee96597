/** Finds the roles to look at, and reads them from IAM. */
import { GetRoleCommand, ListRolesCommand, type Role } from '@aws-sdk/client-iam';
import { nameOf } from '../command-line/shared-options';
import { each, type Reader } from './calls';
import type { Selection } from './options';

/** A role that the user asks for and that does not exist. */
export interface MissingRole {
  /** The name or the ARN that was given. */
  readonly given: string;
  /** The ARN of the role that has its name, if there is one. */
  readonly other: string | undefined;
}

/** Session name of the handlers in the trust policies of opted-in roles. */
const TRUSTS_HANDLERS = /"EcsRoleTrunking"/;

/** The path of handler roles, which opted-in roles trust; see SECURITY.md. */
export const HANDLER_PATH = '/ecs-role-trunking/';

const AT_A_TIME = 4;

/**
 * The roles to look at.
 *
 * @param used The ARNs of the instances' roles.
 * @returns by ARN, whether the user asks for the role; otherwise it is only the role of an instance. And what does not
 * exist of what the user asks for.
 */
export async function findRoles(
  reader: Reader,
  selected: Selection['roles'],
  used: readonly string[],
): Promise<{ roles: Map<string, boolean>; missing: MissingRole[] }> {
  const { arns, missing } = await byName(reader, typeof selected === 'string' ? [] : selected);
  const askedFor = selected === 'all' ? await optedIn(reader) : arns;
  const roles = [...used.map((arn) => [arn, false] as const), ...askedFor.map((arn) => [arn, true] as const)];
  return { roles: new Map(roles), missing };
}

/** @returns nothing if it could not be read; otherwise what was found. */
export async function getRole(
  { iam, calls }: Reader,
  RoleName: string,
): Promise<{ readonly found: Role | undefined } | undefined> {
  const command = new GetRoleCommand({ RoleName });
  return calls.find('iam:GetRole', async () => (await iam.send(command)).Role);
}

/** Every role whose trust policy mentions the handlers' sessions. ListRoles returns trust policies, but no tags. */
async function optedIn({ iam, calls }: Reader): Promise<string[]> {
  const send = (Marker: string | undefined) => iam.send(new ListRolesCommand({ Marker }));
  const { items } = await calls.all('iam:ListRoles', send, ({ Roles }) => Roles?.filter(isOptedIn));
  return items.map(({ Arn = '' }) => Arn);
}

function isOptedIn({ AssumeRolePolicyDocument = '', Path }: Role): boolean {
  return Path !== HANDLER_PATH && TRUSTS_HANDLERS.test(decodeURIComponent(AssumeRolePolicyDocument));
}

/** IAM's ARNs of roles that are given by name or by ARN. */
async function byName(
  reader: Reader,
  given: readonly string[],
): Promise<{ arns: string[]; missing: MissingRole[] }> {
  const arns: string[] = [];
  const missing: MissingRole[] = [];
  await each(given, AT_A_TIME, async (nameOrArn) => {
    const role = await getRole(reader, nameOf(nameOrArn));
    const arn = role?.found?.Arn;
    if (arn !== undefined && (arn === nameOrArn || !nameOrArn.startsWith('arn:'))) {
      arns.push(arn);
    } else if (role) {
      missing.push({ given: nameOrArn, other: arn });
    }
  });
  return { arns, missing };
}
