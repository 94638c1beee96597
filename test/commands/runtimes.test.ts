import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RUNTIME_OPTION, RUNTIMES, runtimeWarning } from '../../scripts/packaging/runtimes';
import { pythonEnvironment, sitePackages } from '../../scripts/python/environment';

/*
 * The supported runtimes, and until when they are supported. .ci/run shows that the handlers run with each: it runs all
 * tests with Node 20, 22 and 24. package.test.ts shows that a package names its runtime.
 */

test('the dates of each runtime are the same as in cfn-lint, which follows the Lambda developer guide', () => {
  const path = 'cfnlint/data/AdditionalSpecs/LmbdRuntimeLifecycle.json';
  pythonEnvironment();
  const lifecycle = JSON.parse(readFileSync(join(sitePackages(), path), 'utf8'));
  const known = RUNTIMES.map(({ name }) => {
    const { deprecated, 'create-block': creationBlocked } = lifecycle[name];
    return { name, endOfSupport: deprecated, creationBlocked };
  });
  expect(RUNTIMES).toEqual(known);
});

test('SECURITY.md has the same dates', () => {
  const page = readFileSync(join(__dirname, '../../SECURITY.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(nodejs\S+)` \| (\S+) \| (\S+) \|$/gm)];
  expect(
    rows.map(([, name, endOfSupport, creationBlocked]) => ({ name, endOfSupport, creationBlocked })),
  ).toEqual(RUNTIMES);
});

test('the default is the runtime in .rpdk-config, and a runtime that is not in the table is refused', () => {
  const config = JSON.parse(readFileSync(join(__dirname, '../../.rpdk-config'), 'utf8'));
  expect(RUNTIME_OPTION.default).toBe(config.runtime);
  expect(RUNTIMES.map(({ name }) => RUNTIME_OPTION.check(name))).toEqual(RUNTIMES.map(() => undefined));
  expect(RUNTIME_OPTION.check('nodejs20.x')).toContain('give nodejs22.x or nodejs24.x');
});

test.each([
  ['2026-11-30', undefined],
  ['2027-04-29', undefined],
  [
    '2027-05-02',
    'Standard support for nodejs22.x ended on 2027-04-30: it gets no more patches, and from 2027-06-01 on',
  ],
])('on %s, the warning about nodejs22.x is: %s', (day, expected) => {
  const warning = runtimeWarning('nodejs22.x', Date.parse(day));
  if (expected === undefined) {
    expect(warning).toBeUndefined();
  } else {
    expect(warning).toContain(expected);
    expect(warning).toContain('give --runtime nodejs24.x');
  }
});

test('the warning about the last runtime of the table points to a newer version of the project', () => {
  expect(runtimeWarning('nodejs24.x', Date.parse('2028-06-01'))).toContain('a newer version of this project');
});
