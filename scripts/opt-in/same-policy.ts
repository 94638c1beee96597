/** When two pieces of a policy say the same. */
import type { Json, JsonObject } from './documents';

/**
 * Whether two pieces of policies mean the same: the order of keys and of lists does not count, one thing is the same
 * as a list of it, and an account's id as principal is the same as its root (IAM guide, "Principal").
 */
export function samePolicy(one: Json | undefined, other: Json | undefined): boolean {
  return JSON.stringify(canonical(one ?? null)) === JSON.stringify(canonical(other ?? null));
}

/** As {@link samePolicy}, whatever the statements' `Sid`. */
export function sameStatement(one: JsonObject, other: JsonObject): boolean {
  const withoutSid = ({ Sid: _sid, ...rest }: JsonObject): JsonObject => rest;
  return samePolicy(withoutSid(one), withoutSid(other));
}

function canonical(value: Json, key = ''): Json {
  if (isList(value)) {
    const items = value.map((item) => canonical(item, key));
    const [only] = items;
    return items.length === 1 && only !== undefined
      ? only
      : items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value === 'object' && value !== null) {
    const names = Object.keys(value).sort();
    return Object.fromEntries(names.map((name) => [name, canonical(value[name] ?? null, name)]));
  }
  const account =
    key === 'AWS' && typeof value === 'string' ? /^arn:[^:]+:iam::(\d{12}):root$/.exec(value) : null;
  return account?.[1] ?? value;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
