import { identifierOf, type Model, type TypeSchema } from './schema';

/** The actions of a resource type's handlers. */
export type Action = 'CREATE' | 'READ' | 'UPDATE' | 'DELETE' | 'LIST';

/** What a handler answers (CloudFormation CLI user guide, "resource-type-test-progressevent"). */
export interface ProgressEvent {
  status: 'IN_PROGRESS' | 'SUCCESS' | 'FAILED';
  errorCode?: string;
  message?: string;
  callbackContext?: Record<string, unknown> | null;
  callbackDelaySeconds?: number;
  resourceModel?: Model | null;
  resourceModels?: Model[] | null;
  nextToken?: string | null;
}

/** Codes after which CloudFormation invokes the handler again ("resource-type-test-contract-errors"). */
export const RETRIABLE = ['NetworkFailure', 'ResourceConflict', 'ServiceInternalError', 'Throttling'];

export function failed(errorCode: string, message: string): ProgressEvent {
  return { status: 'FAILED', errorCode, message };
}

/** A handler's answer, or `InternalFailure` where it breaks the contract ("resource-type-test-contract"). */
export function readProgress(payload: unknown, action: Action, schema: TypeSchema): ProgressEvent {
  const event = (payload ?? {}) as ProgressEvent;
  const { status, errorCode, resourceModel, resourceModels } = event;
  const isModelRequired = action !== 'LIST' && action !== 'DELETE';
  const isSuccess = status === 'SUCCESS';
  const breaches: readonly [boolean, string][] = [
    [!['IN_PROGRESS', 'SUCCESS', 'FAILED'].includes(status), `The handler answered with status ${status}`],
    [status === 'FAILED' && !errorCode, 'The handler failed without an error code'],
    [status === 'IN_PROGRESS' && ['READ', 'LIST'].includes(action), `${action} must not answer IN_PROGRESS`],
    [isSuccess && action === 'LIST' && !Array.isArray(resourceModels), 'LIST answered no list of models'],
    [isSuccess && action === 'DELETE' && !!resourceModel, 'A successful DELETE must not return a model'],
    [
      status !== 'FAILED' && isModelRequired && identifierOf(schema, resourceModel) === undefined,
      `${action} answered ${status} without a model that has the primary identifier`,
    ],
  ];
  const [, breach] = breaches.find(([isBroken]) => isBroken) ?? [];
  return breach === undefined ? event : failed('InternalFailure', breach);
}
