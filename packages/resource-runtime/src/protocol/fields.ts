import { InvalidRequest } from '../errors/handler-error';

/** An object's own fields. In a map, a key such as `__proto__` is a key like any other. */
export type Fields = ReadonlyMap<string, unknown>;

const LONGEST_TEXT = 2048;
const LONGEST_QUOTE = 700;

/**
 * The fields of a required object.
 *
 * @param name What the message calls the object.
 * @throws InvalidRequest
 */
export function fieldsOf(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidRequest(`${name} must be an object.`);
  }
  return new Map(Object.entries(value));
}

/** As {@link fieldsOf}, if CloudFormation leaves out an empty object. @throws InvalidRequest */
export function optionalFieldsOf(value: unknown, name: string): Fields {
  return isPresent(value) ? fieldsOf(value, name) : new Map<string, unknown>();
}

/** The text of an optional field; see {@link isText}. @throws InvalidRequest */
export function textIn(fields: Fields, name: string): string | undefined {
  const value = fields.get(name) ?? undefined;
  if (value === undefined || isText(value)) {
    return value;
  }
  throw new InvalidRequest(
    `${name} must be a string of at most ${LONGEST_TEXT} characters, all of them valid.`,
  );
}

/** The text of a required field, which must match the pattern. @throws InvalidRequest */
export function textLike(pattern: RegExp, fields: Fields, name: string): string {
  const value = fields.get(name);
  if (typeof value !== 'string' || !pattern.test(value)) {
    throw new InvalidRequest(`${name} is missing or malformed.`);
  }
  return value;
}

/** CloudFormation can send `null` for a missing value. */
export function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/**
 * A value from the request, for a message. It is quoted whole or not at all: part of a secret that somebody put here by
 * mistake would not be redacted.
 */
export function quote(value: unknown): string {
  if (!isPresent(value)) {
    return 'missing';
  }
  if (typeof value !== 'string') {
    return 'a value that is not a string';
  }
  return value.length > LONGEST_QUOTE ? `${value.length} characters long` : JSON.stringify(value);
}

/**
 * Whether a value is text of at most 2,048 characters. JSON can also contain half of a character (a lone surrogate),
 * which the SDK cannot encode.
 */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_TEXT && value.isWellFormed();
}
