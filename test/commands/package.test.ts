import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Ajv from 'ajv';
import { strFromU8, unzipSync } from 'fflate';
import { reproducible } from '../../scripts/packaging/archive';
import { filesBelow } from '../../scripts/packaging/stage';
import { pythonEnvironment } from '../../scripts/python/environment';
import { ProjectCopy } from '../harness/project-copy';

/* `npm run package`, as two people run it: in different folders, at different times, on different machines. */

jest.setTimeout(600_000);

const NAME = 'acme-ecs-roletrunking';
const YEAR = 365 * 24 * 60 * 60 * 1000;

let one: ProjectCopy;
let other: ProjectCopy;

/** A file in the folder that a package is staged in. */
const staged = (copy: ProjectCopy, name: string) => join(copy.directory, 'build/acme', name);

beforeAll(async () => {
  one = new ProjectCopy();
  other = new ProjectCopy();
  for (const path of ['src', 'inputs', 'scripts'].flatMap((name) =>
    filesBelow(join(other.directory, name)),
  )) {
    const then = new Date(statSync(path).mtimeMs - YEAR);
    utimesSync(path, then, then);
    chmodSync(path, 0o600);
  }
  const elsewhere = { ...process.env, TZ: 'Pacific/Auckland', LC_ALL: 'C' };
  const args = ['--namespace', 'Acme', '--runtime', 'nodejs24.x'];
  const outcomes = [await one.run('package', args), await other.run('package', args, elsewhere)];
  expect(outcomes.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
    Array(2).fill({ code: 0, stderr: '' }),
  );
});

afterAll(() => {
  one?.close();
  other?.close();
});

test('two builds are equal, byte for byte', () => {
  const [first, second] = [one, other].map((copy) => readFileSync(staged(copy, `${NAME}.zip`)));
  expect(first?.length).toBeGreaterThan(100_000);
  expect(second?.equals(first ?? Buffer.of())).toBe(true);
});

test('the bill of materials is CycloneDX, and has each package of THIRD-PARTY-NOTICES', () => {
  const bill = JSON.parse(readFileSync(staged(one, `${NAME}.cdx.json`), 'utf8'));
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
  execFileSync(join(pythonEnvironment(), 'cfn'), ['submit', '--dry-run'], {
    cwd: join(one.directory, 'build/acme'),
    stdio: 'ignore',
  });
  const expected = unzipSync(readFileSync(staged(one, `${NAME}.zip`)));
  expect(Object.keys(files).sort()).toEqual(Object.keys(expected).sort());
  const inner = 'ResourceProvider.zip';
  for (const [name, content] of Object.entries(files)) {
    const [own, theirs] = [content, expected[name] ?? Buffer.of()];
    expect([name, name === inner ? unzipSync(own) : Buffer.from(own)]).toEqual([
      name,
      name === inner ? unzipSync(theirs) : Buffer.from(theirs),
    ]);
  }
});

test('the package and template.yml have the runtime that was asked for', () => {
  const files = unzipSync(readFileSync(staged(one, `${NAME}.zip`)));
  expect(JSON.parse(strFromU8(files['.rpdk-config'] ?? Buffer.of())).runtime).toBe('nodejs24.x');
  const template = readFileSync(staged(one, 'template.yml'), 'utf8');
  expect(template.match(/Runtime: .*/g)).toEqual(['Runtime: nodejs24.x', 'Runtime: nodejs24.x']);
});

test('every file can be read by all, as Lambda needs', () => {
  const archive = readFileSync(staged(other, `${NAME}.zip`));
  const listing = `import sys, zipfile, io
outer = zipfile.ZipFile(sys.argv[1])
inner = zipfile.ZipFile(io.BytesIO(outer.read('ResourceProvider.zip')))
print({oct(entry.external_attr >> 16) for archive in (outer, inner) for entry in archive.infolist()})`;
  const said = execFileSync(join(pythonEnvironment(), 'python'), [
    '-c',
    listing,
    staged(other, `${NAME}.zip`),
  ]);
  expect(archive.equals(Buffer.from(reproducible(archive)))).toBe(true);
  expect(String(said).trim()).toBe("{'0o100644'}");
});
