import { randomUUID } from 'node:crypto';
import type { ProgressEvent } from '@aws-sdk/client-cloudcontrol';
import { ApiError, found, invalid } from '../../gateway/errors';
import {
  type DriverOptions,
  type RunInput,
  type RunnableType,
  runHandlers,
} from '../cloudformation/handlers/driver';
import { failed, type ProgressEvent as HandlerEvent } from '../cloudformation/handlers/handler-contract';
import { identifierOf } from '../cloudformation/handlers/schema';

/** The status of a request, in the members of the API. Times are seconds, as JSON protocols send them. */
type RequestProgress = Omit<ProgressEvent, 'EventTime'> & { EventTime: number };

interface ResourceRequest {
  readonly region: string;
  readonly progress: RequestProgress;
  readonly ended: Promise<void>;
  readonly cancellation: AbortController;
}

/** The requests of all Regions. */
export class ResourceRequests {
  readonly #requests: ResourceRequest[] = [];

  /** Begins a request. @throws ApiError ConcurrentOperationException while another request changes the resource. */
  begin(
    type: RunnableType,
    Operation: 'CREATE' | 'UPDATE' | 'DELETE',
    input: RunInput,
    driver: DriverOptions,
  ): RequestProgress {
    const { region } = driver;
    const { typeName: TypeName, schema } = type;
    const Identifier = identifierOf(schema, input.previousProperties ?? input.properties);
    const other = this.#requests.find(
      ({ region: where, progress: it }) =>
        where === region && it.TypeName === TypeName && it.Identifier === Identifier && isInProgress(it),
    );
    if (Identifier !== undefined && other) {
      const message = `Another request is in progress for the resource ${Identifier}`;
      throw new ApiError('ConcurrentOperationException', `${message}: ${other.progress.RequestToken}`);
    }
    const progress: RequestProgress = {
      ...{ TypeName, Identifier, Operation, RequestToken: randomUUID() },
      OperationStatus: 'IN_PROGRESS',
      EventTime: Date.now() / 1000,
    };
    const onIdentifier = (identifier: string) => {
      progress.Identifier ??= identifier;
    };
    const cancellation = new AbortController();
    const { signal } = cancellation;
    const ended = runHandlers(type, Operation, { ...input, onIdentifier, signal }, driver)
      .then(({ final }) => final)
      .catch((error) => failed(error instanceof ApiError ? error.code : 'InternalFailure', String(error)))
      .then((final) => finish(progress, final));
    this.#requests.push({ region, progress, ended, cancellation });
    return progress;
  }

  /** @throws ApiError RequestTokenNotFoundException */
  get(token: string, region: string): ResourceRequest {
    return found(
      this.#requests.find((it) => it.region === region && it.progress.RequestToken === token),
      new ApiError('RequestTokenNotFoundException', `Request with token ${token} was not found`),
    );
  }

  /** Canceling twice has no further effect. @throws ApiError ValidationException for a request that has ended. */
  cancel(token: string, region: string): RequestProgress {
    const { progress, cancellation } = this.get(token, region);
    if (progress.OperationStatus?.startsWith('CANCEL')) {
      return progress;
    }
    if (!isInProgress(progress)) {
      throw invalid(`Request ${token} is already in status ${progress.OperationStatus}`);
    }
    Object.assign(progress, { OperationStatus: 'CANCEL_IN_PROGRESS', EventTime: Date.now() / 1000 });
    cancellation.abort();
    return { ...progress };
  }
}

function isInProgress({ OperationStatus }: RequestProgress): boolean {
  return OperationStatus?.endsWith('IN_PROGRESS') ?? false;
}

function finish(progress: RequestProgress, final: HandlerEvent): void {
  const { status, errorCode, message } = final;
  const isCanceled = progress.OperationStatus === 'CANCEL_IN_PROGRESS' && status === 'FAILED';
  const outcome = isCanceled
    ? { OperationStatus: 'CANCEL_COMPLETE' }
    : { OperationStatus: status, ErrorCode: errorCode, StatusMessage: message };
  Object.assign(progress, outcome, { EventTime: Date.now() / 1000 });
}
