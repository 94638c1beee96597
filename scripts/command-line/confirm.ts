import { createInterface } from 'node:readline';
import { CommandError } from './command';
import { Interrupted } from './interrupts';

/**
 * Asks the user to confirm.
 *
 * @param question Such as `Change the role?`.
 * @param unable The end of the error message where there is no terminal.
 * @returns whether the answer is yes; false for Ctrl-D.
 * @throws CommandError where there is no terminal.
 * @throws Interrupted for Ctrl-C.
 */
export async function confirm(question: string, unable: string): Promise<boolean> {
  const answer = await ask(`${question} [y/N] `, `There is no terminal to confirm in. ${unable}`);
  return /^y(es)?$/i.test(answer);
}

/**
 * Asks the user for a line of text.
 *
 * @param unable The error message where there is no terminal.
 * @returns the line without spaces around it; empty for Ctrl-D.
 * @throws CommandError where there is no terminal.
 * @throws Interrupted for Ctrl-C.
 */
export async function ask(question: string, unable: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new CommandError(unable);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await new Promise<string | undefined>((resolve, reject) => {
      terminal.on('SIGINT', () => reject(new Interrupted()));
      terminal.on('close', () => resolve(undefined));
      terminal.question(question, resolve);
    });
    if (answer === undefined) {
      // Ctrl-D leaves the cursor behind the question.
      console.log();
    }
    return answer?.trim() ?? '';
  } finally {
    terminal.close();
  }
}
