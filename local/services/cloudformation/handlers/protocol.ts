/** The actions of a resource type's handlers. */
export type Action = 'CREATE' | 'READ' | 'UPDATE' | 'DELETE' | 'LIST';

/** A resource's properties. */
export type Model = Record<string, unknown>;

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
export const RETRIABLE: ReadonlySet<string> = new Set([
  'NetworkFailure',
  'ResourceConflict',
  'ServiceInternalError',
  'Throttling',
]);

/**
 * Reads a handler's answer.
 *
 * @returns The progress event, or why the answer breaks the contract ("resource-type-test-contract").
 */
export function readProgress(payload: unknown, action: Action): ProgressEvent | string {
  if (typeof payload !== 'object' || payload === null) {
    return 'The handler answered no progress event';
  }
  const event = payload as ProgressEvent;
  const { status, errorCode, resourceModel, resourceModels } = event;
  const isModelRequired = action !== 'LIST' && action !== 'DELETE';
  if (!['IN_PROGRESS', 'SUCCESS', 'FAILED'].includes(status)) {
    return `The handler answered with status ${JSON.stringify(status)}`;
  }
  if (status === 'FAILED' && !errorCode) {
    return 'The handler failed without an error code';
  }
  if (status === 'IN_PROGRESS' && (action === 'READ' || action === 'LIST')) {
    return `${action} must not answer IN_PROGRESS`;
  }
  if (status === 'SUCCESS' && action === 'LIST' && !Array.isArray(resourceModels)) {
    return 'LIST answered no list of models';
  }
  if (status === 'SUCCESS' && action === 'DELETE' && resourceModel) {
    return 'A successful DELETE must not return a model';
  }
  if (status !== 'FAILED' && isModelRequired && !resourceModel) {
    return `${action} answered ${status} without a model`;
  }
  return event;
}
