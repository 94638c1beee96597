import { found, invalid, unsatisfied } from './errors';
import type { Output, Parameters } from './service';

/** An optional member that is a string in the service's model. */
export function optionalString(parameters: Parameters, name: string): string | undefined {
  return parameters[name] as string | undefined;
}

/** A string member that must be there, whatever the service's model says. @throws ApiError ValidationError */
export function requiredString(parameters: Parameters, name: string): string {
  return found(optionalString(parameters, name) || undefined, unsatisfied(name, undefined, 'not be null'));
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

/** An optional member that is a number in the service's model. */
export function optionalNumber(parameters: Parameters, name: string): number | undefined {
  return parameters[name] as number | undefined;
}

/** The items of a member that is a list in the service's model; none when it is missing. */
export function list<Member = Parameters>(parameters: Parameters, name: string): Member[] {
  return (parameters[name] ?? []) as Member[];
}

/**
 * A page of a list that goes on with a token.
 *
 * @param member The list's member in the answer.
 * @param size The parameter that limits a page, its default, and the member of the token, by default `nextToken`.
 * @throws ApiError ValidationError for a token that no page ended with.
 */
export function page(
  parameters: Parameters,
  member: string,
  items: readonly unknown[],
  { name, default: most, token = 'nextToken' }: { name: string; default: number; token?: string },
): Output {
  const start = Number(optionalString(parameters, token) ?? 0);
  if (!Number.isInteger(start) || start < 0 || start > items.length) {
    throw invalid('The specified nextToken is invalid.');
  }
  const end = start + (optionalNumber(parameters, name) ?? most);
  return { [member]: items.slice(start, end), ...(end < items.length && { [token]: String(end) }) };
}
