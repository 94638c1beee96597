/** What the steps of one run share, and how they wait. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Aws } from './aws';
import { StepFailed } from './expect';
import type { Leftovers } from './leftovers';
import type { Names } from './names';
import type { Templates } from './templates';
import type { Transcript } from './transcript';

/** How often to look whether something has ended. */
export interface Pace {
  /** The longest delay between two looks; the first ones are closer together. */
  readonly delayMilliseconds: number;
  /** How many times to look before giving up. */
  readonly times: number;
}

/** One run of the steps. */
export interface Run {
  readonly aws: Aws;
  readonly names: Names;
  readonly templates: Templates;
  /** The package to register: a file that `cfn submit --dry-run` makes. */
  readonly packageFile: string;
  readonly pace: Pace;
  readonly transcript: Transcript;
  /** What was made and is to be removed in the end. */
  readonly leftovers: Leftovers<Run>;
  /** Aborted when the user ends the run; then nothing is waited for any more. */
  readonly signal: AbortSignal;
}

/** In milliseconds. */
const FIRST_DELAY = 250;

/**
 * Calls `look` until it returns a value.
 *
 * @param what What is waited for, for the message.
 * @param look Returns nothing as long as it has not ended.
 * @throws StepFailed when it has not ended after so many looks.
 * @throws the signal's reason once the run is aborted.
 */
export async function waitFor<Seen>(
  { pace, signal }: Pick<Run, 'pace' | 'signal'>,
  what: string,
  look: () => Promise<Seen | undefined>,
): Promise<Seen> {
  const { delayMilliseconds, times } = pace;
  for (let count = 0; count < times; count += 1) {
    signal.throwIfAborted();
    const seen = await look();
    if (seen !== undefined) {
      return seen;
    }
    await sleep(Math.min(delayMilliseconds, 2 ** count * FIRST_DELAY), undefined, { signal });
  }
  throw new StepFailed(`${what} did not end: checked ${times} times, up to ${delayMilliseconds} ms apart.`);
}
