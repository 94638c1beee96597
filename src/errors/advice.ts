import type { AwsError } from 'resource-runtime';

/** What to do about an error that concerns the role or its properties; `undefined` leaves it to the runtime. */
export function advise({ iamAction, kind }: AwsError): string | undefined {
  if (kind === 'credentials' && iamAction.startsWith('ecs:')) {
    return 'Retry; if it fails again, check that the role still exists.';
  }
  if (kind !== 'invalid-parameter') {
    return undefined;
  }
  // A list of roles has no RoleArn; what the caller of list chooses is the token.
  return iamAction === 'iam:ListRoles'
    ? 'List again from the start, without nextToken.'
    : 'Check RoleArn, and that the Region is enabled for the account.';
}
