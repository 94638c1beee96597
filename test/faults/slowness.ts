import type { Action, Fault, ProgressEvent } from 'local-account';
import { inLanes, type Lane } from './lane';

const ACTIONS: readonly Action[] = ['CREATE', 'READ', 'UPDATE', 'DELETE', 'LIST'];

/** What an invocation may answer when AWS is slow: success, or something after which CloudFormation invokes it again. */
const ANSWERS = ['SUCCESS', 'IN_PROGRESS', 'NetworkFailure', 'Throttling', 'ServiceInternalError'];

/** One operation, and one way in which AWS is slow. */
interface Slowness {
  readonly action: Action;
  readonly name: string;
  readonly faults: readonly Fault[];
}

const late = (ms: number): [string, Fault[]] => [`every answer takes ${ms} ms`, [{ kind: 'delay', ms }]];

/** For a function with a timeout of three seconds. */
export const SLOWNESSES: readonly Slowness[] = ACTIONS.flatMap((action) =>
  [
    late(200),
    late(500),
    late(800),
    late(1500),
    late(4000),
    ['nothing answers', [{ kind: 'hang' }]] as [string, Fault[]],
    // The second attempt begins late, so the time runs out within a pause or an attempt.
    ['throttled, then nothing answers', [{ kind: 'throttle' }, { kind: 'hang' }]] as [string, Fault[]],
  ].map(([name, faults]): Slowness => ({ action, name: name as string, faults: faults as Fault[] })),
);

/** Tries them all. @returns what went wrong. */
export async function runSlownesses(lanes: readonly Lane[], limitMs: number): Promise<string[]> {
  const wrong: string[] = [];
  await inLanes(lanes, SLOWNESSES, async (lane, { action, name, faults }) => {
    lane.reset(action === 'CREATE' ? undefined : 'enabled');
    const last = faults.length - 1;
    faults.forEach((fault, index) => {
      lane.account.faults.add({ times: index === last ? Number.POSITIVE_INFINITY : 1, fault });
    });
    const event = await invokeOnce(lane, action);
    const answer = event.errorCode ?? event.status;
    const problems: string[] = [];
    if (!ANSWERS.includes(answer)) {
      problems.push(`${answer} ${event.message}`);
    }
    if (lane.slowest >= limitMs) {
      problems.push(`took ${Math.round(lane.slowest)} ms`);
    }
    if (lane.crashes.length > 0) {
      problems.push(`gave no answer: ${JSON.stringify(lane.crashes)}`);
    }
    if (problems.length > 0) {
      wrong.push(`${action}, ${name}: ${problems.join('; ')}`);
    }
    lane.reset(undefined);
  });
  return wrong;
}

/** Invokes an operation only once, however it ends. */
async function invokeOnce(lane: Lane, action: Action): Promise<ProgressEvent> {
  const { payload } = await lane.invoke(eventFor(lane, action, lane.roleArn));
  return payload as ProgressEvent;
}

/** An event as CloudFormation sends it. */
export function eventFor(lane: Lane, action: Action, roleArn: string, logicalId = 'RoleTrunking') {
  const { account } = lane;
  const properties = { RoleArn: roleArn, Trunking: 'disabled' };
  return {
    action,
    awsAccountId: account.accountId,
    bearerToken: crypto.randomUUID(),
    region: 'us-east-1',
    resourceType: 'Custom::Ecs::RoleTrunking',
    resourceTypeVersion: '00000001',
    stackId: `arn:aws:cloudformation:us-east-1:${account.accountId}:stack/trunking/6a1f0e2c`,
    requestData: {
      logicalResourceId: logicalId,
      resourceProperties: action === 'LIST' ? {} : properties,
      previousResourceProperties: action === 'UPDATE' ? properties : undefined,
      callerCredentials: lane.handlerCredentials(),
      providerCredentials: account.sessionFor(lane.logRoleArn, 'AWSCloudFormation'),
      providerLogGroupName: 'custom-ecs-roletrunking-logs',
    },
  };
}

/** How long one invocation takes when AWS answers no call, where only the contract limits it. */
export async function longestInvocation(lane: Lane, action: Action): Promise<{ ms: number; answer: string }> {
  lane.reset('enabled');
  lane.account.faults.add({ times: Number.POSITIVE_INFINITY, fault: { kind: 'hang' } });
  const event = await invokeOnce(lane, action);
  return { ms: lane.slowest, answer: event.errorCode ?? event.status };
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
export async function runAbandonments(lanes: readonly Lane[]): Promise<string[]> {
  const wrong: string[] = [];
  const jobs = Array.from({ length: ROUNDS }, () => ABANDONMENTS).flat();
  await inLanes(lanes, jobs, async (lane, job) => {
    const problems = await runAbandonment(lane, job);
    if (problems.length > 0) {
      wrong.push(`abandoned ${job.name}: ${problems.join('; ')}`);
    }
  });
  return wrong;
}

async function runAbandonment(lane: Lane, { action, fault, others, logs }: Abandonment): Promise<string[]> {
  const problems: string[] = [];
  lane.reset('enabled');
  const { faults, calls } = lane.account;
  const abandoned = [
    lane.roleArn,
    ...(others ? [1, 2].map(() => lane.addRole(`other-${crypto.randomUUID()}`)) : []),
  ];
  const next = lane.addRole(`next-${crypto.randomUUID()}`);
  lane.setSetting('enabled', next);
  const times = Number.POSITIVE_INFINITY;
  for (const roleArn of abandoned) {
    const its = roleArn === lane.roleArn ? fault : others;
    if (its) {
      faults.add({ roleArn, times, fault: its });
    }
  }
  if (logs) {
    faults.add({ service: 'logs', times: 2, fault: logs });
  }

  const first = await lane.invoke(eventFor(lane, action, lane.roleArn, 'Abandoned'));
  const callsBefore = calls.length;
  // The next request takes as long as any part of the first one could wait: for an SDK pause, or for an answer.
  faults.add({ roleArn: next, fault: { kind: 'delay', ms: 700 } });
  const { payload: before } = await lane.invoke({ probe: 'prototypes' });
  const following = await lane.invoke(eventFor(lane, 'READ', next));
  const { payload: after } = await lane.invoke({ probe: 'prototypes' });

  const { status, errorCode } = first.payload as ProgressEvent;
  const answers = fault?.kind === 'expire' ? ['InvalidCredentials'] : ANSWERS;
  if (!answers.includes(errorCode ?? status)) {
    problems.push(`answered ${errorCode ?? status}`);
  }
  if ((following.payload as ProgressEvent).status !== 'SUCCESS') {
    problems.push(`the next answered ${JSON.stringify(following.payload)}`);
  }
  if (JSON.stringify(before) !== JSON.stringify(after)) {
    problems.push('the process ended');
  }
  problems.push(...lane.crashes.map((crash) => `gave no answer: ${JSON.stringify(crash)}`));
  const late = calls.slice(callsBefore).filter(({ caller = '', parameters: { RoleArn, logStreamName } }) => {
    const roles = [caller, String(RoleArn)];
    return roles.some((it) => abandoned.includes(it)) || String(logStreamName).endsWith('/Abandoned');
  });
  problems.push(...late.map(({ operation }) => `${operation} afterwards`));
  return problems;
}
