import { AwsError, type Caller, DeadlineExceeded, type DenialMeaning, settledWithin } from 'resource-runtime';
import type { Identifier } from '../resource';
import { findCallerIdentity } from '../role/caller-identity';
import type { RoleArn } from '../role/role-arn';
import { type FoundRole, findRole } from '../role/roles';
import { describeDenial, type Evidence } from './denial-message';

/**
 * What a denied call means for a role. AWS also denies calls about a role that does not exist, so this asks IAM whether
 * it does. It does not throw if its own calls to AWS fail.
 *
 * @param isFinal Whether the operation ends with this error. If it does not, the message is not shown.
 */
export async function explainDenial(
  denial: AwsError,
  { role }: Identifier,
  handlerRole: Caller,
  isFinal: boolean,
): Promise<DenialMeaning> {
  const found = await settledWithin(handlerRole.deadline, findRole(handlerRole, role.name));
  if (found instanceof Error) {
    const message = describeDenial(denial, role, { found });
    return { code: 'AccessDenied', message, unanswered: unansweredBy(found) };
  }
  if (found?.arn !== role.arn) {
    return { code: 'NotFound', message: describeMissing(role, found) };
  }
  const message = isFinal ? describeDenial(denial, role, await lookFurther(found, handlerRole)) : '';
  return { code: 'AccessDenied', message };
}

/**
 * Whether waiting can help a create that failed with this error. If the role of this name has another ARN, the one that
 * the template names is not about to be created.
 */
export async function canPass(error: AwsError, role: RoleArn, handlerRole: Caller): Promise<boolean> {
  if (error.kind !== 'denied') {
    return error.isTransient;
  }
  // The time that is left for the report is not for this look.
  const { deadline } = handlerRole;
  const found = await settledWithin(
    { ...deadline, signal: deadline.patience },
    findRole(handlerRole, role.name),
  );
  return found instanceof Error || found === undefined || found.arn === role.arn;
}

/** The path matters: IAM finds roles by name, STS by ARN. */
function describeMissing({ arn }: RoleArn, found: FoundRole | undefined): string {
  const remedy = found ? `The role of this name is ${found.arn}: use that ARN as RoleArn.` : 'Check RoleArn.';
  return `There is no role ${arn}. ${remedy}`;
}

/** Why it is not known whether the role exists, if a retry can find out. A denied `iam:GetRole` is final. */
function unansweredBy(error: AwsError | DeadlineExceeded): AwsError | undefined {
  const failure =
    error instanceof DeadlineExceeded ? AwsError.withoutResponse('iam:GetRole', error.message) : error;
  return failure.isTransient ? failure : undefined;
}

/** Who was denied, and what IAM returns of the handler role. */
async function lookFurther(found: FoundRole, handlerRole: Caller): Promise<Evidence> {
  const identity = await settledWithin(handlerRole.deadline, findCallerIdentity(handlerRole));
  if (identity instanceof Error) {
    return { found };
  }
  const handler =
    identity.kind === 'role'
      ? await settledWithin(handlerRole.deadline, findRole(handlerRole, identity.name))
      : undefined;
  return { found, identity, handler: handler instanceof Error ? undefined : handler };
}
