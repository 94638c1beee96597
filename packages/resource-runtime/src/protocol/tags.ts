/** Tags by key. */
export type Tags = Readonly<Record<string, string>>;

/** The tags of a request, besides those among its properties. */
export interface RequestTags {
  /** Of the stack: CloudFormation wants them on every resource that can have tags. */
  readonly stack: Tags;
  /** `aws:cloudformation:stack-name` and its like. Only AWS's own services can set tags that begin with `aws:`. */
  readonly system: Tags;
}

/**
 * All tags that a resource should have. A tag of the resource itself overrides one of the stack.
 *
 * @param own The tags among the resource's properties.
 * @param tags Those of the request; hand in `{ ...tags, system: {} }` for a service that refuses `aws:` tags.
 */
export function allTags(own: Tags, { stack, system }: RequestTags): Tags {
  return { ...system, ...stack, ...own };
}

/**
 * What an update changes. Tags that neither the template nor the stack ever had, such as those that other tools set,
 * are not among them.
 *
 * @param previous All tags before the update, from its previous properties and previous stack tags.
 * @param desired All tags after it.
 * @returns The tags to set, and the keys to remove.
 */
export function changedTags(
  previous: Tags,
  desired: Tags,
): { readonly set: Tags; readonly removed: readonly string[] } {
  const set = Object.entries(desired).filter(([key, value]) => previous[key] !== value);
  const removed = Object.keys(previous).filter((key) => !Object.hasOwn(desired, key));
  return { set: Object.fromEntries(set), removed };
}
