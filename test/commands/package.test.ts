import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import Ajv from 'ajv';
import { strFromU8, unzipSync } from 'fflate';
import { LocalAccount } from 'local-account';
import { clientEnvironment } from '../../scripts/command-line/client-environment';
import { textOfPicture } from '../../scripts/demo/terminal-picture';
import { reproducible } from '../../scripts/packaging/archive';
import { filesBelow } from '../../scripts/packaging/stage';
import { pythonEnvironment } from '../../scripts/python/environment';
import { Fleet } from '../harness/fleet';
import { makeMixedCluster, makeWebCluster } from '../harness/mixed-cluster';
import { type Outcome, outcomeOf, ProjectCopy } from '../harness/project-copy';
import { REGION } from '../harness/sample-account';

/* `npm run package`, as two people run it: in different folders, at different times, on different machines. */

const NAME = 'acme-ecs-roletrunking';
const YEAR = 365 * 24 * 60 * 60 * 1000;

const one = new ProjectCopy();
const other = new ProjectCopy();

/** A file in the folder that a package is staged in. */
const staged = (copy: ProjectCopy, name: string) => join(copy.directory, 'build/acme', name);

beforeAll(async () => {
  const folders = ['src', 'inputs', 'scripts'].map((name) => join(other.directory, name));
  for (const path of folders.flatMap(filesBelow)) {
    const then = new Date(statSync(path).mtimeMs - YEAR);
    utimesSync(path, then, then);
    chmodSync(path, 0o600);
  }
  const elsewhere = { ...process.env, TZ: 'Pacific/Auckland', LC_ALL: 'C' };
  const args = ['--namespace', 'Acme', '--runtime', 'nodejs24.x'];
  const outcomes = [await one.run('package', args), await other.run('package', args, elsewhere)];
  const stdout = expect.stringMatching(
    /^build\/acme\/acme-ecs-roletrunking\.zip\nSHA-256 [0-9a-f]{64}\n\nbuild\/acme\/release has .*\n$/,
  );
  expect(outcomes).toEqual(Array(2).fill({ code: 0, stdout, stderr: '' }));
});

afterAll(() => {
  one.close();
  other.close();
});

test('two builds are equal, byte for byte', () => {
  const [first, second] = [one, other].map((copy) => readFileSync(staged(copy, `${NAME}.zip`)));
  expect(first?.length).toBeGreaterThan(100_000);
  expect(second?.equals(first ?? Buffer.of())).toBe(true);
});

test('two releases are equal, and SHA256SUMS lists every file of them', () => {
  const names = readdirSync(staged(one, 'release'));
  expect(names).toEqual([
    'LICENSE',
    'SHA256SUMS',
    'THIRD-PARTY-NOTICES',
    `${NAME}-examples.zip`,
    `${NAME}.cdx.json`,
    `${NAME}.zip`,
    'ecs-role-trunking.mjs',
  ]);
  const differing = names.filter((name) => {
    const [own, theirs] = [one, other].map((copy) => readFileSync(staged(copy, `release/${name}`)));
    return !own?.equals(theirs ?? Buffer.of());
  });
  expect(differing).toEqual([]);
  const checked = execFileSync('sha256sum', ['--check', 'SHA256SUMS'], { cwd: staged(one, 'release') });
  expect(String(checked).trim().split('\n')).toHaveLength(names.length - 1);
});

test('the archive of the examples has each of them, with the name of the type, and the pages', () => {
  const files = unzipSync(readFileSync(staged(one, `release/${NAME}-examples.zip`)));
  const folder = join(one.directory, 'examples');
  const expected = filesBelow(folder).map((path) => `examples/${relative(folder, path)}`);
  const pages = filesBelow(join(one.directory, 'docs')).map((path) => relative(one.directory, path));
  expected.push('CHANGELOG.md', 'README.md', 'SECURITY.md', ...pages);
  expect(Object.keys(files).sort()).toEqual(expected.sort());
  expect(strFromU8(files['docs/README.md'] ?? Buffer.of())).toContain('Acme::Ecs::RoleTrunking');
  const text = (name: string) => strFromU8(files[`examples/${name}`] ?? Buffer.of());
  expect(text('trunking.yml')).toContain('Type: Acme::Ecs::RoleTrunking');
  expect(text('opt-in/policy.json')).toContain('ecs:PutAccountSetting');
});

test('every file that a page of the archive links to is in the archive', () => {
  const files = unzipSync(readFileSync(staged(one, `release/${NAME}-examples.zip`)));
  const links = Object.entries(files)
    .filter(([page]) => page.endsWith('.md'))
    .flatMap(([page, content]) =>
      [...strFromU8(content).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target = '']) => ({
        page,
        target,
      })),
    );
  expect(links.length).toBeGreaterThan(20);
  const names = Object.keys(files);
  // A link can also lead to a folder.
  const isThere = (path: string) => names.some((name) => name === path || name.startsWith(join(path, '/')));
  expect(links.filter(({ page, target }) => !isThere(join(dirname(page), target)))).toEqual([]);
});

