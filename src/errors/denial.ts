import {
  type Caller,
  DeadlineExceeded,
  HandlerError,
  type ResourceRequest,
  resultOrError,
  ServiceError,
} from 'resource-runtime';
import { findCallerIdentity } from '../role/caller-identity';
import type { RoleArn } from '../role/role-arn';
import { type FoundRole, findRole } from '../role/roles';
import { describeDenial, type Evidence } from './denial-message';

/**
 * What a denied call means for a role. AWS also denies calls about a role that does not exist, so this asks IAM whether
 * it does. It does not throw if its own calls to AWS fail.
 *
 * @param canWait Whether the operation waits after this error; the message of an `AccessDenied` is then not shown.
 * @returns `NotFound` or `AccessDenied`; for a read, the `ServiceError` of IAM if IAM failed for the moment.
 */
export async function explainDenial(
  denial: ServiceError,
  role: RoleArn,
  { handlerRole, action }: Pick<ResourceRequest, 'handlerRole' | 'action'>,
  canWait: boolean,
): Promise<HandlerError | ServiceError> {
  const found = await resultOrError(handlerRole.deadline, findRole(handlerRole, role.name));
  if (found instanceof Error) {
    // A read cannot wait. It reports IAM's failure: whether the role is gone or the handler denied is not known.
    const failure = action === 'READ' ? transientFailure(found) : undefined;
    return failure ?? new HandlerError('AccessDenied', describeDenial(denial, role, { found }));
  }
  if (found?.arn !== role.arn) {
    return new HandlerError('NotFound', describeMissing(role, found));
  }
  // Only the message about a session that was not opened names the handler role.
  const namesHandlerRole = !canWait && denial.action === 'sts:AssumeRole';
  const evidence = namesHandlerRole ? await lookFurther(found, handlerRole) : { found };
  return new HandlerError('AccessDenied', describeDenial(denial, role, evidence));
}

/**
 * Whether waiting can help a create that failed with this error. If the role of this name has another ARN, the one that
 * the template names is not about to be created.
 */
export async function isWorthRetrying(
  error: ServiceError,
  role: RoleArn,
  handlerRole: Caller,
): Promise<boolean> {
  if (error.kind !== 'denied') {
    return error.isTransient;
  }
  // Ends with the patience, not with the deadline: the time between them is for the report.
  const { deadline } = handlerRole;
  const found = await resultOrError(
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

/** IAM's failure, if it can be over at the next try. A denied `iam:GetRole` stays denied. */
function transientFailure(error: ServiceError | DeadlineExceeded): ServiceError | undefined {
  const failure =
    error instanceof DeadlineExceeded ? ServiceError.withoutResponse('iam:GetRole', error.message) : error;
  return failure.isTransient ? failure : undefined;
}

/** Who was denied, and what IAM returns of the handler role. */
async function lookFurther(found: FoundRole, handlerRole: Caller): Promise<Evidence> {
  const identity = await resultOrError(handlerRole.deadline, findCallerIdentity(handlerRole));
  if (identity instanceof Error) {
    return { found };
  }
  const handler =
    identity.kind === 'role'
      ? await resultOrError(handlerRole.deadline, findRole(handlerRole, identity.name))
      : undefined;
  return { found, identity, handler: handler instanceof Error ? undefined : handler };
}
