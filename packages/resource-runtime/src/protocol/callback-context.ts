import { InvalidRequest } from '../errors/handler-error';
import { type Fields, fieldsOf, isPresent, isText, optionalFieldsOf } from './fields';

/**
 * What one invocation passes to the next one of the same operation. CloudFormation keeps it between them. It
 * contains no secret and no time, only which steps are done, what the type has noted, and how often the operation has
 * waited.
 */
export interface CallbackContext {
  /** The operation has found, or made, the resource that it is about; see `Steps.identify`. */
  readonly checked: boolean;
  /** The change is accepted, but not shown yet. */
  readonly written: boolean;
  /** What the type has noted; missing if that is nothing. */
  readonly notes?: Notes;
  /** How often the operation has waited because of a denial. */
  readonly denials: number;
  /** How often it has waited because of throttling, since the last step. */
  readonly throttles: number;
  /** How often it has waited after a call with an unknown outcome, since the last step. */
  readonly failures: number;
  /** How often it has waited for the change to be shown. */
  readonly polls: number;
}

/** Small values by name, such as the id of a job. */
export type Notes = Readonly<Record<string, string | number | boolean>>;

const LONGEST_NOTE = 256;
const MOST_NOTES = 16;

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
  const notes = notesIn(optionalFieldsOf(fields.get('notes'), 'The callback context (notes)'));
  return {
    checked: readAs(isFlag, fields, 'checked', false),
    written: readAs(isFlag, fields, 'written', false),
    ...(notes && { notes }),
    denials: readAs(isCount, fields, 'denials', 0),
    throttles: readAs(isCount, fields, 'throttles', 0),
    failures: readAs(isCount, fields, 'failures', 0),
    polls: readAs(isCount, fields, 'polls', 0),
  };
}

/** Checks that notes are few and small. @returns `undefined` if there are none. @throws InvalidRequest */
export function notesIn(fields: Fields): Notes | undefined {
  const entries = [...fields];
  const isSmall =
    entries.length <= MOST_NOTES && entries.every(([name, value]) => isNote(name) && isNote(value));
  if (!isSmall) {
    throw invalid('notes');
  }
  return entries.length > 0 ? (Object.fromEntries(entries) as Notes) : undefined;
}

function readAs<T>(
  is: (value: unknown) => value is T,
  fields: Fields,
  name: keyof CallbackContext,
  absent: T,
): T {
  const value = fields.get(name) ?? absent;
  if (!is(value)) {
    throw invalid(name);
  }
  return value;
}

function invalid(name: string): InvalidRequest {
  return new InvalidRequest(`The callback context is invalid (${name}). Start the stack operation again.`);
}

function isNote(value: unknown): boolean {
  return isText(value) ? value.length <= LONGEST_NOTE : isFlag(value) || Number.isFinite(value);
}

function isFlag(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 1000;
}
