import fc from 'fast-check';
import type { LambdaOptions } from 'local-account';
import { badAnswer, problemsWith } from './bad-answers';
import { eventOf, mustFail, recipe, uncheckedCalls } from './bad-input';
import { Evidence } from './evidence';
import { createAtOnce, growsWithJitter, waitsOf } from './floods';
import { runInterruptions } from './interruptions';
import { KILLS, runKills } from './kills';
import { type CellResult, callsWithoutFault, nameOf, nameOfCell, printMatrix, runMatrix } from './matrix';
import { ASSUMPTIONS, ROWS, type Row } from './matrix-rules';
import { outcomeOf, problemsOfEvent } from './progress-event';
import { RACES } from './races';
import { ABANDONED, longestInvocation, runAbandonments, runSlownesses, SLOWNESSES } from './slowness';
import { inParallel, removeBundle, TestAccount } from './test-account';

/*
 * Faults as CloudFormation sees them: the built handlers run against accounts in which one thing after another goes
 * wrong. All in one file, because every secret is searched for in every output.
 */

/** As many as keep two cores busy. */
const ACCOUNTS = 6;
/** The function's timeout in seconds in the tests of a slow AWS. */
const SHORT = 3;
const FLOOD = 50;
const ANSWERS = 400;
const INPUTS = 4000;
const BATCH = 20;
/** Another one for each run; FC_SEED repeats a run. */
const SEED = Number(process.env.FC_SEED ?? Date.now() % 2 ** 31);

const evidence = new Evidence();
const accounts: TestAccount[] = [];
let usual: TestAccount[];

/** How many were tried, and how many of them ended as expected. */
const tally = new Map<string, { tried: number; right: number }>();

async function open(lambda?: Partial<LambdaOptions>): Promise<TestAccount> {
  const account = await TestAccount.start(evidence, lambda);
  accounts.push(account);
  return account;
}

beforeAll(async () => {
  process.stdout.write(`\nRandom cases with FC_SEED=${SEED}\n`);
  usual = await Promise.all(Array.from({ length: ACCOUNTS }, () => open()));
});

afterAll(async () => {
  await Promise.all(accounts.map((account) => account.close()));
  removeBundle();
  const parts = [...tally].map(([what, { tried }]) => `${tried} ${what}`);
  const sum = (count: 'tried' | 'right') => [...tally.values()].reduce((total, it) => total + it[count], 0);
  const right = sum('right') === sum('tried') ? 'all' : `${sum('right')} of ${sum('tried')}`;
  process.stdout.write(`\n${parts.join(', ')}: ${right} ended as expected.\n`);
});

function count(what: string, tried: number, wrong: number): void {
  tally.set(what, { tried, right: tried - wrong });
}

describe('faults', () => {
  let results: CellResult[];

  beforeAll(async () => {
    // Some cells alone, by a part of their names; see CONTRIBUTING.md.
    results = await runMatrix(usual, process.env.FAULT_CELL);
    count('faults', results.length, results.filter(({ problems }) => problems.length > 0).length);
    process.stdout.write(`\n${printMatrix(results)}\n`);
  });

  test.each(ROWS.map((row) => [nameOf(row), row] as const))('%s', (_, row) => {
    const wrong = results
      .filter((result) => result.row === row)
      .flatMap((result) => result.problems.map((problem) => `${nameOfCell(result)}: ${problem}`));
    expect(wrong).toEqual([]);
  });

  // It needs the results of all cells.
  const testAll = process.env.FAULT_CELL ? test.skip : test;
  testAll(
    'under permanent throttling CloudFormation waits longer each time, with jitter, and then gets the error',
    () => {
      const waits = waitsOf(results);
      expect(waits).toHaveLength(11);
      for (const all of waits) {
        expect([all, growsWithJitter(all)]).toEqual([all, true]);
        expect(all.length).toBeGreaterThanOrEqual(10);
        // The schema gives each of these operations half an hour.
        expect(all.reduce((sum, seconds) => sum + seconds)).toBeLessThan(1800);
      }
      expect(new Set(waits.map((all) => all.join())).size).toBe(waits.length);
    },
  );
});

test('the rows of the matrix have every call of every operation', async () => {
  const groupOf = ({ action, situation, filtered }: Row) => `${action} ${situation} ${filtered}`;
  const groups = new Map(
    ROWS.filter(({ situation }) => situation !== 'unlogged').map((row) => [groupOf(row), row]),
  );
  await inParallel(usual, [...groups.values()], async (account, one) => {
    const rows = ROWS.filter((row) => groupOf(row) === groupOf(one)).map(({ call }) => call);
    const made = await callsWithoutFault(account, one);
    expect(made).toEqual(expect.arrayContaining(rows));
    // The rows of the usual situation have the call that is denied in the others, those of one operation the telemetry.
    const known = ['sts:AssumeRole', ...rows];
    const other = made.filter((call) => !/^(logs|cloudwatch):/.test(call) && !known.includes(call));
    expect([groupOf(one), other]).toEqual([groupOf(one), []]);
  });
});

test('every create of a flood succeeds, and its setting exists', async () => {
  const account = await open({ concurrency: 12 });
  const { ends, waited } = await createAtOnce(account, FLOOD, 8);
  const wrong = ends.filter((end) => end !== 'SUCCESS enabled');
  count('creates in a flood', FLOOD, wrong.length);
  expect(wrong).toEqual([]);
  expect(waited).toBeGreaterThan(0);
});

