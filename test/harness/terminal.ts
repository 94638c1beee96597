import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** What came of a command in a terminal. */
interface Outcome {
  readonly code: number | null;
  /** What the terminal shows, Ctrl-C included (`^C`). */
  readonly shown: string;
}

/** A command that runs in a terminal of its own. */
export interface Terminal {
  readonly outcome: Promise<Outcome>;
  pressCtrlC(): void;
}

/**
 * Runs a command in a terminal, as a user does.
 *
 * @param answer To its questions: `y`, `no`, `^C` for Ctrl-C, or `^D` for Ctrl-D.
 * @param command Such as `['npm', 'run', 'demo']`.
 */
export function inTerminal(
  answer: string,
  command: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Terminal {
  const child = spawn('python3', [join(__dirname, 'with_terminal.py'), answer, ...command], {
    ...options,
    stdio: ['ignore', 'pipe', 'inherit'],
    // Ends only what hangs.
    timeout: 600_000,
  });
  const ended = once(child, 'close');
  const shown = text(child.stdout).then((output) => output.replaceAll('\r\n', '\n'));
  return {
    outcome: Promise.all([ended, shown]).then(([[code], output]) => ({ code, shown: output })),
    pressCtrlC: () => child.kill('SIGUSR1'),
  };
}
