/** What is found about a role: whether it is opted in, what of its own denies the handlers, and its setting. */
import { targetOptions } from '../command-line/aws-commands';
import { invocation } from '../command-line/invocation';
import { nameOf } from '../command-line/shared-options';
import { findStackOfRole } from '../command-line/stack-resource';
import { documentsFor, type JsonObject } from '../opt-in/documents';
import { type Part, planOptIn, type RoleState, trustsAccount } from '../opt-in/plan';
import { conditionsOn, statementsOf } from '../opt-in/policy-text';
import { stateOf } from '../opt-in/role';
import { sameStatement } from '../opt-in/same-policy';
import type { Reader } from './calls';
import { SETTING_TEXTS } from './causes';
import type { SettingFacts } from './facts';
import type { Finding } from './finding';
import { STEPS } from './pages';
import { concerning, type NamedStatement, readManagedPolicy, readStatements } from './read-policies';
import { getRole } from './read-roles';

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
  const name = nameOf(roleArn);
  const answer = await getRole(reader, name);
  if (!answer?.found) {
    return [];
  }
  const { statements, isComplete } = await readStatements(reader, name);
  const documents = documentsFor(roleArn);
  // Whatever the policy's name: the CDK's addToPolicy makes one up.
  const has = (ours: JsonObject) => statements.some(({ statement }) => sameStatement(statement, ours));
  const policy = statementsOf(documents.policy).every(has) ? documents.policy : undefined;
  const role = { ...stateOf(name, answer.found), policy };
  const missing = planOptIn(role, documents).map(({ part }) => part);
  if (!isAskedFor && missing.length === 3) {
    return [{ level: 'fine', subject: 'opted in', text: 'no' }];
  }
  const known = missing.filter((part) => isComplete || part !== 'inline policy');
  return [
    ...(missing.length === 0 ? [{ level: 'fine', subject: 'opted in', text: 'yes' } as const] : []),
    ...(known.length === 0 ? [] : await judgeOptIn(reader, name, known)),
    ...judgeTrust(role),
    ...judgeDenials(statements),
    ...(await judgeBoundary(reader, role)),
    // With a part missing, the handlers cannot read it, and say no more than that.
    ...(missing.length === 0 ? judgeSetting(setting, isAskedFor) : []),
  ];
}

/** One finding for each part that is not as it should be, or one for all three. A stack takes back what its template lacks. */
async function judgeOptIn(
  { cloudformation, calls, region, profile }: Reader,
  name: string,
  parts: readonly Part[],
): Promise<Finding[]> {
  const stack = await calls.make('cloudformation:DescribeStackResources', () =>
    findStackOfRole(cloudformation, name),
  );
  const what =
    stack !== undefined
      ? { remedy: `Add the opt-in to the template of the stack ${stack}: docs/opting-in.md.` }
      : {
          remedy: 'Opt the role in:',
          command: invocation('opt-in', `--role ${name}${targetOptions({ region, profile })}`),
        };
  const texts = parts.length === 3 ? [ROLE_TEXTS.none] : parts.map((part) => ROLE_TEXTS[part]);
  return texts.map((text) => ({ level: 'must', subject: 'opted in', text, ...what }));
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
  const found = new Map<string, { text: 'denial' | 'conditional'; policy: string; actions: Set<string> }>();
  for (const action of ACTIONS) {
    const denying = concerning(statements, 'Deny', action).filter((it) => !exemptsHandlers(it.statement));
    for (const { policy, statement } of denying) {
      const text = statement.Condition === undefined ? 'denial' : 'conditional';
      const denial = found.get(`${text} ${policy}`) ?? { text, policy, actions: new Set() };
      found.set(`${text} ${policy}`, denial);
      denial.actions.add(action);
    }
  }
  return [...found.values()].map(({ text, policy, actions }) => ({
    level: text === 'denial' ? 'must' : 'should',
    subject: 'denial',
    text: ROLE_TEXTS[text],
    reason: `${policy}, ${[...actions].join(', ')}`,
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
  const isMissing = (action: string) => statements && concerning(statements, 'Allow', action).length === 0;
  const missing = ACTIONS.filter(isMissing);
  if (missing.length === 0) {
    return [{ level: 'fine', subject, text: boundary }, ...judgeDenials(statements ?? [])];
  }
  const remedy = `Allow ${missing.join(', ')} there.`;
  return [{ level: 'must', subject, text: ROLE_TEXTS.boundary, reason: boundary, remedy }];
}

/** @param isAskedFor Otherwise, the findings of its instances say what the value means. */
function judgeSetting({ own, accountDefault, failure }: SettingFacts, isAskedFor: boolean): Finding[] {
  const subject = 'setting';
  if (failure !== undefined) {
    const remedy =
      'Do what the handlers say. If nothing above explains a denial, look for a service control policy.';
    const level = TEMPORARY.test(failure) ? 'unknown' : 'must';
    return [{ level, subject, text: ROLE_TEXTS.failure, reason: failure, remedy }];
  }
  if (!isAskedFor || own !== 'none' || accountDefault === 'enabled') {
    return [];
  }
  if (accountDefault === 'unknown') {
    const remedy = 'Look at the account default as a principal that has no value of its own.';
    return [{ level: 'unknown', subject, text: SETTING_TEXTS.unknown, remedy }];
  }
  const remedy = `Declare the setting for the role (${STEPS.declare}).`;
  return [{ level: 'should', subject, text: SETTING_TEXTS.off, remedy }];
}
