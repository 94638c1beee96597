import { InvalidRequest, quote } from 'resource-runtime';

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
const ROLE_ARN = /^arn:aws(?:-[a-z]+)*:iam::(\d{12}):role\/(?:[!-~]{1,510}\/)?([\w+=,.@-]{1,64})$/;

/**
 * Reads the property RoleArn.
 *
 * @throws InvalidRequest if the value is not the ARN of a role.
 */
export function parseRoleArn(value: unknown): RoleArn {
  const role = toRoleArn(value);
  if (!role) {
    throw new InvalidRequest(
      `RoleArn must be the ARN of an IAM role, such as arn:aws:iam::111122223333:role/name; it is ${quote(value)}.`,
    );
  }
  return role;
}

/** The ARN of an IAM role; `undefined` for any other value. */
export function toRoleArn(value: unknown): RoleArn | undefined {
  const match = typeof value === 'string' ? ROLE_ARN.exec(value) : null;
  if (!match) {
    return undefined;
  }
  const [arn, accountId = '', name = ''] = match;
  return { arn, accountId, name };
}

/** Whether only its service can assume the role. Such roles have a reserved path (IAM guide, "Service-linked roles"). */
export function isServiceLinked(roleArn: string): boolean {
  return /^arn:[^:]*:iam::\d{12}:role\/aws-service-role\//.test(roleArn);
}

/** The account of a role, from an ARN that was not checked. */
export function accountIdIn(arn: unknown): string | undefined {
  return typeof arn === 'string' ? /^arn:[^:]*:iam::(\d{12}):/.exec(arn)?.[1] : undefined;
}
