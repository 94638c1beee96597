/** Reads the elements of a policy. */
import { asObject, type Json, type JsonObject } from './documents';

/** The statements of a policy, which has one statement or a list of them (IAM guide, "Statement"). */
export function statementsOf(policy: JsonObject | undefined): JsonObject[] {
  return listOf(policy?.Statement).flatMap((it) => {
    const statement = asObject(it);
    return statement ? [statement] : [];
  });
}

/** One text of a policy, or a list of texts, as a list. */
export function textsOf(value: Json | undefined): string[] {
  return listOf(value).filter((it) => typeof it === 'string');
}

function listOf(value: Json | undefined): readonly (Json | undefined)[] {
  return Array.isArray(value) ? value : [value];
}

/** The conditions of a statement on a key, whose case does not count: each operator with its values. */
export function conditionsOn(
  { Condition }: JsonObject,
  key: string,
): { operator: string; values: string[] }[] {
  return Object.entries(asObject(Condition) ?? {}).flatMap(([operator, keys]) =>
    Object.entries(asObject(keys) ?? {})
      .filter(([name]) => name.toLowerCase() === key)
      .map(([, values]) => ({ operator, values: textsOf(values) })),
  );
}

/** Whether a pattern of a policy, in which `*` and `?` stand for other characters, matches a text. Case does not count. */
export function matches(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'is').test(text);
}
