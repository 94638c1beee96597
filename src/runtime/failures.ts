import { AwsError } from './aws/aws-error';
import type { Caller } from './aws/caller';
import { DeadlineExceeded } from './deadline';
import { judge, waitAfter } from './error-codes';
import { HandlerError } from './handler-error';
import type { Operation } from './operation';
import { failed, type Model, type ProgressEvent } from './progress';

/**
 * The answer to whatever an operation threw: `FAILED` with the code that fits, or `IN_PROGRESS` where CloudFormation
 * has the identifier and another try can help. What CloudFormation does after a `FAILED` that it could retry is not
 * documented, so nothing relies on it.
 */
export async function answerFailure(
  error: unknown,
  operation: Operation,
  handler: Caller,
): Promise<ProgressEvent> {
  const failure = awsErrorOf(error, handler);
  if (!failure) {
    return answerOwnError(error);
  }
  const model = identifiedModel(operation);
  const wait = model && waitAfter(failure.kind, operation.steps.context);
  const meaning =
    failure.kind === 'denied' ? await operation.explainDenial(failure, handler, !wait) : undefined;
  return judge(failure, {
    action: operation.action,
    name: Object.values(operation.subject).join('|'),
    advice: operation.advise(failure),
    pause: model && wait && { ...wait, model },
    meaning: meaning && { ...meaning, unanswered: awsErrorOf(meaning.unanswered, handler) },
  });
}

/** The answer to what was thrown before or beside any call to AWS. */
export function answerOwnError(error: unknown): ProgressEvent {
  return error instanceof HandlerError
    ? failed(error.errorCode, error.message)
    : failed('InternalFailure', `The handler failed because of an error in its own code: ${error}`);
}

/** The error of AWS that was thrown. Where the time was up, it is about the last call, which was under way. */
function awsErrorOf(error: unknown, { calls }: Caller): AwsError | undefined {
  return error instanceof DeadlineExceeded
    ? AwsError.unanswered(calls.at(-1)?.action ?? 'AWS', error.message)
    : error instanceof AwsError
      ? error
      : undefined;
}

/**
 * The model, where CloudFormation has its identifier and accepts `IN_PROGRESS`. A create reports it only after it has
 * seen that the resource does not exist: CloudFormation deletes what it has the identifier of. Read and list must
 * answer at once (handler contract).
 */
function identifiedModel({ action, steps, model }: Operation): Model | undefined {
  switch (action) {
    case 'CREATE':
      return steps.isDone('checked') ? model : undefined;
    case 'UPDATE':
    case 'DELETE':
      return model;
    default:
      return undefined;
  }
}
