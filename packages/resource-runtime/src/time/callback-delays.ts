import type { CallbackContext } from '../protocol/callback-context';

/** How CloudFormation invokes the handler again: after which delay, with which callback context. */
export interface Wait {
  readonly delaySeconds: number;
  readonly context: CallbackContext;
}

/** What an operation waits for, by the name of its counter in the callback context. */
export type Waiting = 'denials' | 'throttles' | 'failures' | 'polls';

/** Seconds before each retry of a call that is denied: two minutes in total, for permissions to propagate. */
const DENIAL_DELAYS: readonly number[] = [2, 4, 8, 16, 30, 30, 30];

/** Seconds. Short, so that a waiting operation continues soon after throttling ends. */
const LONGEST_GROWING_DELAY = 15;

/** The delay in seconds before each wait, from its number; `undefined` when there were enough. */
const DELAYS: Readonly<Record<Waiting, (count: number) => number | undefined>> = {
  denials: (count) => DENIAL_DELAYS[count],
  // Three to seven minutes in total.
  throttles: (count) => (count < 30 ? growingDelay(count) : undefined),
  // Each of these retries can take a whole invocation, a minute, before the next delay.
  failures: (count) => (count < 8 ? growingDelay(count) : undefined),
  // Two minutes in total.
  polls: (count) => (count < 24 ? 5 : undefined),
};

/**
 * How to wait once more.
 *
 * @param delays Replaces the delays of the runtime, for example for a resource that takes half an hour to be made.
 * @returns `undefined` if the operation has waited often enough.
 */
export function nextWait(
  context: CallbackContext,
  waiting: Waiting,
  delays: (count: number) => number | undefined = DELAYS[waiting],
): Wait | undefined {
  const delaySeconds = delays(context[waiting]);
  return delaySeconds === undefined
    ? undefined
    : { delaySeconds, context: { ...context, [waiting]: context[waiting] + 1 } };
}

/** Seconds: doubling from 2 to {@link LONGEST_GROWING_DELAY}, with jitter so that many callers spread. */
function growingDelay(count: number): number {
  const longest = Math.min(2 ** (count + 1), LONGEST_GROWING_DELAY);
  return Math.ceil(longest * (0.5 + Math.random() / 2));
}
