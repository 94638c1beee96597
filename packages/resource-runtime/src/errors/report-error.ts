import type { CallScope } from '../calls/caller';
import type { Operation } from '../operation';
import { failed, type Model, type ProgressEvent } from '../protocol/progress';
import { DeadlineExceeded } from '../time/deadline';
import { codeOf, reportError, reportRetry, waitAfter } from './failure-policy';
import { HandlerError } from './handler-error';
import { ServiceError } from './service-error';

/**
 * The progress event for whatever an operation threw: `FAILED` with the code that fits, or `IN_PROGRESS` if
 * CloudFormation has the identifier and a retry can help. What CloudFormation does after a `FAILED` that it could retry
 * is not documented, so nothing relies on it. Only the type's `explain` makes calls.
 *
 * @param scope Of the operation; its `calls` say what was in flight at the deadline.
 * @throws whatever the type's own `explain` throws.
 */
export async function reportFailure(
  error: unknown,
  operation: Operation,
  scope: CallScope,
): Promise<ProgressEvent> {
  const { action, subject, steps } = operation;
  const failure = asServiceError(error, scope, action);
  if (!failure) {
    return reportOwnError(error);
  }
  const model = identifiedModel(operation);
  const canWait = model !== undefined && waitAfter(failure, steps.context) !== undefined;
  const explained = (await operation.explain(failure, canWait)) ?? failure;
  // An explanation with another code ends the operation: the type knows that waiting does not help.
  if (explained instanceof HandlerError && !(canWait && explained.errorCode === codeOf(failure))) {
    return reportOwnError(explained);
  }
  const cause = explained instanceof ServiceError ? explained : failure;
  const name = Object.values(subject).join('|');
  const wait = model && waitAfter(cause, steps.context);
  return model && wait ? reportRetry(cause, name, model, wait) : reportError(cause, name);
}

/** The progress event for what was thrown before or beside any call. */
export function reportOwnError(error: unknown): ProgressEvent {
  return error instanceof HandlerError
    ? failed(error.errorCode, error.message)
    : failed('InternalFailure', `The handler failed because of an error in its own code: ${error}`);
}

/** The error of a service that was thrown. At the deadline, it is about a call in flight. */
function asServiceError(error: unknown, { calls }: CallScope, action: string): ServiceError | undefined {
  if (error instanceof DeadlineExceeded) {
    const inFlight = calls.findLast(({ milliseconds }) => milliseconds === undefined) ?? calls.at(-1);
    return ServiceError.withoutResponse(inFlight?.action ?? action, error.message);
  }
  return error instanceof ServiceError ? error : undefined;
}

/**
 * The model, if CloudFormation has its identifier and accepts `IN_PROGRESS`. A create reports it only when the resource
 * is identified as its own: CloudFormation deletes what it has the identifier of. Read and list must respond at once
 * (handler contract).
 */
function identifiedModel({ action, steps, model }: Operation): Model | undefined {
  const canWait = action === 'CREATE' ? steps.isIdentified : action === 'UPDATE' || action === 'DELETE';
  return canWait ? (steps.model ?? model) : undefined;
}
