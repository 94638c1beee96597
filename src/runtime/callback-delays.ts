import type { CallbackContext } from './callback-context';

/** A pause that CloudFormation makes before it invokes the handler again. */
export interface Wait {
  readonly delaySeconds: number;
  readonly context: CallbackContext;
}

/** Seconds before each further try of a call that IAM denies: together two minutes, in which permissions propagate. */
const DENIAL_DELAYS: readonly number[] = [2, 4, 8, 16, 30, 30, 30];

/** Together three to seven minutes. */
const THROTTLE_LIMIT = 30;

/** Each of these can take a whole invocation, a minute, before the next delay. */
const FAILURE_LIMIT = 8;

/** Seconds. Throttling ends when the last waiting caller is served, so no caller waits long for its next turn. */
const LONGEST_GROWING_DELAY = 15;

/** Together two minutes. */
const POLL_LIMIT = 24;
/** Seconds. */
const POLL_DELAY = 5;

/** Waits for permissions to propagate. */
export function waitAfterDenial(context: CallbackContext): Wait | undefined {
  const { denials } = context;
  const delaySeconds = DENIAL_DELAYS[denials];
  return delaySeconds === undefined
    ? undefined
    : { delaySeconds, context: { ...context, denials: denials + 1 } };
}

/** Waits until AWS admits the call. */
export function waitAfterThrottling(context: CallbackContext): Wait | undefined {
  const { throttles } = context;
  return throttles >= THROTTLE_LIMIT
    ? undefined
    : { delaySeconds: growingDelay(throttles), context: { ...context, throttles: throttles + 1 } };
}

/** Waits before a call with an unknown outcome is made again. */
export function waitAfterFailure(context: CallbackContext): Wait | undefined {
  const { failures } = context;
  return failures >= FAILURE_LIMIT
    ? undefined
    : { delaySeconds: growingDelay(failures), context: { ...context, failures: failures + 1 } };
}

/** Waits until AWS lists what was written (handler contract, "stabilization"). */
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
