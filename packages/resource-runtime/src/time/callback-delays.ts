import type { CallbackContext } from '../protocol/callback-context';

/** How CloudFormation invokes the handler again: after which delay, with which callback context. */
export interface Wait {
  readonly delaySeconds: number;
  readonly context: CallbackContext;
}

/** Seconds before each retry of a call that IAM denies: two minutes in total, for permissions to propagate. */
const DENIAL_DELAYS: readonly number[] = [2, 4, 8, 16, 30, 30, 30];

/** Three to seven minutes in total. */
const THROTTLE_LIMIT = 30;

/** Each of these retries can take a whole invocation, a minute, before the next delay. */
const FAILURE_LIMIT = 8;

/** Seconds. Short, so that a waiting operation continues soon after throttling ends. */
const LONGEST_GROWING_DELAY = 15;

/** Two minutes in total. */
const POLL_LIMIT = 24;
/** Seconds. */
const POLL_DELAY = 5;

/** Waits for permissions to propagate; `undefined` after two minutes. */
export function waitAfterDenial(context: CallbackContext): Wait | undefined {
  const { denials } = context;
  const delaySeconds = DENIAL_DELAYS[denials];
  return delaySeconds === undefined
    ? undefined
    : { delaySeconds, context: { ...context, denials: denials + 1 } };
}

/** Waits until AWS accepts the call; `undefined` after {@link THROTTLE_LIMIT} waits. */
export function waitAfterThrottling(context: CallbackContext): Wait | undefined {
  const { throttles } = context;
  return throttles >= THROTTLE_LIMIT
    ? undefined
    : { delaySeconds: growingDelay(throttles), context: { ...context, throttles: throttles + 1 } };
}

/** Waits before a call with an unknown outcome is retried; `undefined` after {@link FAILURE_LIMIT} waits. */
export function waitAfterFailure(context: CallbackContext): Wait | undefined {
  const { failures } = context;
  return failures >= FAILURE_LIMIT
    ? undefined
    : { delaySeconds: growingDelay(failures), context: { ...context, failures: failures + 1 } };
}

/** Waits until AWS lists what was written (handler contract, "stabilization"); `undefined` after two minutes. */
export function waitForStabilization(context: CallbackContext): Wait | undefined {
  const { polls } = context;
  return polls >= POLL_LIMIT
    ? undefined
    : { delaySeconds: POLL_DELAY, context: { ...context, polls: polls + 1 } };
}

/** Seconds: doubling from 2 to {@link LONGEST_GROWING_DELAY}, with jitter so that many callers spread. */
function growingDelay(count: number): number {
  const longest = Math.min(2 ** (count + 1), LONGEST_GROWING_DELAY);
  return Math.ceil(longest * (0.5 + Math.random() / 2));
}
