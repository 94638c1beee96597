import type { CallbackContext } from './callback-context';
import type { Wait } from './callback-delays';
import type { HandlerErrorCode } from './handler-error';

/** A resource as CloudFormation has it: properties under the names of the schema. */
export type Model = Readonly<Record<string, unknown>>;

/** What a handler answers (CloudFormation's protocol 2.0.0). */
export interface ProgressEvent {
  readonly status: 'SUCCESS' | 'IN_PROGRESS' | 'FAILED';
  readonly errorCode?: HandlerErrorCode;
  readonly message: string;
  readonly callbackContext?: CallbackContext;
  readonly callbackDelaySeconds: number;
  readonly resourceModel?: Model;
  readonly resourceModels?: readonly Model[];
  readonly nextToken?: string;
}

/** `SUCCESS`, with the model except after a delete (handler contract). */
export function success(resourceModel?: Model): ProgressEvent {
  return {
    status: 'SUCCESS',
    message: '',
    callbackDelaySeconds: 0,
    ...(resourceModel && { resourceModel }),
  };
}

/** `SUCCESS` of a list; without a token it was the last page. */
export function listed(resourceModels: readonly Model[], nextToken?: string): ProgressEvent {
  return { ...success(), resourceModels, ...(nextToken !== undefined && { nextToken }) };
}

/** `IN_PROGRESS`: CloudFormation invokes the handler again with the model and the context, after the delay. */
export function inProgress(
  resourceModel: Model,
  { delaySeconds, context }: Wait,
  message: string,
): ProgressEvent {
  return {
    status: 'IN_PROGRESS',
    message,
    callbackContext: context,
    callbackDelaySeconds: delaySeconds,
    resourceModel,
  };
}

/** `FAILED`. */
export function failed(errorCode: HandlerErrorCode, message: string): ProgressEvent {
  return { status: 'FAILED', errorCode, message, callbackDelaySeconds: 0 };
}
