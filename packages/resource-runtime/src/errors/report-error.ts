import { AwsError } from '../aws/aws-error';
import type { Caller } from '../aws/caller';
import type { Operation } from '../operation';
import { failed, type Model, type ProgressEvent } from '../protocol/progress';
import { DeadlineExceeded } from '../time/deadline';
import { report, waitAfter } from './failure-policy';
import { HandlerError } from './handler-error';

/**
 * The progress event for whatever an operation threw: `FAILED` with the code that fits, or `IN_PROGRESS` if
 * CloudFormation has the identifier and a retry can help. What CloudFormation does after a `FAILED` that it could retry
 * is not documented, so nothing relies on it. Only the type's `explainDenial` calls AWS.
 *
 * @param handler The caller that the operation ran with; its `calls` say what was in flight at the deadline.
 * @throws whatever the type's own `explainDenial` or `advise` throws.
 */
export async function reportFailure(
  error: unknown,
  operation: Operation,
  handler: Caller,
): Promise<ProgressEvent> {
  const { action, subject } = operation;
  const failure = asAwsError(error, handler, action);
  if (!failure) {
    return reportOwnError(error);
  }
  const model = identifiedModel(operation);
  const wait = model && waitAfter(failure.kind, operation.steps.context);
  const meaning =
    failure.kind === 'denied' ? await operation.explainDenial(failure, handler, !wait) : undefined;
  if (meaning?.code === 'NotFound') {
    return failed('NotFound', meaning.message);
  }
  return report(failure, {
    action,
    name: Object.values(subject).join('|'),
    advice: operation.advise(failure),
    retry: model && wait && { ...wait, model },
    explanation: meaning?.message,
    unanswered: meaning?.unanswered,
  });
}

/** The progress event for what was thrown before or beside any call to AWS. */
export function reportOwnError(error: unknown): ProgressEvent {
  return error instanceof HandlerError
    ? failed(error.errorCode, error.message)
    : failed('InternalFailure', `The handler failed because of an error in its own code: ${error}`);
}

/** The error of AWS that was thrown. At the deadline, it is about a call in flight. */
function asAwsError(error: unknown, { calls }: Caller, action: string): AwsError | undefined {
  if (error instanceof DeadlineExceeded) {
    const inFlight = calls.findLast(({ milliseconds }) => milliseconds === undefined) ?? calls.at(-1);
    return AwsError.withoutResponse(inFlight?.action ?? action, error.message);
  }
  return error instanceof AwsError ? error : undefined;
}

/**
 * The model, if CloudFormation has its identifier and accepts `IN_PROGRESS`. A create reports it only after it has
 * seen that the resource does not exist: CloudFormation deletes what it has the identifier of. Read and list must
 * respond at once (handler contract).
 */
function identifiedModel({ action, steps, model }: Operation): Model | undefined {
  const canWait = action === 'CREATE' ? steps.isDone('checked') : action === 'UPDATE' || action === 'DELETE';
  return canWait ? model : undefined;
}
