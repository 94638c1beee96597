import { InvalidRequest } from './errors';

/**
 * What one invocation tells the next one of the same operation. CloudFormation keeps it between them; it
 * bears no secret and no time, only what was done and how often we have waited.
 */
export interface CallbackContext {
  /** Create has seen that there was no setting, and CloudFormation has been given the identifier. */
  readonly checked: boolean;
  /** How often IAM's denial was waited out. */
  readonly denials: number;
  /** How often throttling past the SDK's own retries was waited out since the last step. */
  readonly throttles: number;
}

/** The context of an operation's first invocation. */
export const FIRST_INVOCATION: CallbackContext = { checked: false, denials: 0, throttles: 0 };

/** Seconds before each further try at what IAM denies: together two minutes, in which a role has propagated. */
export const DENIAL_DELAYS: readonly number[] = [2, 4, 8, 16, 30, 30, 30];

/** Together three to seven minutes. */
const THROTTLE_LIMIT = 30;
/** Seconds. A flood ends with its last waiter, so none waits long for its next turn. */
const LONGEST_THROTTLE_DELAY = 15;

/**
 * Reads a callback context; `null`, `undefined` and `{}` are that of the first invocation.
 *
 * @throws InvalidRequest for a context that this version of the handlers did not write.
 */
export function parseCallbackContext(value: unknown): CallbackContext {
  if (value === undefined || value === null) {
    return FIRST_INVOCATION;
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw unknownContext();
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  const checked = fields.get('checked') ?? false;
  const denials = fields.get('denials') ?? 0;
  const throttles = fields.get('throttles') ?? 0;
  const known = [...fields.keys()].every((key) => Object.hasOwn(FIRST_INVOCATION, key));
  if (!known || typeof checked !== 'boolean' || !isCount(denials) || !isCount(throttles)) {
    throw unknownContext();
  }
  return { checked, denials, throttles };
}

/** How to wait for IAM once more: the delay in seconds and the next context, or `undefined` to give up. */
export function waitForIam(context: CallbackContext): Wait | undefined {
  const delaySeconds = DENIAL_DELAYS[context.denials];
  return delaySeconds === undefined
    ? undefined
    : { delaySeconds, context: { ...context, denials: context.denials + 1 } };
}

/** As {@link waitForIam}, for throttling: doubling from 2 s to a quarter of a minute, with jitter so that a flood spreads. */
export function waitForCapacity(context: CallbackContext): Wait | undefined {
  if (context.throttles >= THROTTLE_LIMIT) {
    return undefined;
  }
  const longest = Math.min(2 ** (context.throttles + 1), LONGEST_THROTTLE_DELAY);
  const delaySeconds = Math.ceil(longest * (0.5 + Math.random() / 2));
  return { delaySeconds, context: { ...context, throttles: context.throttles + 1 } };
}

/** A pause that CloudFormation makes for us before it invokes the handler again. */
export interface Wait {
  readonly delaySeconds: number;
  readonly context: CallbackContext;
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 1000;
}

function unknownContext(): InvalidRequest {
  return new InvalidRequest(
    'The callback context is not one that this version of the handlers wrote. Start the stack operation anew.',
  );
}
