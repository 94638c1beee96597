/** What opting a role in or out changes, given what is there. Calls nothing. */
import { CommandError } from '../command-line/command';
import { asObject, type Json, type JsonObject, type OptInDocuments } from './documents';
import { matches, statementsOf, textsOf } from './policy-text';
import { samePolicy, sameStatement } from './same-policy';

/** A role as far as opting in changes it. */
export interface RoleState {
  readonly name: string;
  readonly arn: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly trustPolicy: JsonObject;
  /** The inline policy of our name. */
  readonly policy: JsonObject | undefined;
  /** The ARN of the permissions boundary. */
  readonly boundary?: string;
}

/** The three things that a role needs. */
export type Part = 'trust policy' | 'inline policy' | 'tag';

/** A change of one of them, as a whole. What is `undefined` is not there. */
export interface Change {
  readonly part: Part;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/**
 * The changes that opt a role in, in the order in which to make them: the policy, which limits the handler's sessions,
 * then the trust, and the tag last. What others put there stays, and what is there already is not changed.
 */
export function planOptIn(role: RoleState, { tag, statement, policy }: OptInDocuments): Change[] {
  const before = statementsOf(role.trustPolicy);
  const isOurs = (it: JsonObject) => it.Sid === statement.Sid;
  const isRight = (it: JsonObject) => sameStatement(it, statement);
  // A statement with our Sid that says something else is replaced, even beside one that says the right thing.
  const replaced = before.map((it) => (isOurs(it) && !isRight(it) ? statement : it));
  const after = replaced.some(isRight) ? replaced : [...before, statement];
  const value = tagValue(role, tag.key);
  return [
    ...(samePolicy(role.policy, policy)
      ? []
      : [{ part: 'inline policy', before: role.policy, after: policy } as const]),
    ...(samePolicy(before, after) ? [] : [trustChange(role, after)]),
    ...(value === tag.value ? [] : [{ part: 'tag', before: value, after: tag.value } as const]),
  ];
}

/**
 * The changes that take back what {@link planOptIn} adds, the tag first: without it, the handlers cannot use the role.
 * A tag with another value is somebody else's, and stays.
 *
 * @throws CommandError where the trust policy has no other statement; IAM takes no policy without one.
 */
export function planUndo(role: RoleState, { tag, statement }: OptInDocuments): Change[] {
  const before = statementsOf(role.trustPolicy);
  const after = before.filter((it) => it.Sid !== statement.Sid && !sameStatement(it, statement));
  if (before.length > 0 && after.length === 0) {
    throw new CommandError(
      `The trust policy of ${role.name} has no other statement, and IAM takes none without a statement. Add the ` +
        'principal that is to use the role, such as ec2.amazonaws.com, or delete the role. Nothing was changed.',
    );
  }
  return [
    ...(tagValue(role, tag.key) === tag.value
      ? [{ part: 'tag', before: tag.value, after: undefined } as const]
      : []),
    ...(after.length === before.length ? [] : [trustChange(role, after)]),
    ...(role.policy === undefined
      ? []
      : [{ part: 'inline policy', before: role.policy, after: undefined } as const]),
  ];
}

/**
 * Whether a statement, other than ours, lets the whole account assume the role, without a condition. For such a role, the
 * tag alone is enough for the handlers to assume it.
 */
export function trustsAccount(role: RoleState): boolean {
  const [, , , , accountId = ''] = role.arn.split(':');
  return statementsOf(role.trustPolicy).some(
    ({ Effect, Principal, Action, Condition }) =>
      Effect === 'Allow' &&
      Object.keys(Condition ?? {}).length === 0 &&
      textsOf(Action).some((action) => matches(action, 'sts:AssumeRole')) &&
      textsOf(asObject(Principal)?.AWS ?? Principal).some(
        (principal) =>
          principal === '*' || principal === accountId || principal.endsWith(`:${accountId}:root`),
      ),
  );
}

/** The value of a tag. IAM takes tag keys that differ only in case for one key (user guide, "Tags for IAM resources"). */
function tagValue({ tags }: RoleState, key: string): string | undefined {
  return [...tags].find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
}

function trustChange({ trustPolicy }: RoleState, statements: readonly JsonObject[]): Change {
  return { part: 'trust policy', before: trustPolicy, after: { ...trustPolicy, Statement: statements } };
}
