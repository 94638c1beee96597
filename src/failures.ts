import {
  exceptions,
  HandlerErrorCode,
} from '@amazon-web-services-cloudformation/cloudformation-cli-typescript-lib';
import type { Caller } from './aws';
import { AwsError, type AwsErrorKind } from './aws-error';
import { type CallbackContext, DENIAL_DELAYS, waitForCapacity, waitForIam } from './callback-context';
import { TimeIsUp, within } from './deadline';
import { failed, inProgress, type Progress, type RoleTrunking } from './progress';
import { type Input, roleOf } from './request';
import type { RoleArn } from './role-arn';
import { findIdentity, ROLE_SESSION_NAME } from './role-session';
import { roleExists } from './roles';

/** The operation that failed, as far as it had been understood. */
export interface Attempt {
  readonly input: Input;
  readonly handler: Caller;
}

const RETRIED = 'CloudFormation retries; if it goes on, look at the AWS Health Dashboard.';

/** For what AWS answers: the code (handler contract, "Handler error codes"), and what the user can do. */
const ANSWERS: Readonly<Record<AwsErrorKind, { readonly code: HandlerErrorCode; readonly advice: string }>> =
  {
    denied: { code: HandlerErrorCode.AccessDenied, advice: 'Allow the handler role this action.' },
    throttled: { code: HandlerErrorCode.Throttling, advice: 'Retry once the account makes fewer calls.' },
    credentials: {
      code: HandlerErrorCode.InvalidCredentials,
      advice: 'Retry; if it goes on, check the execution role that the type is registered with.',
    },
    'invalid-parameter': {
      code: HandlerErrorCode.InvalidRequest,
      advice: 'Check RoleArn, and that the Region is enabled for the account.',
    },
    'no-such-entity': { code: HandlerErrorCode.NotFound, advice: 'Check RoleArn.' },
    server: { code: HandlerErrorCode.ServiceInternalError, advice: RETRIED },
    network: { code: HandlerErrorCode.NetworkFailure, advice: RETRIED },
    other: { code: HandlerErrorCode.GeneralServiceException, advice: 'See what AWS said.' },
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
    return failed(HandlerErrorCode.NetworkFailure, describeTimeout(attempt));
  }
  if (!(error instanceof AwsError)) {
    return failed(HandlerErrorCode.InternalFailure, `The handler failed on its own account: ${error}`);
  }
  const operation = attempt && waitable(attempt.input);
  const capacity = error.kind === 'throttled' && operation && waitForCapacity(operation.context);
  if (capacity) {
    const message = `${error.action} is throttled; waiting ${capacity.delaySeconds} s.`;
    return inProgress(operation.resource, capacity, message);
  }
  const role = attempt && roleOf(attempt.input);
  if (error.kind === 'denied' && role) {
    return answerDenial(error, role, operation, attempt);
  }
  return failed(ANSWERS[error.kind].code, describe(error, attempt));
}

async function answerDenial(
  error: AwsError,
  role: RoleArn,
  operation: Waitable | undefined,
  attempt: Attempt,
): Promise<Progress> {
  const { handler } = attempt;
  const wait = operation && waitForIam(operation.context);
  const [existence, name] = await Promise.all([
    error.action === 'sts:AssumeRole' ? settle(handler, roleExists(handler, role)) : true,
    wait ? undefined : nameOf(handler),
  ]);
  if (existence === false && !(wait && operation?.isCreate)) {
    return failed(HandlerErrorCode.NotFound, `There is no role ${role.arn}.`);
  }
  if (operation && wait) {
    // A role that create does not find may have been made a second ago: IAM's answers propagate too.
    const message =
      `${error.action} is denied on ${role.arn}, which is usual for a role that was just made. ` +
      `Waiting ${wait.delaySeconds} s (${wait.context.denials} of ${DENIAL_DELAYS.length}).`;
    return inProgress(operation.resource, wait, message);
  }
  if (!operation && typeof existence !== 'boolean' && isTransient(existence)) {
    // Gone or denied, nobody knows, and read cannot wait for IAM to say so: CloudFormation retries it.
    return answerFailure(existence, attempt);
  }
  return failed(HandlerErrorCode.AccessDenied, describeDenial(error, role, name));
}

/** What was asked for the sake of the answer, or why there is none: that must not replace the error being told. */
async function settle<T>({ deadline }: Caller, answer: Promise<T>): Promise<T | Error> {
  try {
    return await within(deadline, answer);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Whether a call may be answered when it is made again. */
function isTransient(error: Error): boolean {
  return !(error instanceof AwsError) || ['throttled', 'server', 'network'].includes(error.kind);
}

async function nameOf(handler: Caller): Promise<string> {
  const identity = await settle(handler, findIdentity(handler));
  return identity instanceof Error ? 'the handler role' : `the handler role ${identity.name}`;
}

/** Both ends of the assumption, since AWS's message names one. */
function describeDenial(error: AwsError, role: RoleArn, handler: string | undefined): string {
  return (
    `${error.action} is denied on ${role.arn}. Its trust policy must let ${handler} assume it with the session name ` +
    `${ROLE_SESSION_NAME}, and its policies must allow ecs:ListAccountSettings, ecs:PutAccountSetting and ` +
    `ecs:DeleteAccountSetting to that session; ${handler} must be allowed sts:AssumeRole on it (in examples/roles.yml, ` +
    `by the tag ecs-role-trunking = managed). AWS said: ${error.message}`
  );
}

function describe(error: AwsError, attempt: Attempt | undefined): string {
  return `${error.action} failed${onRole(attempt)}. ${ANSWERS[error.kind].advice} AWS said: ${error.message} (${error.code})`;
}

function describeTimeout(attempt: Attempt | undefined): string {
  const last = attempt?.handler.calls.at(-1);
  const what = last ? `${last.action} was not answered in time` : 'AWS did not answer in time';
  return `${what}${onRole(attempt)}. ${RETRIED}`;
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
