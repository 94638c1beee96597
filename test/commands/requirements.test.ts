import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { pinnedInstall } from '../../scripts/python/environment';

/* Python packages: nothing is installed or executed whose hash is not in a requirements file. */

const NAMES = ['uv', 'build-requirements', 'requirements', 'moto'];
const FOLDER = join(__dirname, '../../scripts/python');

/** A folder that contains a package `greedy` as source, which asks for the wheel `helper` to be built. */
let folder: string;
/** Made by `helper` when it is imported. */
let marker: string;
/** `greedy` with its hash. */
let requirement: string;
let python: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'requirements-'));
  marker = join(folder, 'executed');
  const metadata = (name: string) => `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`;
  const wheel = zipSync({
    'helper.py': strToU8(`open(${JSON.stringify(marker)}, "w")\n`),
    'helper-1.0.dist-info/METADATA': strToU8(metadata('helper')),
    'helper-1.0.dist-info/WHEEL': strToU8('Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n'),
    'helper-1.0.dist-info/RECORD': strToU8('helper.py,,\n'),
  });
  writeFileSync(join(folder, 'helper-1.0-py3-none-any.whl'), wheel);
  const source = join(folder, 'greedy-1.0');
  mkdirSync(source);
  writeFileSync(join(source, 'PKG-INFO'), metadata('greedy'));
  writeFileSync(join(source, 'backend.py'), 'import helper\n');
  writeFileSync(
    join(source, 'pyproject.toml'),
    '[build-system]\nrequires = ["helper"]\nbuild-backend = "backend"\nbackend-path = ["."]\n',
  );
  execFileSync('tar', ['-czf', `${source}.tar.gz`, '-C', folder, 'greedy-1.0']);
  const digest = createHash('sha256')
    .update(readFileSync(`${source}.tar.gz`))
    .digest('hex');
  requirement = `greedy==1.0 --hash=sha256:${digest}`;
  execFileSync('python3', ['-m', 'venv', join(folder, 'venv')]);
  python = join(folder, 'venv/bin/python');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Installs from the folder alone. @returns what pip says. */
function install(options: string): string {
  const file = join(folder, 'requirements.txt');
  writeFileSync(file, `${options}\n--no-index\n--find-links ${folder}\n${requirement}\n`);
  const { stderr } = spawnSync(python, pinnedInstall(file), { encoding: 'utf8' });
  return stderr;
}

test('what a source distribution asks for to be built is not installed without a hash', () => {
  expect(install('')).toContain("No module named 'helper'");
  expect(existsSync(marker)).toBe(false);
});

test.each(NAMES)('%s.txt refuses to build what it does not name', (name) => {
  const text = readFileSync(join(FOLDER, `${name}.txt`), 'utf8');
  const options = text.match(/^--.*$/gm) ?? [];
  expect(install(options.join('\n'))).toContain('No matching distribution found for greedy==1.0');
});

test.each(NAMES)('%s.txt has the hashes of every package, and every package of its .in file', (name) => {
  const read = (file: string) => readFileSync(join(FOLDER, file), 'utf8').replaceAll('\\\n', ' ');
  const pinned = read(`${name}.txt`).match(/^\w.*$/gm) ?? [];
  const hashed = /^[\w.-]+==\S+ +(; [^-]+)?( *--hash=sha256:[0-9a-f]{64})+$/;
  expect(pinned.filter((line) => !hashed.test(line))).toEqual([]);
  const wanted = (read(`${name}.in`).match(/^\w.*$/gm) ?? []).map((line) => line.replace(/\[.*\]/, ''));
  expect(wanted.length).toBeGreaterThan(0);
  expect(wanted.filter((line) => !pinned.some((it) => it.startsWith(`${line} `)))).toEqual([]);
});
