import type { AwsError } from './runtime';

/** What to do about an error that concerns this type's own properties; `undefined` leaves it to the runtime. */
export function advise({ action, kind }: AwsError): string | undefined {
  if (kind !== 'invalid-parameter') {
    return undefined;
  }
  // A list of roles has no RoleArn; what the caller of list chooses is the token.
  return action === 'iam:ListRoles'
    ? 'List again from the start, without nextToken.'
    : 'Check RoleArn, and that the Region is enabled for the account.';
}
