import { type SpawnSyncOptions, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { CommandError } from './command';
import { Interrupted } from './interrupts';

/**
 * Runs a program to its end. By default, it uses the terminal of this process. What it prints into a pipe (`stdio`) is
 * shown on stderr where it fails.
 *
 * @param complain Makes the message for a failure; given why it failed, such as `, see above`.
 * @returns what the program prints, where `stdio` has a pipe for it.
 * @throws CommandError where it does not start, or fails.
 * @throws Interrupted where Ctrl-C has ended it.
 */
export function runProgram(
  program: string,
  args: readonly string[],
  complain: (why: string) => string,
  options: Pick<SpawnSyncOptions, 'cwd' | 'stdio'> = {},
): string {
  const { status, error, stdout, stderr } = runToEnd(program, args, { stdio: 'inherit', ...options });
  if (error || status !== 0) {
    process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
    throw new CommandError(complain(error ? `: ${error.message}` : ', see above'));
  }
  return stdout;
}

/** Runs a program to its end, whatever that is. @throws Interrupted where Ctrl-C has ended it. */
export function runToEnd(
  program: string,
  args: readonly string[],
  options: Pick<SpawnSyncOptions, 'cwd' | 'stdio'> = {},
): SpawnSyncReturns<string> {
  const result = spawnSync(program, args, { encoding: 'utf8', ...options });
  if (result.signal === 'SIGINT') {
    throw new Interrupted();
  }
  return result;
}
