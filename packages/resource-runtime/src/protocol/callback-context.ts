import { InvalidRequest } from '../errors/handler-error';
import { type Fields, fieldsOf, isPresent } from './fields';

/**
 * What one invocation passes to the next one of the same operation. CloudFormation keeps it between them. It
 * contains no secret and no time, only which steps are done and how often the operation has waited.
 */
export interface CallbackContext {
  /**
   * The operation has looked whether the resource exists. After a create's look it does not, and CloudFormation has the
   * identifier; after a delete's look it does.
   */
  readonly checked: boolean;
  /** AWS has accepted the change, but does not list it yet. */
  readonly written: boolean;
  /** How often the operation has waited because of a denial. */
  readonly denials: number;
  /** How often it has waited because of throttling, since the last step. */
  readonly throttles: number;
  /** How often it has waited after a call with an unknown outcome, since the last step. */
  readonly failures: number;
  /** How often it has waited for AWS to list the change. */
  readonly polls: number;
}

/** A part of an operation that the next invocation does not repeat. */
export type Step = 'checked' | 'written';

/** The context of an operation's first invocation. */
export const FIRST_INVOCATION: CallbackContext = {
  checked: false,
  written: false,
  denials: 0,
  throttles: 0,
  failures: 0,
  polls: 0,
};

/**
 * Reads a callback context; `null`, `undefined` and `{}` are the first invocation's. Unknown keys are ignored, so that
 * the handlers can be replaced by another version while an operation waits.
 *
 * @throws InvalidRequest for a value that no version writes.
 */
export function parseCallbackContext(value: unknown): CallbackContext {
  if (!isPresent(value)) {
    return FIRST_INVOCATION;
  }
  const fields = fieldsOf(value, 'The callback context');
  return {
    checked: readAs(isFlag, fields, 'checked', false),
    written: readAs(isFlag, fields, 'written', false),
    denials: readAs(isCount, fields, 'denials', 0),
    throttles: readAs(isCount, fields, 'throttles', 0),
    failures: readAs(isCount, fields, 'failures', 0),
    polls: readAs(isCount, fields, 'polls', 0),
  };
}

/** The steps of an operation, over all its invocations. */
export class Steps {
  #context: CallbackContext;

  constructor(context: CallbackContext) {
    this.#context = context;
  }

  /** The context for the next invocation, if there is one. */
  get context(): CallbackContext {
    return this.#context;
  }

  /** Whether this invocation or one before it has done the step. */
  isDone(step: Step): boolean {
    return this.#context[step];
  }

  /** Records that a step is done; throttling and failures are counted from here. */
  complete(step: Step): void {
    this.#context = { ...this.#context, [step]: true, throttles: 0, failures: 0 };
  }
}

function readAs<T>(
  is: (value: unknown) => value is T,
  fields: Fields,
  name: keyof CallbackContext,
  absent: T,
): T {
  const value = fields.get(name) ?? absent;
  if (!is(value)) {
    throw new InvalidRequest(`The callback context is invalid (${name}). Start the stack operation again.`);
  }
  return value;
}

function isFlag(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 1000;
}
