import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** What came of a command in a terminal. */
interface Outcome {
  /** As a shell shows it: 130 for a program that Ctrl-C has ended. */
  readonly code: number | null;
  /** What the terminal shows, Ctrl-C included (`^C`). */
  readonly shown: string;
}

/** A command that runs in a terminal of its own. */
export interface Terminal {
  readonly outcome: Promise<Outcome>;
  pressCtrlC(): void;
  /** Waits until the terminal shows a text. @throws Error if the command ends before. */
  shows(text: string): Promise<void>;
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
  let output = '';
  const shown = () => output.replaceAll('\r\n', '\n');
  child.stdout.setEncoding('utf8').on('data', (part) => {
    output += part;
  });
  const outcome = once(child, 'close').then(([code]) => ({ code, shown: shown() }));
  return {
    outcome,
    pressCtrlC: () => child.kill('SIGUSR1'),
    shows: async (text) => {
      while (!shown().includes(text)) {
        const isEnded = await Promise.race([
          once(child.stdout, 'data').then(() => false),
          outcome.then(() => true),
        ]);
        if (isEnded && !shown().includes(text)) {
          throw new Error(`The terminal never showed ${JSON.stringify(text)}, but:\n${shown()}`);
        }
      }
    },
  };
}
