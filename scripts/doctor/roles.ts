/** Which roles to look at, and what is found out about each. */
import { type IAMClient, ListRolesCommand, type Role } from '@aws-sdk/client-iam';
import { invocation } from '../command-line/invocation';
import { documentsFor } from '../opt-in/documents';
import { type Part, planOptIn, type RoleState, trustsAccount } from '../opt-in/plan';
import { readRole } from '../opt-in/role';
import { type Calls, each } from './calls';
import type { SettingFacts } from './facts';
import type { Selection } from './options';
import type { ReportFinding } from './report';

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

/** What is found about a role; docs/doctor.md has each text as a heading. */
export const ROLE_TEXTS = {
  none: 'The role is not opted in',
  tag: "The opt-in's tag is missing or different",
  'trust policy': "The opt-in's trust statement is missing or different",
  'inline policy': "The opt-in's inline policy is missing or different",
  account: 'The role trusts the whole account without a condition',
  failure: 'The handlers could not read the setting',
} as const;

/** @param isAskedFor Otherwise, a role without any part of the opt-in is fine: it does without this type. */
export async function judgeRole(
  reader: RoleReader,
  roleArn: string,
  isAskedFor: boolean,
  setting: SettingFacts | undefined,
): Promise<ReportFinding[]> {
  const role = await read(reader, roleArn);
  if (!role) {
    return [];
  }
  const missing = planOptIn(role, documentsFor(role.arn)).map(({ part }) => part);
  const boundary: ReportFinding[] =
    role.boundary === undefined
      ? []
      : [{ level: 'fine', subject: 'permissions boundary', text: role.boundary }];
  if (!isAskedFor && missing.length === 3) {
    return [{ level: 'fine', subject: 'opted in', text: 'no' }, ...boundary];
  }
  const optIn = missing.length === 0 ? OPTED_IN : missing.length === 3 ? (['none'] as const) : missing;
  return [
    ...optIn.map((part) => (typeof part === 'string' ? toFix(role, part) : part)),
    ...boundary,
    ...(trustsAccount(role) ? [trustFinding(role)] : []),
    // With a part missing, the handlers cannot read it, and say no more than that.
    ...(missing.length === 0 && setting?.failure !== undefined
      ? [failureFinding(role, setting.failure)]
      : []),
  ];
}

const OPTED_IN = [{ level: 'fine', subject: 'opted in', text: 'yes' }] as const;

function toFix({ name }: RoleState, part: Part | 'none'): ReportFinding {
  return {
    level: 'must',
    subject: 'opted in',
    text: ROLE_TEXTS[part],
    remedy: invocation('opt-in', `--role ${name}`),
  };
}

function trustFinding({ name }: RoleState): ReportFinding {
  const remedy = `The tag alone lets the handlers assume it: limit that statement to the principals that need ${name}.`;
  return { level: 'should', subject: 'trust policy', text: ROLE_TEXTS.account, remedy };
}

function failureFinding({ boundary }: RoleState, reason: string): ReportFinding {
  const limit =
    boundary === undefined ? '' : `, and that the boundary ${boundary} allows the three ECS actions`;
  return {
    level: 'unknown',
    subject: 'setting',
    text: ROLE_TEXTS.failure,
    remedy: `Look at the handler role above${limit}. What is left is a deny or a service control policy.`,
    reason,
  };
}
