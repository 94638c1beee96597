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

/** A string member that must be there and match a pattern. @throws ApiError ValidationError */
export function matchingString(parameters: Parameters, name: string, pattern: RegExp): string {
  const value = requiredString(parameters, name);
  if (pattern.test(value)) {
    return value;
  }
  throw unsatisfied(name, value, `satisfy regular expression pattern: ${pattern.source}`);
}

/** An optional member that is a number in the service's model. */
export function optionalNumber(parameters: Parameters, name: string): number | undefined {
  return parameters[name] as number | undefined;
}

/** The items of a member that is a list in the service's model; none when it is missing. */
export function list<Member = Parameters>(parameters: Parameters, name: string): Member[] {
  return (parameters[name] ?? []) as Member[];
}

/** How a list is cut into pages: the parameter that limits a page, its default, and the member of the token. */
interface Paging {
  readonly name: string;
  readonly default: number;
  /** By default `nextToken`. */
  readonly token?: string;
}

/**
 * A page of a list that goes on with a token.
 *
 * @param member The list's member in the answer.
 * @param describe An item as the answer has it.
 * @throws ApiError ValidationError for a token that no page ended with.
 */
export function page<Item>(
  parameters: Parameters,
  member: string,
  items: readonly Item[],
  { name, default: most, token = 'nextToken' }: Paging,
  describe: (item: Item) => unknown = (item) => item,
): NonNullable<Output> {
  const start = Number(optionalString(parameters, token) ?? 0);
  if (!Number.isInteger(start) || start < 0 || start > items.length) {
    throw invalid(`The specified ${token} is invalid.`);
  }
  const end = start + (optionalNumber(parameters, name) ?? most);
  const isLast = end >= items.length;
  return { [member]: items.slice(start, end).map(describe), ...(!isLast && { [token]: String(end) }) };
}
