import { AwsError, type Caller, DeadlineExceeded, type DenialMeaning, settledWithin } from 'resource-runtime';
import type { Identifier } from './resource';
import { findCallerIdentity } from './role/caller-identity';
import type { RoleArn } from './role/role-arn';
import { ROLE_SESSION_NAME } from './role/role-session';
import { findRole } from './role/roles';

/**
 * What a denied call means for a role. STS also denies `AssumeRole` for a role that does not exist, so this asks IAM
 * whether it does. The final message names the handler role, so this asks STS for it. It does not throw if they fail.
 *
 * @param isFinal Whether the operation ends with this error. If it does not, the message is not shown.
 */
export async function explainDenial(
  denial: AwsError,
  { role }: Identifier,
  handler: Caller,
  isFinal: boolean,
): Promise<DenialMeaning> {
  const [found, name] = await Promise.all([
    denial.iamAction === 'sts:AssumeRole'
      ? settledWithin(handler.deadline, findRole(handler, role.name))
      : role,
    isFinal ? nameOf(handler) : 'the handler role',
  ]);
  // The path matters: IAM finds roles by name, STS by ARN.
  if (!(found instanceof Error) && found?.arn !== role.arn) {
    return { code: 'NotFound', message: `There is no role ${role.arn}.` };
  }
  return {
    code: 'AccessDenied',
    message: describe(denial, role, name),
    unanswered: found instanceof Error ? unansweredBy(found) : undefined,
  };
}

/** Why it is not known whether the role exists, if a retry can find out. A denied `iam:GetRole` is final. */
function unansweredBy(error: AwsError | DeadlineExceeded): AwsError | undefined {
  const failure =
    error instanceof DeadlineExceeded ? AwsError.withoutResponse('iam:GetRole', error.message) : error;
  return failure.isTransient ? failure : undefined;
}

async function nameOf(handler: Caller): Promise<string> {
  const identity = await settledWithin(handler.deadline, findCallerIdentity(handler));
  return identity instanceof Error ? 'the handler role' : `the handler role ${identity.name}`;
}

/** Lists everything to check, because AWS's message does not say what is missing. */
function describe({ iamAction, message }: AwsError, role: RoleArn, handlerRole: string): string {
  return (
    `${iamAction} is denied on ${role.arn}. Check that the role has the tag ecs-role-trunking = managed, that its ` +
    `trust policy trusts ${handlerRole} with the session name ${ROLE_SESSION_NAME}, and that its policies allow that ` +
    `session ecs:ListAccountSettings, ecs:PutAccountSetting and ecs:DeleteAccountSetting, as in examples/roles.yml. ` +
    `Details: ${message}`
  );
}
