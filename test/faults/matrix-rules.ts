import type { Fault } from '../../local/gateway/faults';
import type { Action } from '../../sample/cloudformation';

/*
 * What the handler contract calls for where a call of AWS goes wrong, as rules: the matrix compares what
 * happens with what they say. (CloudFormation CLI user guide, "resource-type-test-contract".)
 */

/** What the operation finds. */
type Situation =
  /** The role can be assumed. */
  | 'usual'
  /** The role does not let the handler in: it asks IAM and STS why. */
  | 'denied'
  /** There is no such role. */
  | 'gone'
  /** The log group is not there yet. */
  | 'unlogged';

/** One call of one operation. */
export interface Row {
  readonly action: Action;
  readonly situation: Situation;
  /** As IAM names the action, such as `sts:AssumeRole`. */
  readonly call: string;
  /** Which of the calls of that name it is: create assumes the role in both of its steps, and a change is listed. */
  readonly occurrence: 1 | 2;
  /** LIST: one page of all roles, or the one role that is asked for. */
  readonly filtered?: boolean;
}

const row = (action: Action, situation: Situation, call: string, more: Partial<Row> = {}): Row => ({
  action,
  situation,
  call,
  occurrence: 1,
  ...more,
});

/** Every call of every operation. */
export const ROWS: readonly Row[] = [
  row('CREATE', 'usual', 'sts:AssumeRole'),
  row('CREATE', 'usual', 'ecs:ListAccountSettings'),
  row('CREATE', 'usual', 'sts:AssumeRole', { occurrence: 2 }),
  row('CREATE', 'usual', 'ecs:PutAccountSetting'),
  row('CREATE', 'usual', 'ecs:ListAccountSettings', { occurrence: 2 }),
  row('CREATE', 'denied', 'iam:GetRole'),
  row('CREATE', 'denied', 'sts:GetCallerIdentity'),
  row('READ', 'usual', 'sts:AssumeRole'),
  row('READ', 'usual', 'ecs:ListAccountSettings'),
  row('READ', 'denied', 'iam:GetRole'),
  row('READ', 'denied', 'sts:GetCallerIdentity'),
  row('READ', 'gone', 'iam:GetRole'),
  row('UPDATE', 'usual', 'sts:AssumeRole'),
  row('UPDATE', 'usual', 'ecs:ListAccountSettings'),
  row('UPDATE', 'usual', 'ecs:PutAccountSetting'),
  row('UPDATE', 'usual', 'ecs:ListAccountSettings', { occurrence: 2 }),
  row('UPDATE', 'denied', 'iam:GetRole'),
  row('UPDATE', 'denied', 'sts:GetCallerIdentity'),
  row('UPDATE', 'gone', 'iam:GetRole'),
  row('DELETE', 'usual', 'sts:AssumeRole'),
  row('DELETE', 'usual', 'ecs:ListAccountSettings'),
  row('DELETE', 'usual', 'ecs:DeleteAccountSetting'),
  row('DELETE', 'usual', 'ecs:ListAccountSettings', { occurrence: 2 }),
  row('DELETE', 'denied', 'iam:GetRole'),
  row('DELETE', 'denied', 'sts:GetCallerIdentity'),
  row('DELETE', 'gone', 'iam:GetRole'),
  row('LIST', 'usual', 'sts:GetCallerIdentity'),
  row('LIST', 'usual', 'iam:ListRoles'),
  row('LIST', 'usual', 'iam:GetRole'),
  row('LIST', 'usual', 'sts:AssumeRole'),
  row('LIST', 'usual', 'ecs:ListAccountSettings'),
  row('LIST', 'usual', 'sts:AssumeRole', { filtered: true }),
  row('LIST', 'usual', 'ecs:ListAccountSettings', { filtered: true }),
  row('UPDATE', 'usual', 'logs:CreateLogStream'),
  row('UPDATE', 'unlogged', 'logs:CreateLogGroup'),
  row('UPDATE', 'usual', 'logs:PutLogEvents'),
  row('UPDATE', 'usual', 'cloudwatch:PutMetricData'),
];

/** One way in which a call goes wrong. */
export interface Column {
  readonly name: string;
  readonly fault: Fault;
  /** The contract's code for it. */
  readonly code: string;
  /** The SDK tries again of itself. */
  readonly retriedBySdk: boolean;
  /** AWS did what was asked, though no answer says so. */
  readonly tookEffect: boolean;
}

const garbage = (name: string, variant: 'html' | 'truncated' | 'empty' | 'wrong-shape'): Column => ({
  name,
  fault: { kind: 'garbage', variant },
  code: 'ServiceInternalError',
  retriedBySdk: false,
  tookEffect: true,
});

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
  garbage('a web page', 'html'),
  garbage('half', 'truncated'),
  garbage('empty', 'empty'),
  garbage('other shape', 'wrong-shape'),
];

/** How often: one answer, as many in a row as the SDK makes attempts of a call, or all. */
export const EXTENTS = [1, 3, Number.POSITIVE_INFINITY] as const;