describe('ecs-role-trunking.mjs, alone in a folder', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'single-file-'));
    copyFileSync(staged(one, 'release/ecs-role-trunking.mjs'), join(folder, 'ecs-role-trunking.mjs'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Runs it without blocking this process, which runs the account. */
  function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    const options = { cwd: folder, env: { PATH: process.env.PATH, ...env }, timeout: 600_000 };
    return outcomeOf(process.execPath, ['ecs-role-trunking.mjs', ...args], options);
  }

  test('lists its commands, and refuses others', async () => {
    const commands =
      'The commands:\n\n  node ecs-role-trunking.mjs doctor --help\n  node ecs-role-trunking.mjs opt-in --help\n';
    expect(await run([])).toEqual({ code: 0, stdout: commands, stderr: '' });
    expect(await run(['submit'])).toEqual({
      code: 1,
      stdout: '',
      stderr: `There is no command "submit". ${commands}`,
    });
  });

  test('says which Node it needs on one that it cannot run on, before it loads anything that might be missing', async () => {
    const preload = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.8' } });
require('node:module')._load = (name) => { throw new Error(name); };`;
    writeFileSync(join(folder, 'old-node.cjs'), preload);
    expect(await run(['doctor', '--help'], { NODE_OPTIONS: '--require ./old-node.cjs' })).toEqual({
      code: 1,
      stdout: '',
      stderr: 'This is Node 18.20.8, and Node ^20.19.0 or ^22.13.0 or >=24 is needed.\n',
    });
    // Imports are resolved before the first line runs.
    const text = readFileSync(join(folder, 'ecs-role-trunking.mjs'), 'utf8');
    const imports = text.match(/(?<=^|[;}])import[^;()]+from *["'][^"']+["']/gm);
    expect(imports).toEqual(["import { createRequire } from 'node:module'"]);
  });

  test('names itself in the usage and in refusals', async () => {
    const [help, refused] = [await run(['opt-in', '--help']), await run(['doctor', '--wrong'])];
    expect(help.stdout).toMatch(/^Usage: node ecs-role-trunking\.mjs opt-in --role/);
    expect(refused.stderr).toContain('See node ecs-role-trunking.mjs doctor --help.');
  });

  describe('with an account', () => {
    let account: LocalAccount;
    let fleet: Fleet;
    let env: NodeJS.ProcessEnv;
    beforeAll(async () => {
      account = await LocalAccount.start();
      fleet = await Fleet.start(account);
      await makeMixedCluster(account, fleet);
      await makeWebCluster(fleet);
      env = { ...fleet.environment(clientEnvironment(account)), AWS_REGION: REGION };
    });
    afterAll(async () => {
      await fleet?.close();
      await account?.close();
    });

    test('looks at a cluster as npm run doctor does', async () => {
      const { code, stdout, stderr } = await run(['doctor', '--cluster', 'web'], env);
      expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
      const picture = textOfPicture(readFileSync(join(__dirname, '../../docs/doctor-web.svg'), 'utf8'));
      // What follows the ARN, whose end CloudFormation makes up.
      const expected = picture.slice(picture.indexOf('Role ')).trimEnd();
      expect(stdout.slice(stdout.indexOf('Role '))).toBe(
        `${expected} Pages and examples are in the -examples.zip of the release.\n`,
      );
    });

    test('names the step of the page for those who have no clone', async () => {
      const { stdout } = await run(['doctor', '--role', 'without-value', '--region', 'eu-west-1'], env);
      expect(stdout).toContain('Register it: docs/from-a-release.md, step 3.');
      expect(stdout).not.toMatch(/README|npm/);
    });

    test('shows how it opts a role in, does so, checks it, and undoes it', async () => {
      const optIn = (...options: string[]) => run(['opt-in', '--role', 'not-opted-in', ...options], env);
      const tags = () => account.roles.get('not-opted-in')?.tags;
      const unchecked = await optIn('--check');
      expect({ ...unchecked, stdout: '' }).toEqual({ code: 1, stdout: '', stderr: '' });
      expect(unchecked.stdout).toMatch(
        /^ +node ecs-role-trunking\.mjs opt-in --role not-opted-in --region \S+$/m,
      );
      const shown = await optIn('--dry-run');
      expect({ ...shown, stdout: '' }).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(shown.stdout).toMatch(/^\+ .*"Sid": "EcsRoleTrunking"/m);
      expect(tags()).toEqual({});
      expect(await optIn('--yes')).toMatchObject({ code: 0, stderr: '' });
      expect(tags()).toEqual({ 'ecs-role-trunking': 'managed' });
      expect((await optIn('--check')).stdout).toContain(
        'opted in: yes · no value of its own: disabled applies',
      );
      expect(await optIn('--undo', '--yes')).toMatchObject({ code: 0, stderr: '' });
      expect(tags()).toEqual({});
    });
  });

  test('ends with the licenses of the packages in it', () => {
    const text = readFileSync(join(folder, 'ecs-role-trunking.mjs'), 'utf8');
    expect(text).toMatch(/^commander \d+\.\d+\.\d+\nLicense: MIT\n/m);
    expect(text).toMatch(/^@aws-sdk\/client-iam \d+\.\d+\.\d+\nLicense: Apache-2\.0\n/m);
  });
});

test('the bill of materials is CycloneDX, and has each package of THIRD-PARTY-NOTICES', () => {
  const bill = JSON.parse(readFileSync(staged(one, `release/${NAME}.cdx.json`), 'utf8'));
  const folder = join(dirname(require.resolve('@cyclonedx/cyclonedx-library/package.json')), 'res/schema');
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  // The schema also names formats of addresses and times, which Ajv itself does not support.
  const ajv = new Ajv({ strict: false, validateFormats: false });
  for (const name of ['spdx.SNAPSHOT.schema.json', 'jsf-0.82.SNAPSHOT.schema.json']) {
    ajv.addSchema(read(name), `http://cyclonedx.org/schema/${name}`);
  }
  const isValid = ajv.validate(read('bom-1.5.SNAPSHOT.schema.json'), bill);
  expect(ajv.errors ?? []).toEqual([]);
  expect(isValid).toBe(true);
  const components = bill.components as { group?: string; name: string; version: string; hashes: object[] }[];
  const names = components.map(({ group, name, version }) => `${group ? `${group}/` : ''}${name} ${version}`);
  const notices = readFileSync(join(__dirname, '../../THIRD-PARTY-NOTICES'), 'utf8');
  expect(names).toEqual([...notices.matchAll(/^(\S+ \S+)\nLicense: /gm)].map(([, title]) => title));
  expect(components.filter(({ hashes }) => hashes?.length !== 1)).toEqual([]);
  const [{ content }] = bill.metadata.component.hashes;
  expect(readFileSync(staged(one, `${NAME}.zip.sha256`), 'utf8')).toContain(content);
});

