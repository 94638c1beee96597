/** What is found about a role: whether it is opted in, what of its own denies the handlers, and its setting. */
import { targetOptions } from '../command-line/aws-commands';
import { invocation } from '../command-line/invocation';
import { documentsFor, type JsonObject } from '../opt-in/documents';
import { type Part, planOptIn, type RoleState, trustsAccount } from '../opt-in/plan';
import { conditionsOn } from '../opt-in/policy-text';
import type { Reader } from './calls';
import { SETTING_TEXTS } from './causes';
import { effectiveValue, type SettingFacts } from './facts';
import type { Finding } from './finding';
import { STEPS } from './pages';
import { concerning, type NamedStatement, readManagedPolicy, readStatements } from './read-policies';
import { type KnownRole, readRole } from './read-roles';

/** What the handlers call as the role. */
const ACTIONS = ['ecs:PutAccountSetting', 'ecs:DeleteAccountSetting', 'ecs:ListAccountSettings'];

/** What the handlers report where trying again can help (CLI user guide, "resource-type-test-contract-errors"). */
const TEMPORARY = /HandlerErrorCode: (Throttling|NetworkFailure|ServiceInternalError)\b/;

/** What is found; docs/doctor.md has each text as a heading. */
export const ROLE_TEXTS = {
  none: 'The role is not opted in',
  tag: "The opt-in's tag is missing or different",
  'trust policy': "The opt-in's trust statement is missing or different",
  'inline policy': "The opt-in's inline policy is missing or different",
  account: 'The role trusts the whole account without a condition',
  denial: "A policy of the role denies the handlers' actions",
  conditional: "A policy of the role denies the handlers' actions under a condition",
  boundary: "The permissions boundary does not allow the handlers' actions",
  failure: 'The handlers could not read the setting',
} as const;

/** @param isAskedFor Otherwise, a role without any part of the opt-in is fine: it does without this type. */
export async function judgeRole(
  reader: Reader,
  roleArn: string,
  isAskedFor: boolean,
  setting: SettingFacts,
): Promise<Finding[]> {
  const role = await readRole(reader, roleArn);
  if (!role) {
    return [];
  }
  const missing = planOptIn(role, documentsFor(role.arn)).map(({ part }) => part);
  if (!isAskedFor && missing.length === 3) {
    return [{ level: 'fine', subject: 'opted in', text: 'no' }];
  }
  return [
    ...judgeOptIn(role, missing, reader),
    ...judgeTrust(role),
    ...judgeDenials((await readStatements(reader, role.name)).statements),
    ...(await judgeBoundary(reader, role)),
    // With a part missing, the handlers cannot read it, and say no more than that.
    ...(missing.length === 0 ? judgeSetting(setting, isAskedFor) : []),
  ];
}

/** @param missing The parts that are not as they should be. */
function judgeOptIn(
  { name, isPolicyKnown }: KnownRole,
  missing: readonly Part[],
  { region, profile }: Reader,
): Finding[] {
  const subject = 'opted in';
  if (missing.length === 0) {
    return [{ level: 'fine', subject, text: 'yes' }];
  }
  const known = missing.filter((part) => isPolicyKnown || part !== 'inline policy');
  const remedy = 'Opt the role in:';
  const command = invocation('opt-in', `--role ${name}${targetOptions({ region, profile })}`);
  return (known.length === 3 ? (['none'] as const) : known).map((part) => ({
    level: 'must',
    subject,
    text: ROLE_TEXTS[part],
    remedy,
    command,
  }));
}

/** Whether the tag alone lets the handlers assume the role. */
export function judgeTrust(role: RoleState): Finding[] {
  const remedy =
    'The tag alone lets the handlers assume it: limit that statement to the principals that need ' +
    `${role.name}, and iam:TagRole to those who opt roles in.`;
  return trustsAccount(role)
    ? [{ level: 'should', subject: 'trust policy', text: ROLE_TEXTS.account, remedy }]
    : [];
}

/** One finding for each policy that denies actions, and for each that does so under a condition. */
function judgeDenials(statements: readonly NamedStatement[]): Finding[] {
  const found = new Map<string, { level: 'must' | 'should'; policy: string; actions: string[] }>();
  for (const action of ACTIONS) {
    for (const { policy, statement } of concerning(statements, 'Deny', action)) {
      if (!exemptsHandlers(statement)) {
        const level = statement.Condition === undefined ? 'must' : 'should';
        const denial = found.get(`${level} ${policy}`) ?? { level, policy, actions: [] };
        denial.actions = [...new Set([...denial.actions, action])];
        found.set(`${level} ${policy}`, denial);
      }
    }
  }
  return [...found.values()].map(({ level, policy, actions }) => ({
    level,
    subject: 'denial',
    text: level === 'must' ? ROLE_TEXTS.denial : ROLE_TEXTS.conditional,
    reason: `${policy}, ${actions.join(', ')}`,
    remedy: 'Exempt sessions named EcsRoleTrunking: "StringNotLike": {"aws:userid": "*:EcsRoleTrunking"}.',
  }));
}

/** All conditions of a statement must hold, so one that the handlers' sessions never meet is enough. */
function exemptsHandlers(statement: JsonObject): boolean {
  return conditionsOn(statement, 'aws:userid').some(
    ({ operator, values }) =>
      /^StringNotLike(IfExists)?$/i.test(operator) && values.includes('*:EcsRoleTrunking'),
  );
}

/** A boundary that could not be read is shown as it is. */
async function judgeBoundary(reader: Reader, { boundary }: RoleState): Promise<Finding[]> {
  if (boundary === undefined) {
    return [];
  }
  const subject = 'permissions boundary';
  const statements = await readManagedPolicy(reader, boundary, boundary);
  const missing = statements
    ? ACTIONS.filter((action) => concerning(statements, 'Allow', action).length === 0)
    : [];
  const remedy = `Allow ${missing.join(', ')} there.`;
  return missing.length === 0
    ? [{ level: 'fine', subject, text: boundary }, ...judgeDenials(statements ?? [])]
    : [{ level: 'must', subject, text: ROLE_TEXTS.boundary, reason: boundary, remedy }];
}

/** @param isAskedFor Otherwise, the findings of its instances say what the value means. */
function judgeSetting(setting: SettingFacts, isAskedFor: boolean): Finding[] {
  const { own, failure } = setting;
  const subject = 'setting';
  if (failure !== undefined) {
    const remedy =
      'Do what the handlers say. If nothing above explains a denial, look for a service control policy.';
    const level = TEMPORARY.test(failure) ? 'unknown' : 'must';
    return [{ level, subject, text: ROLE_TEXTS.failure, reason: failure, remedy }];
  }
  if (!isAskedFor || own !== 'none') {
    return [];
  }
  switch (effectiveValue(setting)) {
    case 'enabled':
      return [];
    case 'disabled': {
      const remedy = `Declare the setting for the role (${STEPS.declare}).`;
      return [{ level: 'should', subject, text: SETTING_TEXTS.off, remedy }];
    }
    default: {
      const remedy = 'Look at the account default as a principal that has no value of its own.';
      return [{ level: 'unknown', subject, text: SETTING_TEXTS.unknown, remedy }];
    }
  }
}
