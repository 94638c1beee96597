import { ServiceError } from '../errors/service-error';
import { type Deadline, pause } from './deadline';

/*
 * Retries within one invocation. Until CloudFormation has its identifier, a create can wait only here. The other
 * operations wait briefly here, and then between invocations (callback-delays.ts).
 */

/** Milliseconds. */
const FIRST_DELAY = 1_000;
const LONGEST_DELAY = 8_000;

/** Milliseconds between two looks at what AWS lists: about four seconds in total. */
const LOOK_DELAYS: readonly number[] = [250, 500, 1_000, 2_000];

/**
 * Retries work as long as the invocation can wait and the error is one that time fixes.
 *
 * @param isWorthRetrying Whether to retry after this error. By default, denials, throttling and failures of AWS or the
 * network: permissions propagate within seconds, and what a resource refers to can be created a moment after it.
 * @throws the ServiceError of the last attempt; any other error at once.
 */
export async function retryWithin<T>(
  { patience }: Deadline,
  work: () => Promise<T>,
  isWorthRetrying: (error: ServiceError) => boolean | Promise<boolean> = (error) =>
    error.kind === 'denied' || error.isTransient,
): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ServiceError) || patience.aborted || !(await isWorthRetrying(error))) {
        throw error;
      }
    }
    const longest = Math.min(FIRST_DELAY * 2 ** tries, LONGEST_DELAY);
    await pause(longest * (0.5 + Math.random() / 2), patience);
  }
}

/**
 * Waits until a change is shown: about four seconds, or until the invocation should not wait any longer. The handler
 * contract requires that a resource can be read when it is reported as created.
 *
 * @param look Whether the change is shown now.
 * @returns whether it was shown in that time.
 * @throws whatever `look` throws.
 */
export async function waitUntilShown({ patience }: Deadline, look: () => Promise<boolean>): Promise<boolean> {
  for (const delay of LOOK_DELAYS) {
    if (await look()) {
      return true;
    }
    if (patience.aborted) {
      return false;
    }
    await pause(delay, patience);
  }
  return look();
}