export type Extent = (typeof EXTENTS)[number];

/** What is not documented of AWS, and so is tried in each way. */
export interface World {
  readonly name: string;
  /** What CloudFormation starts a retry from. */
  readonly retryFrom: 'last-event' | 'original-request';
  /** How far ECS's lists are behind, in milliseconds. */
  readonly lag: number;
}

export const WORLDS: readonly World[] = [
  { name: 'retries keep the context', retryFrom: 'last-event', lag: 0 },
  { name: 'retries start from the original request', retryFrom: 'original-request', lag: 0 },
  { name: 'lists lag four seconds', retryFrom: 'last-event', lag: 4000 },
];

/**
 * Whether a cell is tried in a world. The first world has them all. In the others, reads and lists make no
 * difference, since they have no context, nor do denials, which are about IAM; and of columns that the handlers
 * cannot tell apart one is enough.
 */
export function isTriedIn(world: World, { action, call, situation }: Row, column: Column): boolean {
  const changes = action !== 'READ' && action !== 'LIST' && situation === 'usual' && /^(sts|ecs):/.test(call);
  return world === WORLDS[0] || (changes && !ALIKE.has(column.name));
}

/** As `500`, `cut before` and `a web page` to the handlers. */
const ALIKE: ReadonlySet<string> = new Set(['503', 'timed out', 'half']);

/** How an operation ends. */
export interface Expectation {
  /** `SUCCESS`, or the error code. */
  readonly outcome: string;
  /** The setting is as the operation was asked to make it, or as it was. */
  readonly setting: 'asked' | 'before';
}

/** What to expect of a cell: the first rule that fits. */
export function expectationOf(row: Row, column: Column, extent: Extent, world: World): Expectation {
  const { action, call, situation } = row;
  const forGood = extent === Number.POSITIVE_INFINITY;
  const success: Expectation = { outcome: 'SUCCESS', setting: 'asked' };
  const untouched = (outcome: string): Expectation => ({ outcome, setting: 'before' });

  // Telemetry never changes the outcome.
  if (/^(logs|cloudwatch):/.test(call)) {
    return success;
  }

  // What is asked to explain why a role is denied. Read cannot wait for it, so CloudFormation is told to retry.
  if (situation === 'denied' || situation === 'gone') {
    const refused = column.code === 'AccessDenied' || column.code === 'InvalidCredentials';
    const answered = !forGood && (action !== 'READ' || !refused);
    const read = action === 'READ' && call === 'iam:GetRole';
    if (read && forGood && !refused) {
      return untouched(column.code);
    }
    return untouched(situation === 'gone' && answered ? 'NotFound' : 'AccessDenied');
  }

  // Without the path of the handler role, list asks STS about a few roles more.
  if (action === 'LIST' && call === 'iam:GetRole') {
    return success;
  }

  const changed = isAfterChange(row) || (isChange(row) && column.tookEffect);
  const failed = (outcome: string): Expectation => ({ outcome, setting: changed ? 'asked' : 'before' });

  // Credentials that are not good any more do not get better by waiting.
  if (column.code === 'InvalidCredentials') {
    return failed('InvalidCredentials');
  }

  if (column.code === 'AccessDenied') {
    // A role that denies has nothing to list; a caller that may not list is denied.
    if (action === 'LIST') {
      return isOfRole(call) ? success : untouched('AccessDenied');
    }
    // Reading must answer at once; the others wait for IAM.
    return action === 'READ' || forGood ? failed('AccessDenied') : success;
  }

  // The answer of a delete has nothing in it that must be read.
  if (call === 'ecs:DeleteAccountSetting' && isReadable(column)) {
    return success;
  }

  // Everything that ends passes: by the SDK's retries, by waiting, or by CloudFormation's retries.
  if (!forGood) {
    return success;
  }

  // What does not end gets its code. A retry that knows nothing of what was done finds create's own setting.
  const findsItsOwn =
    world.retryFrom === 'original-request' && action === 'CREATE' && isChange(row) && changed;
  return failed(findsItsOwn ? 'AlreadyExists' : column.code);
}

/** The call that makes the change. */
function isChange({ call }: Row): boolean {
  return call === 'ecs:PutAccountSetting' || call === 'ecs:DeleteAccountSetting';
}

/** The list that is to show the change. */
function isAfterChange({ call, occurrence }: Row): boolean {
  return call === 'ecs:ListAccountSettings' && occurrence === 2;
}

/** Whether the answer is JSON at least. */
function isReadable({ fault }: Column): boolean {
  return fault.kind === 'garbage' && (fault.variant === 'empty' || fault.variant === 'wrong-shape');
}

/** Whether a call is about one role, of which list leaves out those that deny it. */
function isOfRole(call: string): boolean {
  return call === 'sts:AssumeRole' || call === 'ecs:ListAccountSettings';
}

/** Whether the fault is one that only the SDK notices. */
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
