import { judge, type Mutant, type Survivors, summarize } from '../../scripts/mutation/score';

/* How `npm run mutants` judges a run. The run itself takes too long for a test. */

const mutant = (status: string, original = 'a < b', replacement = 'a <= b'): Mutant => ({
  fileName: 'src/handlers.ts',
  line: 7,
  original,
  replacement,
  status,
});
const times = (count: number, status: string) => Array.from({ length: count }, () => mutant(status));
const LISTED: Survivors[] = [
  { reason: 'both are equal there', mutants: [{ fileName: 'src/handlers.ts', original: 'a  <\n b' }] },
];

test('a run is good when 90 % are noticed and all others are listed', () => {
  expect(judge([...times(9, 'Killed'), mutant('Survived')], LISTED)).toMatchObject({
    noticed: 9,
    total: 10,
    unexplained: [],
    isGood: true,
  });
  expect(judge([...times(8, 'Killed'), ...times(2, 'Survived')], LISTED).isGood).toBe(false);
});

test('what hangs is noticed, code without a test is not, and what does not compile is not counted', () => {
  const mutants = [...times(9, 'Timeout'), mutant('NoCoverage'), mutant('CompileError')];
  expect(judge(mutants, LISTED)).toMatchObject({ noticed: 9, total: 10 });
});

test('a survivor that is not listed fails the run and is shown', () => {
  const score = judge([...times(20, 'Killed'), mutant('Survived', 'a < b', 'true')], []);
  expect(score.isGood).toBe(false);
  expect(summarize(score)).toBe(
    'Not noticed, and not listed: src/handlers.ts:7\n- a < b\n+ true\n' +
      'The unit tests notice 20 of 21 changes (95.2 %; at least 90 % are required).',
  );
});

test('a listed survivor counts for one replacement, or for all', () => {
  const survived = [...times(20, 'Killed'), mutant('Survived', 'a < b', 'true')];
  const only = (replacement: string): Survivors[] => [
    { reason: 'x', mutants: [{ fileName: 'src/handlers.ts', original: 'a < b', replacement }] },
  ];
  expect(judge(survived, LISTED).isGood).toBe(true);
  expect(judge(survived, only('true')).isGood).toBe(true);
  expect(judge(survived, only('false')).unexplained).toHaveLength(1);
});

test('a listed survivor that the tests notice is shown, so that the list can become shorter', () => {
  const score = judge(times(20, 'Killed'), LISTED);
  expect(score.isGood).toBe(true);
  expect(summarize(score)).toContain('Listed, but no longer survives: src/handlers.ts: a  <\n b');
});

test('a run without mutants is not good', () => {
  expect(judge([], []).isGood).toBe(false);
});
