import { type Identity, ROLE_SESSION_NAME } from './role-session';

/**
 * What STS would compare conditions with if the handler assumed a role now, by lower-case key: the values that
 * are possible, of which `null` is a key that such a request does not have. A key that is missing here can have
 * any value.
 */
type KnownContext = ReadonlyMap<string, readonly (string | null)[]>;

/** Whether something holds; `undefined` where only STS can say. */
type Certainty = boolean | undefined;

/**
 * Whether a trust policy could let the handler assume the role. It is `false` only where that is certain, so that
 * list need not try every role of an account. What is not certain is left to STS, which is asked next.
 *
 * @param document URL-encoded JSON, as IAM returns it.
 */
export function couldTrust(document: string, handler: Identity): boolean {
  const statements = listOf(read(document)?.Statement).filter(isRecord);
  const context = contextOf(handler);
  const names = ({ Action, Principal }: Record<string, unknown>) =>
    listOf(Action).some(isAssumeRole) && principalsOf(Principal).some((name) => isHandler(name, handler));
  const isDenied = statements.some(
    (it) => it.Effect === 'Deny' && names(it) && holds(it.Condition, context) === true,
  );
  const isAllowed = statements.some(
    (it) =>
      it.Effect === 'Allow' &&
      (names(it) || it.NotAction !== undefined || it.NotPrincipal !== undefined) &&
      holds(it.Condition, context) !== false,
  );
  return isAllowed && !isDenied;
}

/** Whether a trust policy has a condition on the caller's ARN, which has a path that the session's ARN has not. */
export function dependsOnPrincipalArn(document: string): boolean {
  return /aws(%3A|:)PrincipalArn/i.test(document);
}

/** Keys of the global context and of STS (IAM guide, "Global condition context keys"; service authorization reference). */
function contextOf({ accountId, kind, principalArn }: Identity): KnownContext {
  const context = new Map<string, (string | null)[]>([
    ['sts:rolesessionname', [ROLE_SESSION_NAME]],
    ['sts:externalid', [null]],
    ['aws:principalaccount', [accountId]],
  ]);
  if (principalArn !== undefined) {
    context.set('aws:principalarn', [principalArn]);
  }
  if (kind === 'role') {
    // A service assumes a role without multi-factor authentication; whether the key is there is not documented.
    context.set('aws:multifactorauthpresent', ['false', null]);
  }
  return context;
}

/** All operators and all keys of a condition must hold (IAM guide, "Condition"). */
function holds(condition: unknown, context: KnownContext): Certainty {
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

/** Operators by their lower-case names: how a value of the policy matches that of the request. */
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
  const texts = values.map(String);
  const possible = context.get(key.toLowerCase());
  // STS fills in variables, which begin so.
  if (!possible || texts.some((text) => text.includes('${'))) {
    return undefined;
  }
  const [first, ...others] = possible.map((value) => compareWith(operator.toLowerCase(), texts, value));
  return others.every((other) => other === first) ? first : undefined;
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

/** Each of the six parts of an ARN by itself (IAM guide, "ARN condition operators"). */
function matchesArn(pattern: string, arn: string): boolean {
  const [patterns, parts] = [partsOf(pattern), partsOf(arn)];
  return patterns.every((part, index) => matchesWildcards(part, parts[index] ?? ''));
}

function partsOf(arn: string): string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')].slice(0, parts.length);
}

/** Whether a text matches a pattern in which `*` stands for any characters and `?` for one. */
function matchesWildcards(pattern: string, text: string): boolean {
  let [at, start, resume] = [0, 0, -1];
  let position = 0;
  while (position < text.length) {
    if (pattern[at] === '*') {
      [start, resume] = [position, at];
      at += 1;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[position])) {
      at += 1;
      position += 1;
    } else if (resume >= 0) {
      // The last `*` takes one character more.
      start += 1;
      [position, at] = [start, resume + 1];
    } else {
      return false;
    }
  }
  return [...pattern.slice(at)].every((character) => character === '*');
}

function read(document: string): Record<string, unknown> | undefined {
  try {
    const policy: unknown = JSON.parse(decodeURIComponent(document));
    return isRecord(policy) ? policy : undefined;
  } catch {
    // IAM holds no such policy: it trusts no one.
    return undefined;
  }
}

function principalsOf(principal: unknown): string[] {
  const named = isRecord(principal) ? principal.AWS : principal;
  return listOf(named).filter((name) => typeof name === 'string');
}

/** The forms that name a caller: its session, its role or user, its account, everyone (IAM guide, "Principal"). */
function isHandler(principal: string, handler: Identity): boolean {
  const { accountId, arn, kind, name } = handler;
  if (principal === '*' || principal === accountId || principal === arn) {
    return true;
  }
  const [, , service, , account, resource = ''] = principal.split(':');
  const [type, ...names] = resource.split('/');
  return (
    service === 'iam' &&
    account === accountId &&
    (resource === 'root' || (type === kind && names.at(-1) === name))
  );
}

/** `*` and `?` in an action stand for any characters and for one (IAM guide, "Action"). */
function isAssumeRole(action: unknown): boolean {
  return typeof action === 'string' && matchesWildcards(action.toLowerCase(), 'sts:assumerole');
}

/** Policies can say one thing or a list of things. */
function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
