import { randomUUID } from 'node:crypto';
import { ApiError } from '../../gateway/errors';
import type { RunResult } from '../cloudformation/handlers/driver';

/** The status of a request, in the members of the API's ProgressEvent. Times are seconds, as JSON protocols send them. */
export interface RequestProgress {
  readonly TypeName: string;
  readonly RequestToken: string;
  readonly Operation: 'CREATE' | 'UPDATE' | 'DELETE';
  Identifier?: string | undefined;
  OperationStatus: 'IN_PROGRESS' | 'SUCCESS' | 'FAILED' | 'CANCEL_IN_PROGRESS' | 'CANCEL_COMPLETE';
  ErrorCode?: string | undefined;
  StatusMessage?: string | undefined;
  ResourceModel?: string | undefined;
  EventTime: number;
}

/** What a request is about. */
export type Asked = Pick<RequestProgress, 'TypeName' | 'Operation' | 'Identifier'> & {
  readonly clientToken: string | undefined;
  /** Tells two requests with the same client token apart. */
  readonly content: string;
};

/** A request to change a resource. */
interface ResourceRequest {
  readonly asked: Asked;
  readonly progress: RequestProgress;
  readonly ended: Promise<void>;
}

/** The requests of one Region. */
export class ResourceRequests {
  readonly #requests: ResourceRequest[] = [];

  /**
   * Begins a request, or finds the one that was made with its client token.
   *
   * @param run Runs the handlers.
   * @throws ApiError ClientTokenConflictException when that one asked for something else,
   * ConcurrentOperationException while another request changes the resource.
   */
  begin(asked: Asked, run: (progress: RequestProgress) => Promise<RunResult>): ResourceRequest {
    const { TypeName, Identifier, Operation, clientToken, content } = asked;
    const earlier = this.#requests.find((it) => it.asked.clientToken === clientToken);
    if (clientToken !== undefined && earlier) {
      if (earlier.asked.content === content) {
        return earlier;
      }
      const message = 'The specified client token has already been used in another resource request.';
      throw new ApiError('ClientTokenConflictException', message);
    }
    const other = this.#requests.find(
      ({ progress: it }) => it.TypeName === TypeName && it.Identifier === Identifier && isUnderWay(it),
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
    const ended = run(progress).then(
      ({ final }) => finish(progress, final),
      (error: unknown) => {
        const errorCode = error instanceof ApiError ? error.code : 'InternalFailure';
        finish(progress, { status: 'FAILED', errorCode, message: String(error) });
      },
    );
    const request = { asked, progress, ended };
    this.#requests.push(request);
    return request;
  }

  /** @throws ApiError RequestTokenNotFoundException */
  get(token: string): ResourceRequest {
    const request = this.#requests.find(({ progress }) => progress.RequestToken === token);
    if (request) {
      return request;
    }
    throw new ApiError('RequestTokenNotFoundException', `Request with token ${token} was not found.`);
  }

  /** The status of all requests, the newest first. */
  list(): RequestProgress[] {
    return this.#requests.map(({ progress }) => progress).reverse();
  }

  /** @throws ApiError ConcurrentModificationException for a request that has ended. */
  cancel(token: string): RequestProgress {
    const { progress } = this.get(token);
    if (!isUnderWay(progress)) {
      const message = `A request with the status ${progress.OperationStatus} cannot be canceled`;
      throw new ApiError('ConcurrentModificationException', message);
    }
    return Object.assign(progress, { OperationStatus: 'CANCEL_IN_PROGRESS', EventTime: Date.now() / 1000 });
  }
}

function isUnderWay({ OperationStatus }: RequestProgress): boolean {
  return OperationStatus.endsWith('IN_PROGRESS');
}

function finish(progress: RequestProgress, final: RunResult['final']): void {
  const { status, errorCode, message, resourceModel } = final;
  const isCanceled = progress.OperationStatus === 'CANCEL_IN_PROGRESS' && status === 'FAILED';
  progress.OperationStatus = isCanceled ? 'CANCEL_COMPLETE' : status;
  progress.ErrorCode = isCanceled ? undefined : errorCode;
  progress.StatusMessage = message;
  progress.ResourceModel = resourceModel ? JSON.stringify(resourceModel) : undefined;
  progress.EventTime = Date.now() / 1000;
}
