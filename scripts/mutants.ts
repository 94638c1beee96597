/** `npm run mutants`: do the unit tests notice when src changes? */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Stryker } from '@stryker-mutator/core';
import { SURVIVORS } from '../test/mutants/survivors';
import { runCommand } from './command-line/command';
import { judge, type Mutant, summarize } from './mutation/score';

const ROOT = join(__dirname, '..');

const MUTANTS = {
  name: 'mutants',
  summary:
    'Changes src/ in many small ways, one at a time, and runs the unit tests on each change (StrykerJS). Fails if the ' +
    'tests notice less than 90 % of them, or if a change survives that test/mutants/survivors.ts does not list. It ' +
    'takes an hour or more on two cores; the report is in build/mutants.html.',
  synopsis: '[--incremental]',
  options: {
    incremental: {
      type: 'boolean',
      description:
        'Run the tests only on changes whose code or tests are not as in the last run. Results are kept in build/mutants.json.',
    },
  },
} as const;

type Options = ConstructorParameters<typeof Stryker>[0];
type Result = Awaited<ReturnType<Stryker['runMutationTest']>>[number];

const OPTIONS: Options = {
  mutate: [
    'src/**/*.ts',
    '!src/models.ts',
    'packages/resource-runtime/src/**/*.ts',
    '!packages/resource-runtime/src/testing/**',
  ],
  testRunner: 'jest',
  plugins: ['@stryker-mutator/jest-runner'],
  jest: { configFile: 'test/mutants/jest.config.js' },
  coverageAnalysis: 'perTest',
  // TypeScript 7 has no JavaScript API, which Stryker reads a tsconfig.json with; jest needs none.
  tsconfigFile: 'none',
  // Always, so that a run leaves its results; without --incremental, `force` ignores those of the last run.
  incremental: true,
  incrementalFile: 'build/mutants.json',
  tempDirName: 'build/.stryker',
  ignorePatterns: ['build', '.venv', '*.zip'],
  reporters: ['html', 'progress-append-only'],
  htmlReporter: { fileName: 'build/mutants.html' },
  // What hangs counts as noticed. jest ends a hanging test first; see test/mutants/jest.config.js.
  timeoutMS: 10_000,
  // Much of a test is waiting for HTTP, and a change that hangs only waits.
  concurrency: 6,
  warnings: false,
};

void runCommand(MUTANTS, async ({ values: { incremental } }) => {
  const { Stryker } = await import('@stryker-mutator/core');
  const results = await new Stryker({ ...OPTIONS, force: !incremental }).runMutationTest();
  const score = judge(results.map(mutantOf), SURVIVORS);
  console.log(summarize(score));
  return score.isGood ? 0 : 1;
});

/** Lines and columns of a result begin at 1 (mutation testing report schema). */
function mutantOf({ fileName, location: { start, end }, replacement, status }: Result): Mutant {
  const lines = readFileSync(fileName, 'utf8')
    .split('\n')
    .slice(start.line - 1, end.line);
  const last = lines.length - 1;
  const cut = lines.map((line, index) =>
    line.slice(index === 0 ? start.column - 1 : 0, index === last ? end.column - 1 : undefined),
  );
  const original = cut.join('\n');
  return { fileName: relative(ROOT, fileName), line: start.line, original, replacement, status };
}
