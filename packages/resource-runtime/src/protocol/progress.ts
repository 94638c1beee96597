import type { HandlerErrorCode } from '../errors/handler-error';
import type { Wait } from '../time/callback-delays';
import type { CallbackContext } from './callback-context';

/** A resource as CloudFormation has it: properties under the names of the schema. */
export type Model = Readonly<Record<string, unknown>>;

/** What a handler returns (CloudFormation's protocol 2.0.0). */
export type ProgressEvent = Success | InProgress | Failed;

interface Success {
  readonly status: 'SUCCESS';
  readonly errorCode?: never;
  readonly message: string;
  readonly callbackDelaySeconds: 0;
  readonly resourceModel?: Model;
  readonly resourceModels?: readonly Model[];
  readonly nextToken?: string;
}

interface InProgress {
  readonly status: 'IN_PROGRESS';
  readonly errorCode?: never;
  readonly message: string;
  readonly callbackContext: CallbackContext;
  readonly callbackDelaySeconds: number;
  readonly resourceModel: Model;
}

interface Failed {
  readonly status: 'FAILED';
  readonly errorCode: HandlerErrorCode;
  readonly message: string;
  readonly callbackDelaySeconds: 0;
}

/** `SUCCESS`. The model is required except after a delete (handler contract). */
export function success(resourceModel?: Model): Success {
  return {
    status: 'SUCCESS',
    message: '',
    callbackDelaySeconds: 0,
    ...(resourceModel && { resourceModel }),
  };
}

/** `SUCCESS` of a list. Without a token, it was the last page. */
export function listed(resourceModels: readonly Model[], nextToken?: string): Success {
  return { ...success(), resourceModels, ...(nextToken !== undefined && { nextToken }) };
}

/** `IN_PROGRESS`: CloudFormation invokes the handler again with the model and the context, after the delay. */
export function inProgress(
  resourceModel: Model,
  { delaySeconds, context }: Wait,
  message: string,
): InProgress {
  return {
    status: 'IN_PROGRESS',
    message,
    callbackContext: context,
    callbackDelaySeconds: delaySeconds,
    resourceModel,
  };
}

/** `FAILED`, without a model. */
export function failed(errorCode: HandlerErrorCode, message: string): Failed {
  return { status: 'FAILED', errorCode, message, callbackDelaySeconds: 0 };
}

/**
 * The event without some properties in its models, if it is a `SUCCESS`. An `IN_PROGRESS` needs them: the next
 * invocation gets its model.
 *
 * @param paths As in the schema: `/properties/Secret`, `/properties/Login/Password`.
 */
export function withoutProperties(event: ProgressEvent, paths: readonly string[]): ProgressEvent {
  if (event.status !== 'SUCCESS') {
    return event;
  }
  const { resourceModel, resourceModels } = event;
  const strip = (model: Model) =>
    paths.reduce((rest, path) => without(rest, path.split('/').slice(2)), model);
  return {
    ...event,
    ...(resourceModel && { resourceModel: strip(resourceModel) }),
    ...(resourceModels && { resourceModels: resourceModels.map(strip) }),
  };
}

function without(model: Model, [name = '', ...rest]: readonly string[]): Model {
  const { [name]: value, ...others } = model;
  if (rest.length === 0) {
    return others;
  }
  return typeof value === 'object' && value !== null
    ? { ...others, [name]: without(value as Model, rest) }
    : model;
}
