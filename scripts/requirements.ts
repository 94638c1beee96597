/** `npm run requirements`: pins the Python packages and their dependencies, with the hashes of their files. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './command-line/command';
import { runProgram } from './command-line/run-program';
import { complaint, pinnedInstall } from './python/environment';

/**
 * What is pinned, each from a file of its own: uv, which pins; what builds source distributions; what is used; what tests
 * of the doctor add.
 */
const NAMES = ['uv', 'build-requirements', 'requirements', 'moto'];

const FOLDER = join(__dirname, 'python');

const REQUIREMENTS = {
  name: 'requirements',
  summary:
    'Writes uv.txt, build-requirements.txt, requirements.txt and moto.txt in scripts/python/ from the .in files beside them: each ' +
    'Python package that is installed, with its version and the hashes of its files, for Python 3.11 or later on ' +
    'every platform. Needs a Python package index.',
  options: {
    upgrade: { description: 'Use the latest versions of packages that the .in files do not pin.' },
  },
} as const;

void runCommand(REQUIREMENTS, ({ values: { upgrade } }) => {
  const folder = mkdtempSync(join(tmpdir(), 'requirements-'));
  try {
    runProgram('python3', ['-m', 'venv', folder], complaint('python3 -m venv'));
    const uv = pinnedInstall(join(FOLDER, 'uv.txt'));
    runProgram(join(folder, 'bin/python'), uv, complaint('pip install'));
    for (const name of NAMES) {
      pin(join(folder, 'bin/uv'), name, upgrade ? ['--upgrade'] : []);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
});

/**
 * Writes `NAME.txt` from `NAME.in`. What uv itself has to build, it builds with the pinned build requirements too. What
 * another file pins (`-c`) is installed before, and is left out.
 */
function pin(uv: string, name: string, more: readonly string[]): void {
  const input = readFileSync(join(FOLDER, `${name}.in`), 'utf8');
  const platforms = ['--universal', '--python-version', '3.11'];
  const format = ['--generate-hashes', '--no-annotate', '--no-header', '--quiet'];
  const build = ['--build-constraints', 'build-requirements.txt', '--require-build-hashes'];
  const installed = [...input.matchAll(/^-c (.*)$/gm)].flatMap(([, file = '']) => packagesIn(file));
  const omitted = installed.flatMap((it) => ['--no-emit-package', it]);
  const files = [`${name}.in`, '--output-file', `${name}.txt`];
  const complain = (why: string) => `uv pip compile ${name}.in failed${why}.`;
  const command = ['pip', 'compile', ...platforms, ...format, ...build, ...omitted, ...more, ...files];
  runProgram(uv, command, complain, { cwd: FOLDER });
  // Copied rather than emitted by uv, which sorts them: to pip, `--only-binary :all:` cancels what stands before it.
  const options = input.match(/^--.*$/gm) ?? [];
  const header = [`# Written by \`npm run requirements\` from ${name}.in.`, ...options, ''].join('\n');
  const path = join(FOLDER, `${name}.txt`);
  writeFileSync(path, header + readFileSync(path, 'utf8'));
}

function packagesIn(file: string): string[] {
  return readFileSync(join(FOLDER, file), 'utf8').match(/^[\w.-]+(?===)/gm) ?? [];
}
