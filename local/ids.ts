import { randomBytes, randomInt } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * A unique ID as IAM makes them: a prefix that tells its kind (`AROA` role, `AIDA` user, `AKIA` and `ASIA`
 * access keys; IAM user guide, "reference_identifiers") and capitals and digits.
 */
export function uniqueId(prefix: string, length = 17): string {
  return prefix + Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

/** Random text of Base64, such as secret keys and session tokens are. */
export function secret(bytes: number): string {
  return randomBytes(bytes).toString('base64');
}
