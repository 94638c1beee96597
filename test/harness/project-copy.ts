import { type ExecFileOptions, execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonEnvironment } from '../../scripts/python/environment';
import { ROOT } from './project-files';

/** Not copied. The first two are linked to instead. */
const LEFT_OUT = ['node_modules', '.venv', '.git', 'build', 'rpdk.log'];

/** The exit code of a process, and its output. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. @throws Error if it cannot be started, or does not end by itself. */
export function outcomeOf(
  program: string,
  args: readonly string[],
  options: ExecFileOptions,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { ...options, encoding: 'utf8' }, (error, stdout, stderr) => {
      const code = error ? error.code : 0;
      if (typeof code === 'number') {
        resolve({ code, stdout, stderr });
      } else {
        reject(error);
      }
    });
  });
}

/** What `node` is given for a script, as in package.json. */
export function scriptArguments(name: string, args: readonly string[] = []): string[] {
  return ['-r', './scripts/check-node.cjs', '-r', 'tsx/cjs', `scripts/${name}.ts`, ...args];
}

/** A copy of this project, in which a command can write. */
export class ProjectCopy {
  readonly directory = mkdtempSync(join(tmpdir(), 'project-'));
  readonly #running = new AbortController();

  constructor() {
    // Installs the CLI if it is not installed yet.
    pythonEnvironment();
    for (const name of readdirSync(ROOT).filter((it) => !LEFT_OUT.includes(it))) {
      cpSync(join(ROOT, name), join(this.directory, name), { recursive: true });
    }
    for (const name of LEFT_OUT.slice(0, 2)) {
      symlinkSync(join(ROOT, name), join(this.directory, name));
    }
  }

  /** Runs `scripts/<name>.ts` in the copy, as `npm run` does. */
  run(name: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = process.env): Promise<Outcome> {
    // The timeout is so long that it ends only commands that hang.
    return outcomeOf(process.execPath, scriptArguments(name, args), {
      cwd: this.directory,
      env: { ...env, NODE_NO_WARNINGS: '1' },
      timeout: 600_000,
      signal: this.#running.signal,
    });
  }

  /** Ends what still runs, and removes the copy. */
  close(): void {
    this.#running.abort();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
