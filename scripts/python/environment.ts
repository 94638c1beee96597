/** The CloudFormation CLI and cfn-lint, in the repository's own virtual environment. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from '../command-line/command';
import { runProgram, runToEnd } from '../command-line/run-program';

const ROOT = join(__dirname, '../..');
const ENVIRONMENT = join(ROOT, '.venv');
/** In the order in which they are installed: what builds source distributions comes first. */
const REQUIREMENTS = ['build-requirements.txt', 'requirements.txt'].map((name) => join(__dirname, name));
const STAMP = join(ENVIRONMENT, 'requirements.sha256');

/** Thrown where Python is missing or too old, with what to install. */
class PythonMissing extends CommandError {}

/**
 * The folder of the environment's programs (`cfn`, `cfn-lint`, `python`). The environment is made on first use, and
 * again when requirements.txt changes. This takes about half a minute.
 *
 * @throws PythonMissing
 * @throws CommandError where the packages cannot be installed.
 */
export function pythonEnvironment(): string {
  const programs = join(ENVIRONMENT, 'bin');
  const digest = REQUIREMENTS.reduce((hash, path) => hash.update(readFileSync(path)), createHash('sha256'));
  const wanted = digest.digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) {
    return programs;
  }
  const version = runToEnd('python3', [
    '-c',
    'import sys, venv, ensurepip; print(sys.version_info >= (3, 11))',
  ]);
  if (version.error || version.status !== 0 || !version.stdout.startsWith('True')) {
    throw new PythonMissing(
      'The CloudFormation CLI needs python3 (3.11 or later, with its venv module) on the PATH. ' +
        'Install it (Debian and Ubuntu: apt-get install python3 python3-venv) and run this again.',
    );
  }
  console.log('Installing the CloudFormation CLI into .venv …');
  const venv = `${NO_TRACEBACK}; import sys, venv; venv.main(sys.argv[1:])`;
  runProgram('python3', ['-c', venv, '--clear', ENVIRONMENT], complaint('python3 -m venv'));
  writeFileSync(join(sitePackages(), 'interrupts.pth'), `${NO_TRACEBACK}\n`);
  for (const requirements of REQUIREMENTS) {
    runProgram(join(programs, 'python'), pinnedInstall(requirements), complaint('pip install'));
  }
  writeFileSync(STAMP, wanted);
  return programs;
}

/** Ends Python on Ctrl-C at once, instead of with a traceback. As a line of a .pth file, it is run at each start. */
const NO_TRACEBACK = 'import signal; signal.signal(signal.SIGINT, signal.SIG_DFL)';

/** The folder of the environment's packages, which is named after the version of Python. */
export function sitePackages(): string {
  const libraries = join(ENVIRONMENT, 'lib');
  const [version = ''] = readdirSync(libraries);
  return join(libraries, version, 'site-packages');
}

/**
 * The arguments with which `python` installs the packages of a requirements file, and nothing whose hash is not in it.
 * Without build isolation, because pip installs what a source distribution asks for to be built without checking its
 * hash (pypa/pip issue 13984): such a package is built with what is installed already, or not at all.
 *
 * @param requirements The path of the file.
 */
export function pinnedInstall(requirements: string): string[] {
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  return [...pip, '--require-hashes', '--no-build-isolation', '-r', requirements];
}

/**
 * Checks the profile and the credentials, which the CLI itself checks only after it has built the package.
 * Makes no call to CloudFormation.
 *
 * @throws CommandError with what is missing, and how to give it.
 * @throws PythonMissing
 */
export function checkAwsSession(profile: string | undefined, region = ''): void {
  const program = join(pythonEnvironment(), 'python');
  const args = [join(ROOT, 'scripts/python/aws_session.py'), profile ?? '', region];
  const { status, error, stderr } = runToEnd(program, args);
  if (error || status !== 0) {
    throw new CommandError(error ? `${program} did not start: ${error.message}` : stderr.trim());
  }
}

/** The message where a Python package index is needed and something fails. */
export function complaint(what: string): (why: string) => string {
  return (why) =>
    `${what} failed${why}. The first run needs a Python package index. ` +
    'Configure one that can be reached (pip config, PIP_INDEX_URL), and run this again.';
}
