import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { pythonEnvironment } from '../../scripts/python/environment';
import { type Outcome, outcomeOf } from './project-copy';
import { ROOT } from './project-files';

/** A timeout in milliseconds. It is so long that it ends only commands that hang. */
const LIMIT = 900_000;

/** `npm run local` in a process, and shells that evaluate what it has printed. */
export class LocalCommand {
  /** @param options What follows `npm run local --`. */
  static async start(options: readonly string[] = []): Promise<LocalCommand> {
    const child = spawn(process.execPath, ['-r', 'tsx/cjs', 'scripts/local.ts', ...options], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const command = new LocalCommand(child);
    await command.#ready();
    return command;
  }

  /** Lines of stdout: commands for a shell. */
  readonly exports: string[] = [];
  /** Lines of stderr: calls and stack events. */
  readonly lines: string[] = [];
  readonly #ended: Promise<unknown[]>;

  private constructor(private readonly child: ChildProcess) {
    this.#ended = once(child, 'close');
    for (const [stream, lines] of [
      [child.stdout, this.exports],
      [child.stderr, this.lines],
    ] as const) {
      if (stream) {
        createInterface({ input: stream }).on('line', (line) => lines.push(line));
      }
    }
  }

  /**
   * Runs a script with `sh -e`, after the commands that the account printed. The AWS CLI and cfn are on its PATH.
   *
   * @param cwd The folder to run it in.
   */
  run(script: string, cwd = ROOT): Promise<Outcome> {
    const { PATH = '', HOME = '/' } = process.env;
    // The environment of a new user: no settings of the user who runs the tests.
    const env = { PATH: `${pythonEnvironment()}:${PATH}`, HOME, CDK_HOME: cwd, ...NEUTRAL };
    const whole = `${this.exports.join('\n')}\nset -e\n${script}`;
    return outcomeOf('sh', ['-c', whole], { cwd, env, timeout: LIMIT });
  }

  /** Sends Ctrl-C. @returns the exit code. */
  async end(): Promise<unknown> {
    this.child.kill('SIGINT');
    const [code] = await this.#ended;
    return code;
  }

  /** Waits for the last line on stdout, which is printed when the account is ready. */
  async #ready(): Promise<void> {
    const printed = new Promise<void>((resolve) => {
      this.child.stdout?.on('data', () => {
        if (this.exports.some((line) => line.startsWith('unset '))) {
          resolve();
        }
      });
    });
    const ended = this.#ended.then(([code]) => {
      throw new Error(`npm run local ended with ${code}: ${this.lines.join('\n')}`);
    });
    await Promise.race([printed, ended]);
    ended.catch(() => {});
  }
}

/** No profile, no pager, no search for an instance's credentials; of the CDK, only what speaks to the account. */
const NEUTRAL = {
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_PAGER: '',
  NO_PROXY: '127.0.0.1',
  NODE_NO_WARNINGS: '1',
  CDK_DISABLE_CLI_TELEMETRY: 'true',
  CDK_DISABLE_VERSION_CHECK: 'true',
  CDK_NOTICES: 'false',
  CDK_VALIDATION: 'false',
};
