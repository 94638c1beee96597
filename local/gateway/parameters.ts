import { ApiError } from './errors';
import type { Output, Parameters } from './service';

/** An optional string member. @throws ApiError with the code given, when it is something else. */
export function optionalString(
  parameters: Parameters,
  name: string,
  code = 'ValidationError',
): string | undefined {
  const value = parameters[name];
  if (value === undefined || value === null || typeof value === 'string') {
    return value ?? undefined;
  }
  throw new ApiError(code, `${name} must be a string`);
}

/** A string member that must be there. @throws ApiError with the code given. */
export function requiredString(parameters: Parameters, name: string, code = 'ValidationError'): string {
  const value = optionalString(parameters, name, code);
  if (value) {
    return value;
  }
  throw new ApiError(
    code,
    `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must not be null`,
  );
}

/** A whole number, sent as a number or, in the Query protocol, as text. @throws ApiError with the code given. */
export function integer(
  parameters: Parameters,
  name: string,
  bounds: { default: number; min: number; max: number },
  code = 'ValidationError',
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
  throw new ApiError(
    code,
    `1 validation error detected: Value '${String(sent)}' at '${name}' failed to satisfy constraint: ` +
      `Member must have value ${relation} than or equal to ${bound}`,
  );
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
 * @throws ApiError with the code given, for a size that is out of bounds and a token that no page ended with.
 */
export function page(
  parameters: Parameters,
  member: string,
  items: readonly unknown[],
  size: { name: string; max: number },
  code: string,
): Output {
  const start = Number(optionalString(parameters, 'nextToken', code) ?? 0);
  if (!Number.isInteger(start) || start < 0) {
    throw new ApiError(code, 'The specified nextToken is invalid.');
  }
  const { name, max } = size;
  const end = start + integer(parameters, name, { default: max, min: 1, max }, code);
  return { [member]: items.slice(start, end), ...(end < items.length && { nextToken: String(end) }) };
}
