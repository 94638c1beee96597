import type { Action, Fault } from 'local-account';
import { EMPTY, HALF, OTHER_MEMBERS, WEB_PAGE } from 'local-account/testing';

/*
 * What the handler contract requires where a call to AWS fails, as rules. The matrix compares with them what happens.
 * (CloudFormation CLI user guide, "resource-type-test-contract".)
 */

/** The state of the account that the operation finds. */
type Situation =
  /** The role can be assumed. */
  | 'usual'
  /** STS denies the handler the role, and the handler asks IAM and STS why. */
  | 'denied'
  /** The role does not exist. */
  | 'gone'
  /** The log group does not exist yet. */
  | 'unlogged';

/** One call of one operation. */
export interface Row {
  readonly action: Action;
  readonly situation: Situation;
  /** As IAM names the action, such as `sts:AssumeRole`. */
  readonly call: string;
  /** Which of the calls of that name: create assumes the role in both of its steps, and a list follows each change. */
  readonly occurrence: number;
  /** For LIST: whether it is limited to one role. */
  readonly filtered: boolean;
}

/** The calls of each invocation of an operation that changes something. A list follows each change. */
export const CALLS = {
  CREATE: [
    ['sts:AssumeRole', 'ecs:ListAccountSettings'],
    ['sts:AssumeRole', 'ecs:PutAccountSetting', 'ecs:ListAccountSettings'],
  ],
  UPDATE: [['sts:AssumeRole', 'ecs:ListAccountSettings', 'ecs:PutAccountSetting', 'ecs:ListAccountSettings']],
  DELETE: [
    ['sts:AssumeRole', 'ecs:ListAccountSettings', 'ecs:DeleteAccountSetting', 'ecs:ListAccountSettings'],
  ],
};
/** The calls that read a setting, and those that find out why a role is denied. */
const READING = ['sts:AssumeRole', 'ecs:ListAccountSettings'];
const ASKING_WHY = ['iam:GetRole', 'sts:GetCallerIdentity'];

/** Which of the calls of its name each call is. */
export function counted(calls: readonly string[]): { call: string; occurrence: number }[] {
  return calls.map((call, index) => ({
    call,
    occurrence: calls.slice(0, index + 1).filter((it) => it === call).length,
  }));
}

const rows = (action: Action, situation: Situation, calls: readonly string[], filtered = false): Row[] =>
  counted(calls).map((it) => ({ action, situation, ...it, filtered }));

/** Every call of every operation. */
export const ROWS: readonly Row[] = [
  ...rows('CREATE', 'usual', CALLS.CREATE.flat()),
  ...rows('CREATE', 'denied', ASKING_WHY),
  ...rows('READ', 'usual', READING),
  ...rows('READ', 'denied', ASKING_WHY),
  ...rows('READ', 'gone', ['iam:GetRole']),
  ...rows('UPDATE', 'usual', CALLS.UPDATE.flat()),
  ...rows('UPDATE', 'denied', ASKING_WHY),
  ...rows('UPDATE', 'gone', ['iam:GetRole']),
  ...rows('DELETE', 'usual', CALLS.DELETE.flat()),
  ...rows('DELETE', 'denied', ASKING_WHY),
  ...rows('DELETE', 'gone', ['iam:GetRole']),
  ...rows('LIST', 'usual', ['sts:GetCallerIdentity', 'iam:ListRoles', 'iam:GetRole', ...READING]),
  ...rows('LIST', 'usual', ['iam:GetRole', ...READING], true),
  ...rows('UPDATE', 'unlogged', ['logs:CreateLogStream', 'logs:CreateLogGroup']),
  ...rows('UPDATE', 'usual', ['logs:PutLogEvents', 'cloudwatch:PutMetricData']),
];

/** One way in which a call fails. */
export interface Column {
  readonly name: string;
  readonly fault: Fault;
  /** The contract's error code for it. */
  readonly code: string;
  /** The SDK, or the handlers' own call, retries at once. */
  readonly retriedBySdk: boolean;
  /** AWS did what was asked, although no answer says so. */
  readonly tookEffect: boolean;
}

