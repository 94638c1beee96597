import { page } from '../../../gateway/parameters';
import type { Output, Parameters } from '../../../gateway/service';

/** A page of one of IAM's lists, which are sorted by name. @throws ApiError ValidationError as {@link page} */
export function markedPage<Item>(
  parameters: Parameters,
  member: string,
  items: readonly Item[],
  describe?: (item: Item) => unknown,
): Output {
  const size = { name: 'MaxItems', default: 100, token: 'Marker' };
  const output = page(parameters, member, items, size, describe);
  return { ...output, IsTruncated: 'Marker' in output };
}
