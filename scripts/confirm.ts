import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { CommandError } from './command';

/**
 * Asks the user for a yes.
 *
 * @param question Such as `Change the role?`.
 * @param unable What to say where there is no terminal to ask in.
 * @returns false for every other answer, and for Ctrl-C.
 * @throws CommandError where there is no terminal.
 */
export async function confirm(question: string, unable: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new CommandError(`There is no terminal to ask in. ${unable}`);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // Node closes the terminal on Ctrl-C, and then never settles the question.
  const closed = once(terminal, 'close').then(() => 'no');
  try {
    const answer = await Promise.race([terminal.question(`${question} [y/N] `), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
