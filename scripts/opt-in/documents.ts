/** What an instance role needs so that the handlers can manage its setting. */
import policy from '../../examples/opt-in/policy.json';
import tags from '../../examples/opt-in/tags.json';
import statement from '../../examples/opt-in/trust-statement.json';

/** The name of the inline policy, as in examples/cluster.yml. */
export const POLICY_NAME = 'SetTrunkingFromTheHandler';

/** A JSON value of a policy document. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A JSON object, such as a statement. */
export type JsonObject = { readonly [key: string]: Json };

/** The tag, the statement of the trust policy and the inline policy, for the roles of one account. */
export interface OptInDocuments {
  readonly tag: { readonly key: string; readonly value: string };
  readonly statement: JsonObject;
  readonly policy: JsonObject;
}

/**
 * The documents in examples/opt-in/, with the account and the partition of a role filled in.
 *
 * @param roleArn The ARN of the role, as IAM returns it.
 */
export function documentsFor(roleArn: string): OptInDocuments {
  const [, partition = '', , , accountId = ''] = roleArn.split(':');
  const fill = (document: Json): JsonObject =>
    JSON.parse(
      JSON.stringify(document)
        .replaceAll('ACCOUNT_ID', accountId)
        .replaceAll('arn:aws:', `arn:${partition}:`),
    );
  const [tag = { Key: '', Value: '' }] = tags;
  return { tag: { key: tag.Key, value: tag.Value }, statement: fill(statement), policy: fill(policy) };
}

/** A value as an object, or nothing where it is something else. */
export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}
