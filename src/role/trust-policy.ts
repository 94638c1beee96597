import type { CallerIdentity } from './caller-identity';
import { ROLE_SESSION_NAME } from './role-session';

/** A statement of a policy, unchecked. */
type Statement = Readonly<Record<string, unknown>>;

/**
 * Whether a trust policy names the handler, alone or with others, as someone it trusts. It reads neither conditions nor
 * denials: whether a session can be opened is for STS to decide.
 *
 * @param document URL-encoded JSON, as IAM returns it.
 * @param identity Who the handler runs as.
 */
export function namesCaller(document: string, identity: CallerIdentity): boolean {
  return statementsOf(document).some((it) => trusts(it, identity));
}

/**
 * Whether a trust policy has a statement for the handler's sessions: one that names the handler, and has no condition or
 * one that mentions the name of these sessions. Whether the condition is met is for STS to decide.
 */
export function trustsSession(document: string, identity: CallerIdentity): boolean {
  return statementsOf(document).some(
    (it) =>
      trusts(it, identity) &&
      (it.Condition === undefined || JSON.stringify(it.Condition).includes(ROLE_SESSION_NAME)),
  );
}

/** Whether a text occurs in the statements of a policy. */
export function mentions(document: string, text: string): boolean {
  return JSON.stringify(statementsOf(document)).includes(text);
}

/** The ID in place of the ARN of a role that was deleted (IAM guide, "AWS JSON policy elements: Principal"). */
export function deletedRoleIn(document: string): string | undefined {
  return statementsOf(document)
    .flatMap(({ Principal }) => principalsOf(Principal))
    .find((name) => /^AROA[A-Z0-9]+$/.test(name));
}

/** The statements of a policy. A document that is not a policy, which IAM would not store, has none. */
function statementsOf(document: string): Statement[] {
  try {
    const policy: unknown = JSON.parse(decodeURIComponent(document));
    return isRecord(policy) ? listOf(policy.Statement).filter(isRecord) : [];
  } catch {
    return [];
  }
}

/** Whether a statement names the caller as trusted. `NotPrincipal` does: whom it leaves out is for STS to decide. */
function trusts({ Effect, Principal, NotPrincipal }: Statement, identity: CallerIdentity): boolean {
  return (
    Effect === 'Allow' &&
    (NotPrincipal !== undefined || principalsOf(Principal).some((name) => isCaller(name, identity)))
  );
}

/** The principals that are accounts, roles, users or everyone; services and identity providers are left out. */
function principalsOf(principal: unknown): string[] {
  const named = isRecord(principal) ? principal.AWS : principal;
  return listOf(named).filter((name) => typeof name === 'string');
}

/** The forms in which a policy names a caller: session, role or user, account, everyone (IAM guide, "Principal"). */
function isCaller(principal: string, { accountId, arn, kind, name }: CallerIdentity): boolean {
  if (principal === '*' || principal === accountId || principal === arn) {
    return true;
  }
  // A path can contain colons.
  const [, , service, , account, ...rest] = principal.split(':');
  const resource = rest.join(':');
  const [type, ...names] = resource.split('/');
  return (
    service === 'iam' &&
    account === accountId &&
    (resource === 'root' || (type === kind && names.at(-1) === name))
  );
}

/** Elements of a policy can be one value or a list of values. */
function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
