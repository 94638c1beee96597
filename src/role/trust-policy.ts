import type { CallerIdentity } from './caller-identity';
import { contextOf, holds } from './conditions';
import { isRecord, listOf } from './policy-document';
import { matchesWildcards } from './wildcards';

/**
 * Whether a trust policy could let the handler assume the role. It is `false` only where that is certain, so that
 * list does not have to try every role of an account. Where it is not certain, STS decides.
 *
 * @param document URL-encoded JSON, as IAM returns it.
 * @param identity Who the handler runs as.
 */
export function couldTrust(document: string, identity: CallerIdentity): boolean {
  const statements = listOf(read(document)?.Statement).filter(isRecord);
  const context = contextOf(identity);
  const names = ({ Action, Principal }: Record<string, unknown>) =>
    listOf(Action).some(isAssumeRole) && principalsOf(Principal).some((name) => isCaller(name, identity));
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

/** Whether a trust policy has a condition on the caller's ARN. It contains the role's path, which the session's ARN does not. */
export function dependsOnPrincipalArn(document: string): boolean {
  return /aws(%3A|:)PrincipalArn/i.test(document);
}

function read(document: string): Record<string, unknown> | undefined {
  try {
    const policy: unknown = JSON.parse(decodeURIComponent(document));
    return isRecord(policy) ? policy : undefined;
  } catch {
    // IAM stores no such policy. It trusts no one.
    return undefined;
  }
}

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

/** `*` in an action matches any characters, `?` one character (IAM guide, "Action"). */
function isAssumeRole(action: unknown): boolean {
  return typeof action === 'string' && matchesWildcards(action.toLowerCase(), 'sts:assumerole');
}
