import type { CallerIdentity } from './caller-identity';
import { isRecord, listOf } from './policy-document';
import { ROLE_SESSION_NAME } from './role-session';
import { matchesWildcards } from './wildcards';

/**
 * What STS would compare conditions with if the handler assumed a role now, by lower-case key: all possible values,
 * with `null` for a key that such a request does not have. A key that is missing here can have any value.
 */
type KnownContext = ReadonlyMap<string, readonly (string | null)[]>;

/** Whether something is true; `undefined` where only STS knows. */
type Certainty = boolean | undefined;

/** What is known of a request of the handler: global keys and STS keys (IAM guide, "Global condition context keys"; service authorization reference). */
export function contextOf({ accountId, kind, principalArn }: CallerIdentity): KnownContext {
  const context = new Map<string, (string | null)[]>([
    ['sts:rolesessionname', [ROLE_SESSION_NAME]],
    ['sts:externalid', [null]],
    ['aws:principalaccount', [accountId]],
  ]);
  if (principalArn !== undefined) {
    context.set('aws:principalarn', [principalArn]);
  }
  if (kind === 'role') {
    // A service assumes a role without multi-factor authentication; whether the key is present is not documented.
    context.set('aws:multifactorauthpresent', ['false', null]);
  }
  return context;
}

/** Whether a condition is true. All operators and all keys of it must match (IAM guide, "Condition"). */
export function holds(condition: unknown, context: KnownContext): Certainty {
  if (condition === undefined) {
    return true;
  }
  if (!isRecord(condition)) {
    return undefined;
  }
  const parts = Object.entries(condition).flatMap(([operator, keys]) =>
    isRecord(keys)
      ? Object.entries(keys).map(([key, values]) => compare(operator, key, listOf(values), context))
      : [undefined],
  );
  return parts.includes(false) ? false : parts.includes(undefined) ? undefined : true;
}

/** Operators by their lower-case names: how a value of the policy matches the value of the request. */
const MATCHES: ReadonlyMap<string, (pattern: string, value: string) => boolean> = new Map([
  ['stringequals', (pattern, value) => pattern === value],
  ['stringequalsignorecase', (pattern, value) => pattern.toLowerCase() === value.toLowerCase()],
  ['stringlike', matchesWildcards],
  ['arnequals', matchesArn],
  ['arnlike', matchesArn],
  ['bool', (pattern, value) => pattern.toLowerCase() === value.toLowerCase()],
]);

function compare(
  operator: string,
  key: string,
  values: readonly unknown[],
  context: KnownContext,
): Certainty {
  const possible = context.get(key.toLowerCase());
  if (!possible || !values.every(isScalar)) {
    return undefined;
  }
  const texts = values.map(String);
  // STS replaces policy variables, which begin with `${`.
  if (texts.some((text) => text.includes('${'))) {
    return undefined;
  }
  const [first, ...others] = possible.map((value) => compareWith(operator.toLowerCase(), texts, value));
  return others.every((other) => other === first) ? first : undefined;
}

/** Whether a value of a condition is one that JSON policies have (IAM guide, "Condition"). */
function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function compareWith(operator: string, texts: readonly string[], value: string | null): Certainty {
  const name = operator.replace(/ifexists$/, '');
  if (name === 'null') {
    return texts.some((text) => text.toLowerCase() === String(value === null));
  }
  const isNegated = /^(string|arn)not/.test(name);
  const matches = MATCHES.get(name.replace(/^(string|arn)not/, '$1'));
  if (!matches || (name.startsWith('arn') && !texts.every((text) => partsOf(text).length === 6))) {
    return undefined;
  }
  if (value === null) {
    return name !== operator || isNegated;
  }
  return texts.some((text) => matches(text, value)) !== isNegated;
}

/** Each of the six parts of an ARN is matched by itself (IAM guide, "ARN condition operators"). */
function matchesArn(pattern: string, arn: string): boolean {
  const [patterns, parts] = [partsOf(pattern), partsOf(arn)];
  return patterns.every((part, index) => matchesWildcards(part, parts[index] ?? ''));
}

function partsOf(arn: string): string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')].slice(0, parts.length);
}
