import { InvalidRequest, quote } from '../runtime';

/** The ARN of an IAM role, checked. */
export interface RoleArn {
  /** The whole ARN, such as `arn:aws:iam::111122223333:role/team/instances`. */
  readonly arn: string;
  /** Twelve digits. */
  readonly accountId: string;
  /** The name without the path, as `iam:GetRole` takes it. */
  readonly name: string;
}

/** Names and paths as in the IAM API reference (CreateRole). The schema has the same pattern. */
const ROLE_ARN =
  /^arn:aws(?:-[a-z]+)*:iam::(?<accountId>\d{12}):role\/(?:[!-~]{1,510}\/)?(?<name>[\w+=,.@-]{1,64})$/;

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

/** Whether only its service can assume the role. Such roles have a path of their own (IAM guide, "Service-linked roles"). */
export function isServiceLinked(roleArn: string): boolean {
  return roleArn.includes(':role/aws-service-role/');
}

/** The account of a role, from an ARN that was not checked. */
export function accountIdIn(arn: unknown): string | undefined {
  return /^arn:[^:]*:iam::(\d{12}):/.exec(String(arn))?.[1];
}
