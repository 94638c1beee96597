/** Which roles to look at, and what is found out about each. */
import { type IAMClient, ListRolesCommand, type Role } from '@aws-sdk/client-iam';
import { checkRole, checkTrust } from '../opt-in/check';
import { documentsFor } from '../opt-in/documents';
import { planOptIn } from '../opt-in/plan';
import { readRole } from '../opt-in/role';
import { type Calls, each } from './calls';
import type { Finding } from './finding';
import type { Selection } from './options';

/** Where to read. */
export interface RoleReader {
  readonly iam: IAMClient;
  readonly calls: Calls;
}

/** Session name of the handlers in the trust policies of opted-in roles. */
const TRUSTS_HANDLERS = /"EcsRoleTrunking"/;

/** Handler roles have this path; see SECURITY.md. */
const HANDLER_PATH = '/ecs-role-trunking/';

const AT_A_TIME = 4;

/**
 * The roles to look at, with whether the user asks for each; otherwise it is only the role of an instance.
 *
 * @param used The ARNs of the instances' roles.
 */
export async function findRoles(
  reader: RoleReader,
  selected: Selection['roles'],
  used: readonly string[],
): Promise<Map<string, boolean>> {
  const asked =
    selected === 'used' ? [] : selected === 'all' ? await optedIn(reader) : await byName(reader, selected);
  return new Map([...used.map((arn) => [arn, false] as const), ...asked.map((arn) => [arn, true] as const)]);
}

/** Every role whose trust policy mentions the handlers' sessions. ListRoles returns trust policies, but no tags. */
async function optedIn({ iam, calls }: RoleReader): Promise<string[]> {
  let Marker: string | undefined;
  const arns: string[] = [];
  do {
    const page = await calls.make('iam:ListRoles', 'IAM', () => iam.send(new ListRolesCommand({ Marker })));
    arns.push(...(page?.Roles ?? []).filter(isOptedIn).map(({ Arn = '' }) => Arn));
    Marker = page?.IsTruncated ? page.Marker : undefined;
  } while (Marker !== undefined);
  return arns;
}

function isOptedIn({ AssumeRolePolicyDocument = '', Path }: Role): boolean {
  return Path !== HANDLER_PATH && TRUSTS_HANDLERS.test(decodeURIComponent(AssumeRolePolicyDocument));
}

/** IAM's ARNs of roles that are given by name or by ARN. */
async function byName(reader: RoleReader, names: readonly string[]): Promise<string[]> {
  const arns = await each(names, AT_A_TIME, async (name) => {
    const role = await read(reader, name);
    return role?.arn ?? [];
  });
  return arns.flat();
}

function read({ iam, calls }: RoleReader, nameOrArn: string) {
  const name = nameOrArn.split('/').at(-1) ?? nameOrArn;
  return calls.make('iam:GetRole, iam:GetRolePolicy', 'IAM', () => readRole(iam, name));
}

/** @param isAskedFor Otherwise, a role that has no part of the opt-in is fine: it does without this type. */
export async function judgeRole(
  reader: RoleReader,
  roleArn: string,
  isAskedFor: boolean,
): Promise<Finding[]> {
  const role = await read(reader, roleArn);
  if (!role) {
    return [];
  }
  const missing = planOptIn(role, documentsFor(role.arn)).map(({ part }) => part);
  if (!isAskedFor && missing.length === 3) {
    return [{ level: 'fine', subject: 'opted in', text: 'no' }];
  }
  return [checkRole(role.name, missing), ...checkTrust(role)];
}
