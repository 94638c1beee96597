import type { ProgressEvent } from 'local-account';

/** The contract's error codes ("resource-type-test-contract-errors"). */
const ERROR_CODES: ReadonlySet<string> = new Set([
  ...['AccessDenied', 'AlreadyExists', 'GeneralServiceException', 'InternalFailure', 'InvalidCredentials'],
  ...['InvalidRequest', 'NetworkFailure', 'NotFound', 'NotStabilized', 'NotUpdatable', 'ResourceConflict'],
  ...['ServiceInternalError', 'ServiceLimitExceeded', 'Throttling'],
]);

/** A progress event's members. */
const MEMBERS: ReadonlySet<string> = new Set([
  ...['status', 'errorCode', 'message', 'callbackContext', 'callbackDelaySeconds'],
  ...['resourceModel', 'resourceModels', 'nextToken'],
]);

/** How an operation ended, or what one invocation answered: the error code, or the status. */
export function outcomeOf({ errorCode, status }: ProgressEvent): string {
  return errorCode ?? status;
}

/** What is wrong with what a handler returned, whatever the event was and whatever AWS answered. */
export function problemsOfEvent(payload: unknown): string[] {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    return ['is not an object'];
  }
  const { status, errorCode, message, resourceModel, resourceModels } = payload as ProgressEvent;
  const problems = Object.keys(payload)
    .filter((name) => !MEMBERS.has(name))
    .map((name) => `has a member ${name}`);
  if (status === 'FAILED') {
    if (!ERROR_CODES.has(errorCode ?? '')) {
      problems.push(`has the error code ${errorCode}`);
    }
    if (errorCode === 'InternalFailure') {
      problems.push(`reports an error in the code of the handler: ${message}`);
    }
  } else if (errorCode !== undefined) {
    problems.push(`is ${status} with ${errorCode}`);
  } else if (status === 'IN_PROGRESS' ? !resourceModel : status !== 'SUCCESS') {
    problems.push(`is ${status}`);
  }
  if (resourceModel && resourceModels) {
    problems.push('has both resourceModel and resourceModels');
  }
  if (status !== 'SUCCESS') {
    problems.push(...problemsOfMessage(message));
  }
  return problems;
}

function problemsOfMessage(message: unknown): string[] {
  if (typeof message !== 'string' || message.trim().length < 15) {
    return [`has the message ${JSON.stringify(message)}`];
  }
  if (message.length > 1024) {
    return [`has a message of ${message.length} characters`];
  }
  if (/\p{Surrogate}/u.test(message)) {
    return [`is not well-formed: ${JSON.stringify(message)}`];
  }
  return /undefined|\[object|is not a function|Cannot read|^\W*$/.test(message.replace(/it is .*/s, ''))
    ? [`has the message ${message}`]
    : [];
}
