import type { Identifier } from './resource';
import { findCallerIdentity } from './role/caller-identity';
import type { RoleArn } from './role/role-arn';
import { ROLE_SESSION_NAME } from './role/role-session';
import { roleExists } from './role/roles';
import { AwsError, type Caller, DeadlineExceeded, type DenialMeaning, settledWithin } from './runtime';

/**
 * What a denied call means for a role. STS denies `AssumeRole` for a role that does not exist as well, so IAM is asked
 * whether it does. The final message names the handler role, so STS is asked for it.
 */
export async function explainDenial(
  denial: AwsError,
  { role }: Identifier,
  handler: Caller,
  isFinal: boolean,
): Promise<DenialMeaning> {
  const [exists, name] = await Promise.all([
    denial.action === 'sts:AssumeRole' ? settledWithin(handler.deadline, roleExists(handler, role)) : true,
    isFinal ? nameOf(handler) : 'the handler role',
  ]);
  if (exists === false) {
    return { code: 'NotFound', message: `There is no role ${role.arn}.` };
  }
  return {
    code: 'AccessDenied',
    message: describe(denial, role, name),
    unanswered: exists instanceof Error && isUnanswered(exists) ? exists : undefined,
  };
}

/** Whether the answer can be another one next time. An answer that IAM denies is as good as none, and final. */
function isUnanswered(error: Error): error is AwsError | DeadlineExceeded {
  return error instanceof DeadlineExceeded || (error instanceof AwsError && error.isTransient);
}

async function nameOf(handler: Caller): Promise<string> {
  const identity = await settledWithin(handler.deadline, findCallerIdentity(handler));
  return identity instanceof Error ? 'the handler role' : `the handler role ${identity.name}`;
}

/** Everything that has to be right, since the message of AWS does not say what is wrong. */
function describe({ action, message }: AwsError, role: RoleArn, handlerRole: string): string {
  return (
    `${action} is denied on ${role.arn}. Check that the role has the tag ecs-role-trunking = managed, that its ` +
    `trust policy lets ${handlerRole} assume it with the session name ${ROLE_SESSION_NAME}, and that its policies ` +
    `allow ecs:ListAccountSettings, ecs:PutAccountSetting and ecs:DeleteAccountSetting to that session, as in ` +
    `examples/roles.yml. AWS said: ${message}`
  );
}
