import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { textOfPicture } from '../../scripts/demo/terminal-picture';
import { type Outcome, ProjectCopy } from '../harness/project-copy';

/* What `npm run demo` shows, build included. */

const LINES = 60;
const COLUMNS = 110;

const project = new ProjectCopy();
afterAll(() => project.close());

describe('the demo', () => {
  let run: Outcome;
  let lines: string[];

  beforeAll(async () => {
    run = await project.run('demo');
    lines = run.stdout.trimEnd().split('\n');
  });

  test('succeeds, says so, and prints no warning', () => {
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(lines.at(-1)).toBe('Every step did what it says.');
  });

  test('fits on one page of a terminal', () => {
    expect(lines.length).toBeLessThanOrEqual(LINES);
    expect(lines.filter((line) => line.length > COLUMNS)).toEqual([]);
  });

  test('prints what the picture in the README shows, except for the names and times of a run', () => {
    const picture = textOfPicture(readFileSync(join(__dirname, '../../docs/demo.svg'), 'utf8'));
    const general = (text: string) =>
      text
        .replace(/(InstanceRole)-[A-Z0-9]+/g, '$1')
        .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'REQUEST_TOKEN')
        .replace(/waited \d+\.\d s/, 'waited');
    expect(general(picture)).toBe(general(run.stdout));
  });

  test('shows each change of the setting, and no change to the same value', () => {
    const changes = [...run.stdout.matchAll(/the role's own setting: (\w+) -> (\w+)/g)];
    expect(changes.map(([, from, to]) => `${from} ${to}`)).toEqual([
      'none enabled',
      'enabled disabled',
      'disabled enabled',
      'enabled none',
      'none disabled',
      'disabled enabled',
    ]);
    expect(run.stdout).toMatch(/the account default: disabled -> enabled/);
  });

  test.each([
    ['that the handler waits for IAM', /2 calls of AssumeRole were denied.* waited \d+\.\d s/s],
    ['an instance that is refused', /i-0123456789abcdef0 calls ecs:PutAccountSetting: AccessDeniedException/],
    ['an update', /UPDATE_COMPLETE +RoleTrunking/],
    ['drift', /drift: IN_SYNC.*drift: DRIFTED, \/Trunking is enabled, not disabled/s],
    ['a deletion', /DELETE_COMPLETE +RoleTrunking/],
    ['AlreadyExists with its message', /CREATE_FAILED +RoleTrunking.*The role already has .*AlreadyExists/s],
    ['that its stack rolls back', /ROLLBACK_COMPLETE +trunking/],
    ['an import that writes nothing', /IMPORT_COMPLETE +RoleTrunking.*the import wrote nothing/s],
  ])('shows %s', (_, pattern) => {
    expect(run.stdout).toMatch(pattern);
  });
});

describe('where a step fails', () => {
  let run: Outcome;

  beforeAll(async () => {
    // A role that lets each of its sessions change the setting, including its instances.
    const roles = join(project.directory, 'examples/roles.yml');
    const open = readFileSync(roles, 'utf8').replaceAll("aws:userid: '*:EcsRoleTrunking'", "aws:userid: '*'");
    writeFileSync(roles, open);
    run = await project.run('demo');
  });

  test('the demo ends with exit code 1 and reports which step failed and why', () => {
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/^Step 3 did not do what it says: .*PutAccountSetting was allowed/s);
    expect(run.stdout).not.toMatch(/an update of the stack|Every step did what it says/);
  });
});
