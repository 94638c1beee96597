/** How a command runs: what it prints, where, and its exit code. */
import { Interrupted, interrupt, listenForInterrupts } from './interrupts';
import { type Command, type Given, type OptionTable, readCommandLine } from './options';

/**
 * Thrown where a command cannot do what it was asked for. The message is for the user: what failed, why, and
 * what to do. It is shown without a stack trace.
 */
export class CommandError extends Error {}

/**
 * Runs a command with this process's arguments, and sets the process's exit code: 0 for help and success, another one
 * for a command line that is refused and for failure. The reason for a refusal is printed on stderr, and nothing is run.
 *
 * Ctrl-C ends it with one sentence and the exit code 130, unless the command sets something else (`onInterrupt`).
 *
 * @param run Returns the exit code.
 * @param failed The exit code for a refusal and for failure.
 */
export async function runCommand<Table extends OptionTable>(
  command: Command<Table>,
  run: (given: Given<Table>) => Promise<number> | number,
  failed = 1,
): Promise<void> {
  // The SDK's warning about Node 20 is for developers, and would appear between two lines of the output.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const line = readCommandLine(command, process.argv.slice(2));
  switch (line.kind) {
    case 'help':
      console.log(line.text);
      return;
    case 'refused':
      console.error(line.message);
      process.exitCode = failed;
      return;
    case 'run':
      listenForInterrupts();
      try {
        process.exitCode = await run(line.given);
      } catch (error) {
        if (error instanceof Interrupted) {
          interrupt();
        }
        console.error(error instanceof CommandError ? error.message : error);
        // At once: the failed command can have left servers and processes that would keep this process running.
        process.exit(failed);
      }
  }
}
