import type { Action, Model, Moment } from 'local-account';
import { inLanes, type Lane, MAX_RETRIES, type Trunking } from './lane';
import { USUAL, WORLDS, type World } from './matrix-rules';

/** The handler's process is killed at one call. */
export interface Kill {
  readonly action: Action;
  /** As IAM names the action. */
  readonly call: string;
  /** Which of the calls of that name. */
  readonly occurrence: number;
  /** Before the call takes effect, or after that and before it is answered. */
  readonly phase: Moment['phase'];
  /** Whether it is killed there in each invocation, so that CloudFormation gives up. */
  readonly forGood: boolean;
  /** Whether the log group does not exist yet. */
  readonly isUnlogged: boolean;
  readonly world: World;
}

/** The setting before each operation, the setting that it is asked for, and its calls, telemetry included. */
const OPERATIONS: readonly {
  action: Action;
  before: Trunking | undefined;
  asked: Trunking | undefined;
  calls: readonly string[];
}[] = [
  {
    action: 'CREATE',
    before: undefined,
    asked: 'enabled',
    calls: [
      ...['sts:AssumeRole', 'ecs:ListAccountSettings'],
      ...['logs:PutLogEvents', 'monitoring:PutMetricData'],
      // The second step.
      ...['sts:AssumeRole', 'ecs:PutAccountSetting', 'ecs:ListAccountSettings'],
      ...['logs:PutLogEvents', 'monitoring:PutMetricData'],
    ],
  },
  {
    action: 'UPDATE',
    before: 'enabled',
    asked: 'disabled',
    calls: [
      ...['sts:AssumeRole', 'ecs:ListAccountSettings', 'ecs:PutAccountSetting'],
      'ecs:ListAccountSettings',
      ...['logs:PutLogEvents', 'monitoring:PutMetricData'],
    ],
  },
  {
    action: 'DELETE',
    before: 'enabled',
    asked: undefined,
    calls: [
      ...['sts:AssumeRole', 'ecs:ListAccountSettings', 'ecs:DeleteAccountSetting'],
      'ecs:ListAccountSettings',
      ...['logs:PutLogEvents', 'monitoring:PutMetricData'],
    ],
  },
];

/** The calls that log the first invocation of all, in which the log group is missing. */
const FIRST_LOGGING = [
  ...['logs:PutLogEvents', 'logs:CreateLogStream', 'logs:CreateLogGroup'],
  ...['logs:CreateLogStream', 'logs:PutLogEvents'],
];

/** Before and after each of the calls of an operation. */
function momentsOf(action: Action, calls: readonly string[]) {
  return calls.flatMap((call, index) => {
    const occurrence = calls.slice(0, index + 1).filter((it) => it === call).length;
    return (['before', 'after'] as const).map((phase) => ({ action, call, occurrence, phase }));
  });
}

/** Of each operation that changes something, once and every time. */
const USUAL_KILLS = OPERATIONS.flatMap(({ action, calls }) =>
  momentsOf(action, calls).flatMap((moment) => [false, true].map((forGood) => ({ ...moment, forGood }))),
);

/** In the other worlds only once, and only at calls to STS and ECS: telemetry and giving up are the same everywhere. */
export const KILLS: readonly Kill[] = [
  ...WORLDS.flatMap((world) =>
    USUAL_KILLS.filter(
      ({ call, forGood }) => world === WORLDS[0] || (!forGood && /^(sts|ecs):/.test(call)),
    ).map((kill) => ({ ...kill, isUnlogged: false, world })),
  ),
  // Once: what is created is there in the next invocation.
  ...momentsOf('CREATE', FIRST_LOGGING).map((moment) => ({
    ...moment,
    forGood: false,
    isUnlogged: true,
    world: USUAL,
  })),
];

/** Tries them all. @returns what went wrong, and how many processes were killed. */
export async function runKills(lanes: readonly Lane[]): Promise<{ killed: number; wrong: string[] }> {
  const wrong: string[] = [];
  let killed = 0;
  await inLanes(lanes, KILLS, async (lane, kill) => {
    const result = await runKill(lane, kill);
    killed += result.killed;
    const { action, call, occurrence, phase, forGood, world } = kill;
    const name = `${world.name}: ${action} killed ${phase} ${call} (${occurrence}), ${forGood ? 'every time' : 'once'}`;
    if (result.problems.length > 0) {
      wrong.push(`${name}: ${result.problems.join('; ')}`);
    }
  });
  return { killed, wrong };
}

async function runKill(lane: Lane, kill: Kill): Promise<{ killed: number; problems: string[] }> {
  const { action, forGood, world } = kill;
  const { before, asked } = OPERATIONS.find((it) => it.action === action) ?? {};
  lane.reset(before, world);
  if (kill.isUnlogged) {
    lane.removeLogGroup();
  }
  const stop = killAt(lane, kill);
  const properties = lane.model(action === 'DELETE' ? undefined : asked);
  const previousProperties = action === 'UPDATE' ? lane.model(before) : undefined;
  const { final, held } = await lane.run(action, { properties, previousProperties });
  stop();

  const killed = lane.crashes.length;
  const problems: string[] = [];
  const outcome = final.errorCode ?? final.status;
  // A retry that starts from the original request finds the setting that the create itself put.
  const findsItsOwn =
    action === 'CREATE' && world.retryFrom === 'original-request' && outcome === 'AlreadyExists';
  if (findsItsOwn) {
    problems.push(...(await rollBack(lane, action, before, held)));
    return { killed, problems };
  }
  if (killed !== (forGood ? MAX_RETRIES + 1 : 1)) {
    problems.push(`${killed} processes were killed`);
  }
  if (forGood) {
    if (outcome !== 'InternalFailure') {
      problems.push(`ended with ${outcome}`);
    }
    problems.push(...(await rollBack(lane, action, before, held)));
  } else {
    const goodEnds = action === 'DELETE' ? ['SUCCESS', 'NotFound'] : ['SUCCESS'];
    if (!goodEnds.includes(outcome)) {
      problems.push(`ended with ${outcome}: ${final.message}`);
    }
    if (lane.setting() !== asked) {
      problems.push(`left ${lane.setting()} rather than ${asked}`);
    }
  }
  return { killed, problems };
}

/** Kills the process at a call. @returns a function that stops this. */
function killAt(lane: Lane, { call: name, occurrence, phase: when, forGood }: Kill): () => void {
  let seen = 0;
  return lane.account.observe(({ phase, call }) => {
    if (phase !== when || `${call.service}:${call.operation}` !== name) {
      return undefined;
    }
    seen += 1;
    if (seen < occurrence || (seen > occurrence && !forGood)) {
      return undefined;
    }
    lane.handlers.kill();
    return 'drop';
  });
}

/** What CloudFormation does when it has given up. It deletes only what it has the identifier of. */
async function rollBack(
  lane: Lane,
  action: Action,
  before: Trunking | undefined,
  held: Model | undefined,
): Promise<string[]> {
  if (action === 'UPDATE') {
    const properties = lane.model(before);
    await lane.run('UPDATE', { properties, previousProperties: lane.model('disabled') });
  } else if (action === 'DELETE' || held) {
    await lane.run('DELETE', { properties: held ?? lane.model() });
  }
  const should = action === 'UPDATE' ? before : undefined;
  return lane.setting() === should ? [] : [`an orphan: ${lane.setting()}`];
}
