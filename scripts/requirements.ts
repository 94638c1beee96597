/** `npm run requirements`: pins the Python packages and their dependencies, with the hashes of their files. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './command-line/command';
import { runProgram } from './command-line/run-program';

/** Resolves for all platforms at once, which pip does not. */
const UV = 'uv==0.13.8';

const HEADER = `# Written by \`npm run requirements\` from requirements.in. pip installs nothing whose hash is not here.
`;

const REQUIREMENTS = {
  name: 'requirements',
  summary:
    'Writes scripts/requirements.txt from scripts/requirements.in: each Python package that is installed, with its ' +
    'version and the hashes of its files, for Python 3.11 or later on every platform. Needs a Python package index.',
  options: {
    upgrade: {
      type: 'boolean',
      description: 'Use the latest versions of packages that requirements.in does not pin.',
    },
  },
} as const;

void runCommand(REQUIREMENTS, ({ values: { upgrade } }) => {
  const folder = mkdtempSync(join(tmpdir(), 'requirements-'));
  try {
    run('python3', ['-m', 'venv', folder]);
    run(join(folder, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', UV]);
    const options = ['--universal', '--python-version', '3.11', '--generate-hashes', '--no-annotate'];
    const output = ['--no-header', '--quiet', '--output-file', 'requirements.txt'];
    run(join(folder, 'bin/uv'), [
      'pip',
      'compile',
      'requirements.in',
      ...options,
      ...output,
      ...(upgrade ? ['--upgrade'] : []),
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const path = join(__dirname, 'python/requirements.txt');
  writeFileSync(path, HEADER + readFileSync(path, 'utf8'));
  return 0;
});

function run(program: string, args: readonly string[]): void {
  runProgram(program, args, (why) => `${program} failed${why}.`, { cwd: join(__dirname, 'python') });
}
