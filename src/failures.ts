import {
  exceptions,
  HandlerErrorCode,
} from '@amazon-web-services-cloudformation/cloudformation-cli-typescript-lib';
import type { Caller } from './aws';
import { AwsError, type AwsErrorKind, isTransient } from './aws-error';
import {
  DENIAL_DELAYS,
  type Journal,
  type Wait,
  waitForAnswer,
  waitForCapacity,
  waitForIam,
} from './callback-context';
import { TimeIsUp, within } from './deadline';
import { failed, inProgress, type Progress, type RoleTrunking } from './progress';
import { type Input, roleOf } from './request';
import type { RoleArn } from './role-arn';
import { findIdentity, ROLE_SESSION_NAME } from './role-session';
import { roleExists } from './roles';

/** The operation that failed, as far as it had been understood. */
export interface Attempt {
  readonly input: Input;
  readonly journal: Journal;
  readonly handler: Caller;
}

const RETRIED = 'Retry; if it goes on, look at the AWS Health Dashboard.';

/** For each kind of AWS error: the code (handler contract, "Handler error codes"), and what the user can do. */
const ANSWERS: Readonly<Record<AwsErrorKind, { readonly code: HandlerErrorCode; readonly advice: string }>> =
  {
    denied: { code: HandlerErrorCode.AccessDenied, advice: 'Allow the handler role this action.' },
    throttled: { code: HandlerErrorCode.Throttling, advice: 'Retry when the account makes fewer calls.' },
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

/** A list of roles knows no RoleArn; what the caller chose is the token. */
const LIST_ADVICE = 'List again from the start, without nextToken.';

/**
 * The answer to whatever an operation threw: `FAILED` with the code that fits; or `IN_PROGRESS` where
 * CloudFormation has the identifier and another try can help. What CloudFormation does after a `FAILED` that can
 * be retried is not documented, so nothing relies on it.
 */
export async function answerFailure(error: unknown, attempt: Attempt | undefined): Promise<Progress> {
  if (error instanceof exceptions.BaseHandlerException) {
    return failed(error.errorCode, error.message);
  }
  if (!(error instanceof TimeIsUp || error instanceof AwsError)) {
    return failed(HandlerErrorCode.InternalFailure, `The handler failed by a fault of its own: ${error}`);
  }
  const kind = error instanceof AwsError ? error.kind : 'network';
  const action = error instanceof AwsError ? error.action : attempt?.handler.calls.at(-1)?.action;
  const resource = attempt && identified(attempt);
  if (resource && isTransient(kind)) {
    const { context } = attempt.journal;
    const wait = kind === 'throttled' ? waitForCapacity(context) : waitForAnswer(context);
    if (wait) {
      const what = kind === 'throttled' ? 'is throttled' : 'was not answered properly';
      return inProgress(
        resource,
        wait,
        `${action ?? 'AWS'} ${what}; trying again in ${wait.delaySeconds} s.`,
      );
    }
  }
  if (error instanceof TimeIsUp) {
    return failed(HandlerErrorCode.NetworkFailure, describeTimeout(action, attempt));
  }
  const role = attempt && roleOf(attempt.input);
  return kind === 'denied' && role
    ? answerDenial(error, role, resource, attempt)
    : failed(ANSWERS[kind].code, describe(error, attempt));
}

async function answerDenial(
  error: AwsError,
  role: RoleArn,
  resource: RoleTrunking | undefined,
  attempt: Attempt,
): Promise<Progress> {
  const { handler, journal } = attempt;
  const wait = resource && waitForIam(journal.context);
  const [existence, name] = await Promise.all([
    error.action === 'sts:AssumeRole' ? settle(handler, roleExists(handler, role)) : true,
    wait ? undefined : nameOf(handler),
  ]);
  if (existence === false) {
    return failed(HandlerErrorCode.NotFound, `There is no role ${role.arn}.`);
  }
  if (resource && wait) {
    return inProgress(resource, wait, describeWait(error, role, wait));
  }
  if (attempt.input.action === 'READ' && existence instanceof Error && passes(existence)) {
    // NotFound would mean that the resource is gone. Whether it is, is not known, and a read cannot wait to find out.
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

/** Whether a call that is made again may be answered. */
function passes(error: Error): boolean {
  return !(error instanceof AwsError) || isTransient(error.kind);
}

async function nameOf(handler: Caller): Promise<string> {
  const identity = await settle(handler, findIdentity(handler));
  return identity instanceof Error ? 'the handler role' : `the handler role ${identity.name}`;
}

function describeWait({ action }: AwsError, role: RoleArn, { delaySeconds, context }: Wait): string {
  return (
    `${action} is denied on ${role.arn}, which is usual for a role that was just created or changed. ` +
    `Trying again in ${delaySeconds} s (${context.denials} of ${DENIAL_DELAYS.length}).`
  );
}

/** All that has to be right, since AWS's message does not say what is wrong. */
function describeDenial(error: AwsError, role: RoleArn, handler: string | undefined): string {
  return (
    `${error.action} is denied on ${role.arn}. Check that the role has the tag ecs-role-trunking = managed, that its ` +
    `trust policy lets ${handler} assume it with the session name ${ROLE_SESSION_NAME}, and that its policies allow ` +
    `ecs:ListAccountSettings, ecs:PutAccountSetting and ecs:DeleteAccountSetting to that session, as in ` +
    `examples/roles.yml. AWS said: ${error.message}`
  );
}

function describe(error: AwsError, attempt: Attempt | undefined): string {
  const isListToken = error.action === 'iam:ListRoles' && error.kind === 'invalid-parameter';
  const advice = isListToken ? LIST_ADVICE : ANSWERS[error.kind].advice;
  return `${error.action} failed${onRole(attempt)}. ${advice} AWS said: ${error.message} (${error.code})`;
}

function describeTimeout(action: string | undefined, attempt: Attempt | undefined): string {
  const what = action ? `${action} was not answered in time` : 'AWS did not answer in time';
  return `${what}${onRole(attempt)}. ${RETRIED}`;
}

function onRole(attempt: Attempt | undefined): string {
  const role = attempt && roleOf(attempt.input);
  return role ? ` for ${role.arn}` : '';
}

/**
 * The resource, where CloudFormation has its identifier and takes `IN_PROGRESS`. A create tells it only after it
 * has seen that there is no setting: CloudFormation would delete what it was given an identifier of. Read and list
 * must answer at once (handler contract).
 */
function identified({ input, journal }: Attempt): RoleTrunking | undefined {
  switch (input.action) {
    case 'CREATE':
      return journal.context.checked ? input.desired : undefined;
    case 'UPDATE':
      return input.desired;
    case 'DELETE':
      return { role: input.role };
    default:
      return undefined;
  }
}