test('the files are sorted by name', () => {
  const names = Object.keys(unzipSync(readFileSync(staged(one, `${NAME}.zip`))));
  expect(names.length).toBeGreaterThan(10);
  expect(names).toEqual([...names].sort());
});

test('the checksum file has the right checksum, in the format of sha256sum -c', () => {
  const digest = createHash('sha256')
    .update(readFileSync(staged(one, `${NAME}.zip`)))
    .digest('hex');
  expect(readFileSync(staged(one, `${NAME}.zip.sha256`), 'utf8')).toBe(`${digest}  ${NAME}.zip\n`);
});

test('the files and their contents are the same as those of cfn submit --dry-run', () => {
  const files = unzipSync(readFileSync(staged(one, `${NAME}.zip`)));
  const options = { cwd: staged(one, ''), stdio: 'ignore' } as const;
  execFileSync(join(pythonEnvironment(), 'cfn'), ['submit', '--dry-run'], options);
  const expected = unzipSync(readFileSync(staged(one, `${NAME}.zip`)));
  expect(Object.keys(files).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, content] of Object.entries(files)) {
    const read = (file: Uint8Array) =>
      name === 'ResourceProvider.zip' ? unzipSync(file) : Buffer.from(file);
    expect([name, read(content)]).toEqual([name, read(expected[name] ?? Buffer.of())]);
  }
});

test('the package and template.yml have the runtime that was asked for', () => {
  const files = unzipSync(readFileSync(staged(one, `${NAME}.zip`)));
  expect(JSON.parse(strFromU8(files['.rpdk-config'] ?? Buffer.of())).runtime).toBe('nodejs24.x');
  const template = readFileSync(staged(one, 'template.yml'), 'utf8');
  expect(template.match(/Runtime: .*/g)).toEqual(['Runtime: nodejs24.x', 'Runtime: nodejs24.x']);
});

test('every file can be read by all, as Lambda needs', () => {
  const path = staged(other, `${NAME}.zip`);
  const archive = readFileSync(path);
  const listing = `import sys, zipfile, io
outer = zipfile.ZipFile(sys.argv[1])
inner = zipfile.ZipFile(io.BytesIO(outer.read('ResourceProvider.zip')))
print({oct(entry.external_attr >> 16) for archive in (outer, inner) for entry in archive.infolist()})`;
  const said = execFileSync(join(pythonEnvironment(), 'python'), ['-c', listing, path]);
  expect(archive.equals(Buffer.from(reproducible(archive)))).toBe(true);
  expect(String(said).trim()).toBe("{'0o100644'}");
});
