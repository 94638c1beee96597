import { type SpawnSyncOptions, spawnSync } from 'node:child_process';
import { CommandError } from './command';

/**
 * Runs a program to its end. By default, it uses the terminal of this process.
 *
 * @param complain Makes the message for a failure; given why it failed, such as `, see above`.
 * @returns what the program prints, where `stdio` has a pipe for it.
 * @throws CommandError where it does not start, or fails.
 */
export function runProgram(
  program: string,
  args: readonly string[],
  complain: (why: string) => string,
  options: Pick<SpawnSyncOptions, 'cwd' | 'stdio'> = {},
): string {
  const { status, error, stdout } = spawnSync(program, args, {
    stdio: 'inherit',
    encoding: 'utf8',
    ...options,
  });
  if (error || status !== 0) {
    throw new CommandError(complain(error ? `: ${error.message}` : ', see above'));
  }
  return stdout;
}
