import type { Identity } from './role-session';

/**
 * Whether a trust policy may let the handler in. It answers `false` only where it is certain, so that
 * list need not try every role of an account: conditions are left to STS, which is asked next.
 *
 * @param document URL-encoded JSON, as IAM returns it.
 */
export function mayLetIn(document: string, handler: Identity): boolean {
  const statements = listOf(read(document)?.Statement).filter(isRecord);
  const about = ({ Action, Principal }: Record<string, unknown>) =>
    listOf(Action).some(isAssumeRole) && principalsOf(Principal).some((name) => isHandler(name, handler));
  const barred = statements.some((it) => it.Effect === 'Deny' && it.Condition === undefined && about(it));
  const open = statements.some(
    (it) =>
      it.Effect === 'Allow' && (about(it) || it.NotAction !== undefined || it.NotPrincipal !== undefined),
  );
  return open && !barred;
}

function read(document: string): Record<string, unknown> | undefined {
  try {
    const policy: unknown = JSON.parse(decodeURIComponent(document));
    return isRecord(policy) ? policy : undefined;
  } catch {
    // No policy that IAM would hold: it lets nobody in.
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

/** `*` and `?` stand in an action for any characters and for one (IAM guide, "Action"). */
function isAssumeRole(action: unknown): boolean {
  if (typeof action !== 'string') {
    return false;
  }
  const literal = action.replace(/[^\w*?]/g, '\\$&');
  const pattern = literal.replace(/\*+/g, '.*').replaceAll('?', '.');
  return new RegExp(`^${pattern}$`, 'i').test('sts:AssumeRole');
}

/** Policies may say one thing or a list of things. */
function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
