import type { Action, Fault, ProgressEvent } from 'local-account';
import { LOG_GROUP, REGION, TYPE_NAME } from '../harness/sample-account';
import { outcomeOf } from './progress-event';
import { problemsOfAll, type TestAccount } from './test-account';

const ACTIONS: readonly Action[] = ['CREATE', 'READ', 'UPDATE', 'DELETE', 'LIST'];

/** What an invocation may answer when AWS is slow: success, or something after which CloudFormation invokes it again. */
const ANSWERS = ['SUCCESS', 'IN_PROGRESS', 'NetworkFailure', 'Throttling', 'ServiceInternalError'];

/** Each way in which AWS is slow: the faults of the first calls, and of all others the last one. */
const WAYS: readonly (readonly [name: string, ...faults: Fault[]])[] = [
  ...[200, 500, 800, 1500, 4000].map(
    (ms) => [`every answer takes ${ms} ms`, { kind: 'delay', ms }] as [string, Fault],
  ),
  ['nothing answers', { kind: 'hang' }],
  // The second attempt begins late, so the time runs out within a pause or an attempt.
  ['throttled, then nothing answers', { kind: 'throttle' }, { kind: 'hang' }],
];

/** For a function with a timeout of three seconds. */
export const SLOWNESSES = ACTIONS.flatMap((action) =>
  WAYS.map(([name, ...faults]) => ({ action, name: `${action}, ${name}`, faults })),
);

/** Tries them all. @returns what went wrong. */
export async function runSlownesses(accounts: readonly TestAccount[], limitMs: number): Promise<string[]> {
  return problemsOfAll(accounts, SLOWNESSES, nameOf, async (account, { action, faults }) => {
    account.reset(action === 'CREATE' ? undefined : 'enabled');
    for (const fault of faults) {
      account.local.faults.add({ times: fault === faults.at(-1) ? Number.POSITIVE_INFINITY : 1, fault });
    }
    const event = await invokeOnce(account, action);
    const problems = [...account.crashes];
    if (!ANSWERS.includes(outcomeOf(event))) {
      problems.push(`${outcomeOf(event)} ${event.message}`);
    }
    if (account.slowest >= limitMs) {
      problems.push(`took ${Math.round(account.slowest)} ms`);
    }
    account.reset(undefined);
    return problems;
  });
}

const nameOf = ({ name }: { name: string }) => name;

/** Invokes an operation only once, however it ends. */
async function invokeOnce(account: TestAccount, action: Action): Promise<ProgressEvent> {
  const { payload } = await account.invoke(eventFor(account, action, account.roleArn));
  return payload as ProgressEvent;
}

/** An event as CloudFormation sends it. */
export function eventFor(account: TestAccount, action: Action, roleArn: string, logicalId = 'RoleTrunking') {
  const { accountId } = account.local;
  const properties = { RoleArn: roleArn, Trunking: 'disabled' };
  return {
    action,
    awsAccountId: accountId,
    bearerToken: crypto.randomUUID(),
    region: REGION,
    resourceType: TYPE_NAME,
    resourceTypeVersion: '00000001',
    stackId: `arn:aws:cloudformation:${REGION}:${accountId}:stack/trunking/6a1f0e2c`,
    requestData: {
      logicalResourceId: logicalId,
      resourceProperties: action === 'LIST' ? {} : properties,
      previousResourceProperties: action === 'UPDATE' ? properties : undefined,
      callerCredentials: account.handlerCredentials(),
      providerCredentials: account.local.sessionFor(account.sample.logRoleArn, 'AWSCloudFormation'),
      providerLogGroupName: LOG_GROUP,
    },
  };
}

/** How long one invocation takes when AWS answers no call, where only the contract limits it. */
export async function longestInvocation(
  account: TestAccount,
  action: Action,
): Promise<{ ms: number; answer: string }> {
  account.reset('enabled');
  account.local.faults.add({ times: Number.POSITIVE_INFINITY, fault: { kind: 'hang' } });
  const event = await invokeOnce(account, action);
  return { ms: account.slowest, answer: outcomeOf(event) };
}

