import { inspect, isDeepStrictEqual } from 'node:util';

/** Thrown when a result is not what the step expects. The message says what was expected and what came. */
export class StepFailed extends Error {}

/**
 * Compares what came with what was expected.
 *
 * @param what What is compared, such as `the status of the stack trunking`.
 * @throws StepFailed
 */
export function expectEqual(what: string, came: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(came, expected)) {
    throw new StepFailed(`${what}: expected ${shown(expected)}, got ${shown(came)}.`);
  }
}

/**
 * Compares a text with a pattern.
 *
 * @throws StepFailed
 */
export function expectMatch(what: string, came: string, expected: RegExp): void {
  if (!expected.test(came)) {
    throw new StepFailed(`${what}: expected a match of ${expected}, got ${shown(came)}.`);
  }
}

/** What an error says. A StepFailed says it all; an error of AWS or of this script needs its name. */
export function reasonOf(error: unknown): string {
  const isComplete = error instanceof Error && error.name === 'Error';
  return isComplete ? error.message : String(error);
}

function shown(value: unknown): string {
  return inspect(value, { depth: 6, breakLength: Number.POSITIVE_INFINITY, compact: true });
}
