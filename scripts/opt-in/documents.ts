/** What an instance role needs so that the handlers can manage its setting. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(__dirname, '../../examples/opt-in');

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
  const read = (name: string) =>
    readFileSync(join(FOLDER, name), 'utf8')
      .replaceAll('ACCOUNT_ID', accountId)
      .replaceAll('arn:aws:', `arn:${partition}:`);
  const [tag] = JSON.parse(read('tags.json')) as [{ Key: string; Value: string }];
  return {
    tag: { key: tag.Key, value: tag.Value },
    statement: JSON.parse(read('trust-statement.json')),
    policy: JSON.parse(read('policy.json')),
  };
}

/** A value as an object, or nothing where it is something else. */
export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}
