import { InvalidRequest } from './errors';

/** An IAM role's ARN that was checked. */
export interface RoleArn {
  /** The ARN as given, such as `arn:aws:iam::111122223333:role/team/instances`. */
  readonly arn: string;
  /** Twelve digits. */
  readonly accountId: string;
  /** The name without the path, as `iam:GetRole` takes it. */
  readonly name: string;
}

/** Names and paths as in the IAM API reference (CreateRole); the schema's pattern says the same. */
const ROLE_ARN =
  /^arn:aws(?:-[a-z]+)*:iam::(?<accountId>\d{12}):role\/(?:[!-~]{1,510}\/)?(?<name>[\w+=,.@-]{1,64})$/;

const LONGEST_QUOTE = 700;

/**
 * Reads the ARN of an IAM role.
 *
 * @throws InvalidRequest where the text is not the ARN of a role.
 */
export function parseRoleArn(text: unknown): RoleArn {
  const parts = typeof text === 'string' ? ROLE_ARN.exec(text)?.groups : undefined;
  if (typeof text !== 'string' || !parts) {
    throw new InvalidRequest(
      `RoleArn must be the ARN of an IAM role, such as arn:aws:iam::111122223333:role/name; it is ${quote(text)}.`,
    );
  }
  const { accountId = '', name = '' } = parts;
  return { arn: text, accountId, name };
}

/** Whether a role is one that only its service can assume: they have a path of their own (IAM guide, "Service-linked roles"). */
export function isServiceLinked(roleArn: string): boolean {
  return roleArn.includes(':role/aws-service-role/');
}

/**
 * A value that was given, for a message: whole or not at all, since a part of a secret that was put here by mistake
 * would not be recognized as one.
 */
export function quote(value: unknown): string {
  if (typeof value !== 'string') {
    return value === undefined
      ? 'missing'
      : `${Array.isArray(value) ? 'a list' : typeof value}, not a string`;
  }
  return value.length > LONGEST_QUOTE ? `${value.length} characters long` : JSON.stringify(value);
}