test('after the process is killed at any call, a retry completes the operation or a rollback undoes it', async () => {
  const { killed, wrong } = await runKills(usual);
  count('kills', killed, wrong.length);
  expect(killed).toBeGreaterThan(KILLS.length);
  expect(wrong).toEqual([]);
});

test('a delete of the stack at any wait of a create leaves nothing behind', async () => {
  const { tried, wrong } = await runInterruptions(usual);
  count('deletes during a create', tried, wrong.length);
  expect(tried).toBeGreaterThan(ASSUMPTIONS.length);
  expect(wrong).toEqual([]);
});

describe('races', () => {
  const assumptions = ASSUMPTIONS.filter(({ retryFrom }) => retryFrom === 'last-event');
  const races = assumptions.flatMap((assumption) =>
    RACES.map((race) => [race.name, assumption.name, race, assumption] as const),
  );
  let account: TestAccount;

  beforeAll(async () => {
    account = await open({ concurrency: 2 });
    count('races', races.length, races.length);
  });

  test.each(races)('%s (%s)', async (_race, _assumption, race, assumption) => {
    account.reset(race.before, assumption);
    const results = await race.run(account);
    expect(results.map(({ final }) => outcomeOf(final))).toEqual(race.outcomes);
    expect(account.setting()).toBe(race.after);
    const tried = tally.get('races');
    if (tried) {
      tried.right += 1;
    }
  });
});

describe('time', () => {
  test('an invocation answers before its Lambda timeout, however slow AWS is', async () => {
    const hurried = await Promise.all([1, 2].map(() => open({ timeoutSeconds: SHORT })));
    const wrong = await runSlownesses(hurried, SHORT * 1000);
    count('slownesses', SLOWNESSES.length, wrong.length);
    expect(wrong).toEqual([]);
  });

  test('a request that was abandoned makes no call during the next request', async () => {
    const options = { timeoutSeconds: 1, handler: 'dist/probe.entrypoint' };
    const wrong = await runAbandonments(await Promise.all([1, 2].map(() => open(options))));
    count('abandoned requests', ABANDONED, wrong.length);
    expect(wrong).toEqual([]);
  });

  test('an invocation keeps the limits of the contract where Lambda allows more: 60 s, and 30 s for a read', async () => {
    const account = await open({ timeoutSeconds: 900 });
    const update = await longestInvocation(account, 'UPDATE');
    const read = await longestInvocation(account, 'READ');
    expect([update.answer, read.answer]).toEqual(['IN_PROGRESS', 'NetworkFailure']);
    expect(update.ms).toBeLessThan(60_000);
    expect(read.ms).toBeLessThan(30_000);
  });
});

/** Tries random cases in batches. */
async function tryRandom<T>(
  what: string,
  cases: number,
  made: fc.Arbitrary<T>,
  check: (batch: T[]) => Promise<void>,
): Promise<void> {
  const batches = fc.array(made, { minLength: BATCH, maxLength: BATCH });
  let tried = 0;
  let wrong = 1;
  const property = fc.asyncProperty(batches, async (batch) => {
    tried += batch.length;
    await check(batch);
  });
  try {
    await fc.assert(property, { seed: SEED, numRuns: cases / BATCH });
    wrong = 0;
  } finally {
    count(what, tried, wrong);
  }
  expect(tried).toBe(cases);
}

test('every answer of AWS, however malformed, becomes a progress event that says what is wrong', async () => {
  await tryRandom('bad answers', ANSWERS, badAnswer, async (answers) => {
    expect(await problemsWith(usual, answers)).toEqual([]);
  });
});

test('every input, however malformed, gets one progress event that says what is wrong', async () => {
  const account = await open({ concurrency: 2, handler: 'dist/probe.entrypoint' });
  account.reset('enabled');
  await tryRandom('inputs', INPUTS, recipe, async (recipes) => {
    account.local.calls.length = 0;
    const events = recipes.map((made) => eventOf(account, made));
    const answers = await Promise.all(events.map((event) => account.invoke(event)));
    const wrong = answers.flatMap(({ payload, functionError }, index) => {
      if (functionError) {
        return [`crashed: ${JSON.stringify(payload)}`];
      }
      const { status } = payload as { status?: unknown };
      const passed = status !== 'FAILED' && mustFail(events[index]);
      return [
        ...problemsOfEvent(payload),
        ...(passed ? [`answered ${status} to ${JSON.stringify(recipes[index])}`] : []),
      ];
    });
    expect(wrong).toEqual([]);
    expect(uncheckedCalls(account)).toEqual([]);
    // One probe for each process.
    const probes = await Promise.all([1, 2].map(() => account.invoke({ probe: 'prototypes' })));
    const unchanged = { pid: expect.any(Number), unchanged: true };
    expect(probes.map(({ payload }) => payload)).toEqual([unchanged, unchanged]);
  });
  expect(account.handlers.started).toBe(2);
  expect(account.slowest).toBeLessThan(60_000);
});

test('no output contains a secret', async () => {
  await Promise.all(accounts.map((account) => account.close()));
  const { sessionToken: planted = '' } =
    accounts[0]?.local.sessions.issued.find(({ sessionToken }) => sessionToken !== '') ?? {};
  const plants = [
    { where: 'a message', text: `AWS said: ${planted}` },
    { where: 'a part of a message', text: `… ${planted.slice(7, 40)} …` },
  ];
  expect(evidence.leaks(plants)).toHaveLength(plants.length);
  process.stdout.write(`\n${evidence.size} secrets searched for in ${evidence.traces.length} texts\n`);
  expect(evidence.leaks()).toEqual([]);
});