/** How a request is answered while a part of it still runs. */
interface Abandonment {
  readonly name: string;
  readonly action: Action;
  /** The fault of calls for the role in the request. */
  readonly fault?: Fault;
  /** The fault of calls for the other roles of a list. */
  readonly others?: Fault;
  /** The fault of calls to CloudWatch Logs. */
  readonly logs?: Fault;
}

const throttle: Fault = { kind: 'throttle' };

const ABANDONMENTS: readonly Abandonment[] = [
  { name: 'in a call that hangs', action: 'UPDATE', fault: { kind: 'hang' } },
  { name: "in the SDK's pause between two attempts", action: 'UPDATE', fault: throttle },
  { name: "in the SDK's pause after a failure", action: 'UPDATE', fault: { kind: 'error', status: 503 } },
  { name: 'in a call that is answered too late', action: 'UPDATE', fault: { kind: 'delay', ms: 1300 } },
  // One role fails the list at once, while others are being read.
  { name: 'in a list that failed', action: 'LIST', fault: { kind: 'expire' }, others: throttle },
  {
    name: 'in slow calls of a list',
    action: 'LIST',
    fault: { kind: 'expire' },
    others: { kind: 'delay', ms: 300 },
  },
  { name: 'in telemetry', action: 'UPDATE', logs: throttle },
];

/** How often each is tried, because the SDK's pauses are random. */
const ROUNDS = 3;
export const ABANDONED = ABANDONMENTS.length * ROUNDS;

/**
 * In one process of a function with a timeout of one second: a request is abandoned before it is complete, and the next
 * one, for another role, follows at once.
 *
 * @returns what the first request still did during the second one, and other problems.
 */
export async function runAbandonments(accounts: readonly TestAccount[]): Promise<string[]> {
  const jobs = Array.from({ length: ROUNDS }, () => ABANDONMENTS).flat();
  return problemsOfAll(accounts, jobs, ({ name }) => `abandoned ${name}`, runAbandonment);
}

async function runAbandonment(
  account: TestAccount,
  { action, fault, others, logs }: Abandonment,
): Promise<string[]> {
  const problems: string[] = [];
  account.reset('enabled');
  const { faults, calls } = account.local;
  const addRole = (name: string) => account.sample.addInstanceRole(`${name}-${crypto.randomUUID()}`);
  const abandoned = [account.roleArn, ...(others ? [addRole('other'), addRole('other')] : [])];
  const next = addRole('next');
  account.setSetting('enabled', next);
  const times = Number.POSITIVE_INFINITY;
  for (const roleArn of abandoned) {
    const its = roleArn === account.roleArn ? fault : others;
    if (its) {
      faults.add({ roleArn, times, fault: its });
    }
  }
  if (logs) {
    faults.add({ service: 'logs', times: 2, fault: logs });
  }

  const first = await account.invoke(eventFor(account, action, account.roleArn, 'Abandoned'));
  const callsBefore = calls.length;
  // The next request takes as long as any part of the first one could wait: for an SDK pause, or for an answer.
  faults.add({ roleArn: next, fault: { kind: 'delay', ms: 700 } });
  const { payload: before } = await account.invoke({ probe: 'prototypes' });
  const following = await account.invoke(eventFor(account, 'READ', next));
  const { payload: after } = await account.invoke({ probe: 'prototypes' });

  const answer = outcomeOf(first.payload as ProgressEvent);
  const answers = fault?.kind === 'expire' ? ['InvalidCredentials'] : ANSWERS;
  if (!answers.includes(answer)) {
    problems.push(`answered ${answer}`);
  }
  if ((following.payload as ProgressEvent).status !== 'SUCCESS') {
    problems.push(`the next answered ${JSON.stringify(following.payload)}`);
  }
  if (JSON.stringify(before) !== JSON.stringify(after)) {
    problems.push('the process ended');
  }
  problems.push(...account.crashes);
  const late = calls.slice(callsBefore).filter(({ caller = '', parameters: { RoleArn, logStreamName } }) => {
    const roles = [caller, String(RoleArn)];
    return roles.some((it) => abandoned.includes(it)) || String(logStreamName).endsWith('/Abandoned');
  });
  problems.push(...late.map(({ operation }) => `${operation} afterwards`));
  return problems;
}
