import { InvalidRequest } from './errors';

/**
 * What one invocation passes to the next one of the same operation. CloudFormation keeps it between them. It
 * contains no secret and no time, only what was done and how often we have waited.
 */
export interface CallbackContext {
  /**
   * Whether the setting was there has been found out: a create knows that there was none, and CloudFormation has
   * the identifier; a delete knows that there was one.
   */
  readonly checked: boolean;
  /** ECS has confirmed the change; what remains is that it lists it. */
  readonly written: boolean;
  /** How often we have waited because of a denial. */
  readonly denials: number;
  /** How often we have waited because of throttling, since the last step. */
  readonly throttles: number;
  /** How often we have waited after a call whose outcome is unknown, since the last step. */
  readonly failures: number;
  /** How often we have waited for ECS to list the change. */
  readonly polls: number;
}

/** The context of an operation's first invocation. */
export const FIRST_INVOCATION: CallbackContext = {
  checked: false,
  written: false,
  denials: 0,
  throttles: 0,
  failures: 0,
  polls: 0,
};

/** Seconds before each further try at what IAM denies: together two minutes, in which a role has propagated. */
export const DENIAL_DELAYS: readonly number[] = [2, 4, 8, 16, 30, 30, 30];

/** Together three to seven minutes. */
const THROTTLE_LIMIT = 30;
/** Seconds. A flood ends with its last waiter, so none waits long for its next turn. */
const LONGEST_THROTTLE_DELAY = 15;

/** Each of these can take a whole invocation, a minute, before the next delay. */
const FAILURE_LIMIT = 8;

/** Together two minutes. */
const POLL_LIMIT = 24;
/** Seconds. */
const POLL_DELAY = 5;

/**
 * Reads a callback context; `null`, `undefined` and `{}` are that of the first invocation. Keys of other versions
 * of the handlers are ignored, so that a version can be replaced while an operation waits.
 *
 * @throws InvalidRequest for a value that no version writes.
 */
export function parseCallbackContext(value: unknown): CallbackContext {
  if (value === undefined || value === null) {
    return FIRST_INVOCATION;
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new InvalidRequest('The callback context must be an object.');
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  const flag = (name: keyof CallbackContext) => readAs(isFlag, fields, name, false);
  const count = (name: keyof CallbackContext) => readAs(isCount, fields, name, 0);
  return {
    checked: flag('checked'),
    written: flag('written'),
    denials: count('denials'),
    throttles: count('throttles'),
    failures: count('failures'),
    polls: count('polls'),
  };
}

/** The notes that an invocation makes for the next one of its operation, while it works. */
export class Journal {
  #context: CallbackContext;

  constructor(context: CallbackContext) {
    this.#context = context;
  }

  /** What has been done so far, by this invocation and those before it. */
  get context(): CallbackContext {
    return this.#context;
  }

  /** Notes that a step is done; throttling and failures are counted from here. */
  note(done: Partial<Pick<CallbackContext, 'checked' | 'written'>>): void {
    this.#context = { ...this.#context, ...done, throttles: 0, failures: 0 };
  }
}

/** A pause that CloudFormation makes for us before it invokes the handler again. */
export interface Wait {
  readonly delaySeconds: number;
  readonly context: CallbackContext;
}

/** How to wait for IAM once more: the delay in seconds and the next context, or `undefined` to give up. */
export function waitForIam(context: CallbackContext): Wait | undefined {
  const delaySeconds = DENIAL_DELAYS[context.denials];
  return delaySeconds === undefined
    ? undefined
    : { delaySeconds, context: { ...context, denials: context.denials + 1 } };
}

/** As {@link waitForIam}, for throttling: delays grow to a quarter of a minute. */
export function waitForCapacity(context: CallbackContext): Wait | undefined {
  const { throttles } = context;
  return throttles >= THROTTLE_LIMIT
    ? undefined
    : { delaySeconds: growingDelay(throttles), context: { ...context, throttles: throttles + 1 } };
}

/** As {@link waitForIam}, after a call whose outcome is unknown. */
export function waitForAnswer(context: CallbackContext): Wait | undefined {
  const { failures } = context;
  return failures >= FAILURE_LIMIT
    ? undefined
    : { delaySeconds: growingDelay(failures), context: { ...context, failures: failures + 1 } };
}

/** As {@link waitForIam}, until ECS lists what was written. */
export function waitForList(context: CallbackContext): Wait | undefined {
  const { polls } = context;
  return polls >= POLL_LIMIT
    ? undefined
    : { delaySeconds: POLL_DELAY, context: { ...context, polls: polls + 1 } };
}

/** Seconds: doubling from 2 to {@link LONGEST_THROTTLE_DELAY}, with jitter so that a flood spreads. */
function growingDelay(count: number): number {
  const longest = Math.min(2 ** (count + 1), LONGEST_THROTTLE_DELAY);
  return Math.ceil(longest * (0.5 + Math.random() / 2));
}

function readAs<T>(
  is: (value: unknown) => value is T,
  fields: ReadonlyMap<string, unknown>,
  name: string,
  absent: T,
): T {
  const value = fields.get(name) ?? absent;
  if (!is(value)) {
    throw new InvalidRequest(
      `${name} in the callback context is not what any version of the handlers writes. Start the stack operation again.`,
    );
  }
  return value;
}

function isFlag(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 1000;
}
