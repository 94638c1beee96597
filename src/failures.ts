import { exceptions } from '@amazon-web-services-cloudformation/cloudformation-cli-typescript-lib';
import type { Caller } from './aws';
import { AwsError, type AwsErrorKind } from './aws-error';
import { type CallbackContext, DENIAL_DELAYS, waitForCapacity, waitForIam } from './callback-context';
import { TimeIsUp, within } from './deadline';
import { failed, HandlerErrorCode, inProgress, type Progress, type RoleTrunking } from './progress';
import { type Input, roleOf } from './request';
import type { RoleArn } from './role-arn';
import { findHandlerRole, ROLE_SESSION_NAME } from './role-session';
import { roleExists } from './roles';

/** The operation that failed, as far as it had been understood. */
export interface Attempt {
  readonly input: Input;
  readonly handler: Caller;
}

/** The handler error codes (handler contract, "Handler error codes") for what AWS answers. */
const CODES: Readonly<Record<AwsErrorKind, HandlerErrorCode>> = {
  denied: HandlerErrorCode.AccessDenied,
  throttled: HandlerErrorCode.Throttling,
  credentials: HandlerErrorCode.InvalidCredentials,
  'invalid-parameter': HandlerErrorCode.InvalidRequest,
  'no-such-entity': HandlerErrorCode.NotFound,
  server: HandlerErrorCode.ServiceInternalError,
  network: HandlerErrorCode.NetworkFailure,
  other: HandlerErrorCode.GeneralServiceException,
};

const ADVICE: Readonly<Record<AwsErrorKind, string>> = {
  denied: 'Allow the handler role this action.',
  throttled: 'Retry once the account makes fewer calls.',
  credentials: 'Check the execution role that the type is registered with, then retry.',
  'invalid-parameter': 'Check RoleArn, and that the Region is enabled for the account.',
  'no-such-entity': 'Check RoleArn.',
  server: 'CloudFormation retries; if it goes on, look at the AWS Health Dashboard.',
  network: 'CloudFormation retries; if it goes on, look at the AWS Health Dashboard.',
  other: 'See what AWS said.',
};

/**
 * The answer to whatever an operation threw: `FAILED` with the code that fits, or `IN_PROGRESS` where a
 * mutating operation is worth another try, because IAM may not have propagated yet or AWS is throttling.
 */
export async function answerFailure(error: unknown, attempt: Attempt | undefined): Promise<Progress> {
  if (error instanceof exceptions.BaseHandlerException) {
    return failed(error.errorCode, error.message);
  }
  if (error instanceof TimeIsUp) {
    const message = `AWS did not answer in time${onRole(attempt)}. CloudFormation retries.`;
    return failed(HandlerErrorCode.NetworkFailure, message);
  }
  if (!(error instanceof AwsError)) {
    return failed(HandlerErrorCode.InternalFailure, `The handler failed on its own account: ${error}`);
  }
  const operation = attempt && waitable(attempt.input);
  if (error.kind === 'throttled' && operation) {
    const wait = waitForCapacity(operation.context);
    if (wait) {
      return inProgress(
        operation.resource,
        wait,
        `${error.action} is throttled; waiting ${wait.delaySeconds} s.`,
      );
    }
  }
  const role = attempt && roleOf(attempt.input);
  if (error.kind === 'denied' && role) {
    return answerDenial(error, role, operation, attempt);
  }
  return failed(CODES[error.kind], describe(error, attempt));
}

async function answerDenial(
  error: AwsError,
  role: RoleArn,
  operation: Waitable | undefined,
  attempt: Attempt,
): Promise<Progress> {
  const { handler } = attempt;
  let isGone = false;
  if (error.action === 'sts:AssumeRole') {
    try {
      isGone = !(await within(handler.deadline, roleExists(handler, role)));
    } catch (cause) {
      // Denied or gone, nobody knows. Read cannot wait for IAM to say so: CloudFormation retries it.
      if (!operation && mayPass(cause)) {
        return answerFailure(cause, attempt);
      }
    }
  }
  // A role that create does not find may have been made a second ago: IAM's answers propagate too.
  const wait = isGone && !operation?.isCreate ? undefined : operation && waitForIam(operation.context);
  if (operation && wait) {
    const message =
      `${error.action} is denied on ${role.arn}, which is usual for a role that was just made. ` +
      `Waiting ${wait.delaySeconds} s (${wait.context.denials} of ${DENIAL_DELAYS.length}).`;
    return inProgress(operation.resource, wait, message);
  }
  if (isGone) {
    return failed(HandlerErrorCode.NotFound, `There is no role ${role.arn}.`);
  }
  return failed(HandlerErrorCode.AccessDenied, await describeDenial(error, role, handler));
}

/** Whether a call may be answered when it is made again. */
function mayPass(error: unknown): boolean {
  return !(error instanceof AwsError) || ['throttled', 'server', 'network'].includes(error.kind);
}

/** Both ends of the assumption, since AWS's message names one. */
async function describeDenial(error: AwsError, role: RoleArn, handler: Caller): Promise<string> {
  const handlerRole = await ask(handler, findHandlerRole(handler));
  const name = handlerRole ? `the handler role ${handlerRole.name}` : 'the handler role';
  return (
    `${error.action} is denied on ${role.arn}. Its trust policy must let ${name} assume it with the session name ` +
    `${ROLE_SESSION_NAME}, and its policies must allow ecs:ListAccountSettings, ecs:PutAccountSetting and ` +
    `ecs:DeleteAccountSetting to that session; ${name} must be allowed sts:AssumeRole on it (in examples/roles.yml, ` +
    `by the tag ecs-role-trunking = managed). AWS said: ${error.message}`
  );
}

/** What may be asked for the sake of the answer, or `undefined` where there is none: it must not fail the failure. */
async function ask<T>({ deadline }: Caller, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await within(deadline, answer);
  } catch {
    return undefined;
  }
}

function describe(error: AwsError, attempt: Attempt | undefined): string {
  return `${error.action} failed${onRole(attempt)}. ${ADVICE[error.kind]} AWS said: ${error.message} (${error.code})`;
}

function onRole(attempt: Attempt | undefined): string {
  const role = attempt && roleOf(attempt.input);
  return role ? ` for ${role.arn}` : '';
}

/** A mutating operation: read and list must answer at once (handler contract). */
interface Waitable {
  readonly resource: RoleTrunking;
  readonly context: CallbackContext;
  readonly isCreate: boolean;
}

function waitable(input: Input): Waitable | undefined {
  switch (input.action) {
    case 'CREATE':
    case 'UPDATE':
      return { resource: input.desired, context: input.context, isCreate: input.action === 'CREATE' };
    case 'DELETE':
      return { resource: { role: input.role }, context: input.context, isCreate: false };
    default:
      return undefined;
  }
}
