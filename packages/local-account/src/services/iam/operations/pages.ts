import { invalid } from '../../../gateway/errors';
import { optionalNumber, optionalString } from '../../../gateway/parameters';
import type { Output, Parameters } from '../../../gateway/service';

const MARKER = 'after ';

/**
 * A page of a list, by `MaxItems` and `Marker`, which has the last name of the page before.
 *
 * @param member The list's member in the answer.
 * @param items Sorted by name.
 * @throws ApiError ValidationError for a marker that no page ended with.
 */
export function page<T>(
  parameters: Parameters,
  member: string,
  items: readonly T[],
  nameOf: (item: T) => string,
  describe: (item: T) => unknown,
): Output {
  const maxItems = optionalNumber(parameters, 'MaxItems') ?? 100;
  const marker = optionalString(parameters, 'Marker') ?? markerAfter('');
  const after = Buffer.from(marker, 'base64').toString('utf8').slice(MARKER.length);
  if (markerAfter(after) !== marker) {
    throw invalid('Invalid Marker.');
  }
  const rest = items.filter((item) => nameOf(item) > after);
  const shown = rest.slice(0, maxItems);
  const last = shown.at(-1);
  const isTruncated = last !== undefined && rest.length > shown.length;
  return {
    [member]: shown.map(describe),
    IsTruncated: isTruncated,
    ...(isTruncated && { Marker: markerAfter(nameOf(last)) }),
  };
}

function markerAfter(name: string): string {
  return Buffer.from(`${MARKER}${name}`).toString('base64');
}
