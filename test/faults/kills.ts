import type { Moment } from 'local-account';
import { ASSUMPTIONS, type Assumption, CALLS, counted, USUAL } from './matrix-rules';
import { ASKED, BEFORE, inputOf, rollBack } from './operations';
import { outcomeOf } from './progress-event';
import { MAX_RETRIES, problemsOfAll, type TestAccount } from './test-account';

/** The handler's process is killed at one call. */
interface Kill {
  readonly action: keyof typeof CALLS;
  /** As request signatures name the service, and IAM the action. */
  readonly call: string;
  /** Which of the calls of that name. */
  readonly occurrence: number;
  /** Before the call takes effect, or after that and before it is answered. */
  readonly phase: Moment['phase'];
  /** Whether it is killed there in each invocation, so that CloudFormation gives up. */
  readonly forGood: boolean;
  /** Whether the log group does not exist yet. */
  readonly isUnlogged: boolean;
  readonly assumption: Assumption;
}

const ACTIONS = ['CREATE', 'UPDATE', 'DELETE'] as const;

/** The calls that end each invocation. */
const TELEMETRY = ['logs:PutLogEvents', 'monitoring:PutMetricData'];

/** The calls that log the first invocation of all, in which the log group is missing. */
const FIRST_LOGGING = [
  ...['logs:PutLogEvents', 'logs:CreateLogStream', 'logs:CreateLogGroup'],
  ...['logs:CreateLogStream', 'logs:PutLogEvents'],
];

/** Before and after each of the calls of an operation. */
function momentsOf(action: Kill['action'], calls: readonly string[]) {
  return counted(calls).flatMap((call) =>
    (['before', 'after'] as const).map((phase) => ({ action, ...call, phase })),
  );
}

/** Of each operation that changes something, once and every time. */
const USUAL_KILLS = ACTIONS.flatMap((action) =>
  momentsOf(
    action,
    CALLS[action].flatMap((calls) => [...calls, ...TELEMETRY]),
  ).flatMap((moment) => [false, true].map((forGood) => ({ ...moment, forGood }))),
);

/**
 * Under the other assumptions only once, and only at calls to STS and ECS: telemetry and giving up are the same under
 * all.
 */
export const KILLS: readonly Kill[] = [
  ...ASSUMPTIONS.flatMap((assumption) =>
    USUAL_KILLS.filter(
      ({ call, forGood }) => assumption === USUAL || (!forGood && /^(sts|ecs):/.test(call)),
    ).map((kill) => ({ ...kill, isUnlogged: false, assumption })),
  ),
  // Once: what is created is there in the next invocation.
  ...momentsOf('CREATE', FIRST_LOGGING).map((moment) => ({
    ...moment,
    forGood: false,
    isUnlogged: true,
    assumption: USUAL,
  })),
];

function nameOf({ action, call, occurrence, phase, forGood, assumption }: Kill): string {
  return `${assumption.name}: ${action} killed ${phase} ${call} (${occurrence}), ${forGood ? 'every time' : 'once'}`;
}

/** Tries them all. @returns what went wrong, and how many processes were killed. */
export async function runKills(
  accounts: readonly TestAccount[],
): Promise<{ killed: number; wrong: string[] }> {
  let killed = 0;
  const wrong = await problemsOfAll(accounts, KILLS, nameOf, async (account, kill) => {
    const ended = await runKill(account, kill);
    killed += ended.killed;
    return ended.problems;
  });
  return { killed, wrong };
}

async function runKill(account: TestAccount, kill: Kill): Promise<{ killed: number; problems: string[] }> {
  const { action, forGood, isUnlogged, assumption } = kill;
  account.reset(BEFORE[action], assumption);
  if (isUnlogged) {
    account.removeLogGroup();
  }
  const stop = killAt(account, kill);
  const { final, held } = await account.run(action, inputOf(account, action));
  stop();

  const killed = account.crashes.length;
  const outcome = outcomeOf(final);
  // A retry that starts from the original request finds the setting that the create itself put.
  if (action === 'CREATE' && assumption.retryFrom === 'original-request' && outcome === 'AlreadyExists') {
    return { killed, problems: await rollBack(account, action, held) };
  }
  const problems: string[] = [];
  if (killed !== (forGood ? MAX_RETRIES + 1 : 1)) {
    problems.push(`${killed} processes were killed`);
  }
  if (forGood) {
    if (outcome !== 'InternalFailure') {
      problems.push(`ended with ${outcome}`);
    }
    problems.push(...(await rollBack(account, action, held)));
  } else {
    if (outcome !== 'SUCCESS' && !(action === 'DELETE' && outcome === 'NotFound')) {
      problems.push(`ended with ${outcome}: ${final.message}`);
    }
    if (account.setting() !== ASKED[action]) {
      problems.push(`left ${account.setting()} rather than ${ASKED[action]}`);
    }
  }
  return { killed, problems };
}

/** Kills the process at a call. @returns a function that stops this. */
function killAt(account: TestAccount, { call: name, occurrence, phase: when, forGood }: Kill): () => void {
  let seen = 0;
  return account.local.observe(({ phase, call }) => {
    if (phase !== when || `${call.service}:${call.operation}` !== name) {
      return undefined;
    }
    seen += 1;
    if (seen < occurrence || (seen > occurrence && !forGood)) {
      return undefined;
    }
    account.handlers.kill();
    return 'drop';
  });
}
