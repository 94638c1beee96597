import { randomInt } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * A unique ID as IAM makes them: a prefix for its kind (`AROA` role, `AIDA` user, `AKIA` and `ASIA`
 * access keys; IAM user guide, "reference_identifiers") and capitals and digits.
 */
export function uniqueId(prefix: string, length = 17): string {
  return prefix + Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

/** The ARN of a stack or a type. */
export function cloudFormationArn(of: { region: string; accountId: string }, resource: string): string {
  return `arn:aws:cloudformation:${of.region}:${of.accountId}:${resource}`;
}