const garbage = (name: string, fault: Fault): Column => ({
  name,
  fault,
  code: 'ServiceInternalError',
  retriedBySdk: false,
  tookEffect: true,
});

/** A signature that has expired, as STS reports it (aws-sdk-js-v3 issue 7605). */
export const STALE: Fault = {
  kind: 'refuse',
  code: 'SignatureDoesNotMatch',
  status: 403,
  message:
    'Signature expired: 20261130T120000Z is now earlier than 20261130T120500Z (20261130T122000Z - 15 min.)',
};

const noAnswer = { code: 'NetworkFailure', retriedBySdk: true };
const ofAws = { code: 'ServiceInternalError', retriedBySdk: true, tookEffect: false };
const refusal = { retriedBySdk: false, tookEffect: false };

export const COLUMNS: readonly Column[] = [
  { name: 'throttled', fault: { kind: 'throttle' }, ...ofAws, code: 'Throttling' },
  { name: '500', fault: { kind: 'error', status: 500 }, ...ofAws },
  { name: '503', fault: { kind: 'error', status: 503 }, ...ofAws },
  { name: 'cut before', fault: { kind: 'drop', when: 'before' }, ...noAnswer, tookEffect: false },
  { name: 'cut after', fault: { kind: 'drop', when: 'after' }, ...noAnswer, tookEffect: true },
  { name: 'timed out', fault: { kind: 'hang' }, ...noAnswer, tookEffect: false },
  { name: 'denied', fault: { kind: 'deny' }, ...refusal, code: 'AccessDenied' },
  { name: 'expired', fault: { kind: 'expire' }, ...refusal, code: 'InvalidCredentials' },
  // The handlers make such a call once more at once, as the SDK does with others.
  { name: 'stale', fault: STALE, ...noAnswer, tookEffect: false },
  garbage('a web page', WEB_PAGE),
  garbage('half', HALF),
  garbage('empty', EMPTY),
  garbage('other members', OTHER_MEMBERS),
];

/** How many answers fail: one, as many as the SDK attempts a call, or all. */
export const EXTENTS = [1, 3, Number.POSITIVE_INFINITY] as const;

export type Extent = (typeof EXTENTS)[number];

/** What AWS does not document. Each possibility is tried. */
export interface Assumption {
  readonly name: string;
  /** What CloudFormation starts a retry from. */
  readonly retryFrom: 'last-event' | 'original-request';
  /** How far ECS's lists are behind, in milliseconds. */
  readonly lag: number;
}

export const ASSUMPTIONS: readonly Assumption[] = [
  { name: 'retries keep the context', retryFrom: 'last-event', lag: 0 },
  { name: 'retries start from the original request', retryFrom: 'original-request', lag: 0 },
  { name: 'lists lag four seconds', retryFrom: 'last-event', lag: 4000 },
];

/** The assumption of a test that makes none. */
export const USUAL = ASSUMPTIONS[0] as Assumption;

/**
 * Whether a cell is tried under an assumption. Under the first, all are. Under the others, reads and lists are left
 * out, since they have no context, and so are denials, which are about IAM. Of columns that the handlers cannot tell
 * apart, one is tried.
 */
export function isTriedUnder(
  assumption: Assumption,
  { action, call, situation }: Row,
  column: Column,
): boolean {
  const changes = action !== 'READ' && action !== 'LIST' && situation === 'usual' && /^(sts|ecs):/.test(call);
  return assumption === USUAL || (changes && !ALIKE.has(column.name));
}

/** Columns that are to the handlers as `500`, `cut before` and `a web page` are. */
const ALIKE: ReadonlySet<string> = new Set(['503', 'timed out', 'stale', 'half']);

