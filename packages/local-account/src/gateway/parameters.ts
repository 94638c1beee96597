import { invalid, unsatisfied } from './errors';
import type { Output, Parameters } from './service';

/** An optional string member. @throws ApiError ValidationError for anything else. */
export function optionalString(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name];
  if (value === undefined || value === null || typeof value === 'string') {
    return value ?? undefined;
  }
  throw invalid(`${name} must be a string`);
}

/** A string member that must be there. @throws ApiError ValidationError */
export function requiredString(parameters: Parameters, name: string): string {
  const value = optionalString(parameters, name);
  if (value) {
    return value;
  }
  throw unsatisfied(name, undefined, 'not be null');
}

/**
 * A string member that must be there and match a pattern.
 *
 * @param shown The pattern in the service's message.
 * @throws ApiError ValidationError
 */
export function matchingString(
  parameters: Parameters,
  name: string,
  pattern: RegExp,
  shown = pattern.source,
): string {
  const value = requiredString(parameters, name);
  if (pattern.test(value)) {
    return value;
  }
  throw unsatisfied(name, value, `satisfy regular expression pattern: ${shown}`);
}

/** A whole number, sent as a number or, in the Query protocol, as text. @throws ApiError ValidationError */
export function integer(
  parameters: Parameters,
  name: string,
  bounds: { default: number; min: number; max: number },
): number {
  const sent = parameters[name];
  if (sent === undefined || sent === null) {
    return bounds.default;
  }
  const value = Number(sent);
  if (Number.isInteger(value) && value >= bounds.min && value <= bounds.max) {
    return value;
  }
  const [relation, bound] = value < bounds.min ? ['greater', bounds.min] : ['less', bounds.max];
  throw unsatisfied(name, sent, `have value ${relation} than or equal to ${bound}`);
}

/** A list's members; none when it is missing. An empty list is sent as empty text in the Query protocol. */
export function list<Member = Parameters>(parameters: Parameters, name: string): Member[] {
  const value = parameters[name];
  return Array.isArray(value) ? value : [];
}

/**
 * A page of a list that goes on with `nextToken`.
 *
 * @param member The list's member in the answer.
 * @param size The parameter that limits a page, and the most that it can be, which is also its default.
 * @throws ApiError ValidationError for a size that is out of bounds and a token that no page ended with.
 */
export function page(
  parameters: Parameters,
  member: string,
  items: readonly unknown[],
  { name, max }: { name: string; max: number },
): Output {
  const start = Number(optionalString(parameters, 'nextToken') ?? 0);
  if (!Number.isInteger(start) || start < 0) {
    throw invalid('The specified nextToken is invalid.');
  }
  const end = start + integer(parameters, name, { default: max, min: 1, max });
  return { [member]: items.slice(start, end), ...(end < items.length && { nextToken: String(end) }) };
}
