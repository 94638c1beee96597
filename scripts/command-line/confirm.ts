import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
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
  if (!process.stdin.isTTY) {
    throw new CommandError(`There is no terminal to confirm in. ${unable}`);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // On Ctrl-D, Node closes the terminal, and the promise of the question never settles.
  const closed = once(terminal, 'close').then(() => 'no');
  try {
    const answer = await Promise.race([terminal.question(`${question} [y/N] `), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    throw error instanceof Error && error.name === 'AbortError' ? new Interrupted() : error;
  } finally {
    terminal.close();
  }
}