/** How an operation ends. */
export interface Expectation {
  /** `SUCCESS`, or the error code. */
  readonly outcome: string;
  /** Whether the setting is as the operation was asked to make it, or as it was before. */
  readonly setting: 'asked' | 'before';
}

/** What to expect of a cell: the first rule that fits. */
export function expectationOf(row: Row, column: Column, extent: Extent, assumption: Assumption): Expectation {
  const { action, call, situation } = row;
  const forGood = extent === Number.POSITIVE_INFINITY;
  const success: Expectation = { outcome: 'SUCCESS', setting: 'asked' };
  const untouched = (outcome: string): Expectation => ({ outcome, setting: 'before' });

  // Telemetry never changes the outcome.
  if (/^(logs|cloudwatch):/.test(call)) {
    return success;
  }

  // These calls find out why a role is denied. Read cannot wait for them: it answers with a code that is retried.
  if (situation === 'denied' || situation === 'gone') {
    const refused = column.code === 'AccessDenied' || column.code === 'InvalidCredentials';
    const answered = !forGood && (action !== 'READ' || !refused);
    const read = action === 'READ' && call === 'iam:GetRole';
    if (read && forGood && !refused) {
      return untouched(column.code);
    }
    return untouched(situation === 'gone' && answered ? 'NotFound' : 'AccessDenied');
  }

  const changed = isAfterChange(row) || (isChange(row) && column.tookEffect);
  const failed = (outcome: string): Expectation => ({ outcome, setting: changed ? 'asked' : 'before' });

  // Expired credentials do not become valid by waiting.
  if (column.code === 'InvalidCredentials') {
    return failed('InvalidCredentials');
  }

  if (column.code === 'AccessDenied') {
    // List leaves out a role that denies the handler, and fails where the handler may not look at roles.
    if (action === 'LIST') {
      return isOfRole(call) ? success : untouched('AccessDenied');
    }
    // Read must answer at once. The other operations wait for IAM.
    return action === 'READ' || forGood ? failed('AccessDenied') : success;
  }

  // Nothing in the answer to a delete is needed.
  if (call === 'ecs:DeleteAccountSetting' && isReadable(column)) {
    return success;
  }

  // An operation outlasts every fault that ends: by the SDK's retries, by waiting, or by CloudFormation's retries.
  if (!forGood) {
    return success;
  }

  // A fault that does not end is reported with its code. A retry that forgets the first try finds create's own setting.
  const findsItsOwn =
    assumption.retryFrom === 'original-request' && action === 'CREATE' && isChange(row) && changed;
  return failed(findsItsOwn ? 'AlreadyExists' : column.code);
}

/** The call that makes the change. */
function isChange({ call }: Row): boolean {
  return call === 'ecs:PutAccountSetting' || call === 'ecs:DeleteAccountSetting';
}

/** The list that must show the change. */
function isAfterChange({ call, occurrence }: Row): boolean {
  return call === 'ecs:ListAccountSettings' && occurrence === 2;
}

/** Whether the answer can be read, although something is missing from it. */
function isReadable({ fault }: Column): boolean {
  return fault === EMPTY || fault === OTHER_MEMBERS;
}

/** Whether a call is about one role. List leaves out roles that deny such a call. */
function isOfRole(call: string): boolean {
  return call === 'sts:AssumeRole' || call === 'ecs:ListAccountSettings';
}

/** Whether the operation does not notice the fault. */
export function isUnnoticed(row: Row, column: Column, extent: Extent): boolean {
  return row.situation === 'usual' && extent === 1 && column.retriedBySdk;
}

/** Whether the operation waits between its invocations, rather than within one or not at all. */
export function waitsBetweenInvocations({ action, call, occurrence, situation }: Row): boolean {
  const identified =
    action === 'UPDATE' || action === 'DELETE' || occurrence === 2 || call === 'ecs:PutAccountSetting';
  return (
    situation === 'usual' && /^(sts|ecs):/.test(call) && action !== 'READ' && action !== 'LIST' && identified
  );
}
