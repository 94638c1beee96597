import { randomUUID } from 'node:crypto';
import { ApiError } from '../../gateway/errors';
import type { RunResult } from '../cloudformation/handlers/driver';
import type { Model } from '../cloudformation/handlers/protocol';

/** What becomes of a resource. */
export type Change = 'CREATE' | 'UPDATE' | 'DELETE';

/** A request to change a resource. */
export interface ResourceRequest {
  readonly token: string;
  readonly typeName: string;
  readonly change: Change;
  /** What was asked for, to tell another request with the same client token. */
  readonly asked: string;
  identifier?: string | undefined;
  status: 'IN_PROGRESS' | 'SUCCESS' | 'FAILED' | 'CANCEL_IN_PROGRESS' | 'CANCEL_COMPLETE';
  model?: Model | undefined;
  message?: string | undefined;
  errorCode?: string | undefined;
  time: Date;
  ended: Promise<unknown>;
}

const UNDER_WAY = ['IN_PROGRESS', 'CANCEL_IN_PROGRESS'];

/** The requests of one Region. */
export class ResourceRequests {
  readonly #requests = new Map<string, ResourceRequest>();
  readonly #clientTokens = new Map<string, ResourceRequest>();

  /**
   * A request that was made with this client token before.
   *
   * @throws ApiError ClientTokenConflictException where it asked for something else.
   */
  earlier(clientToken: string | undefined, asked: string): ResourceRequest | undefined {
    const request = this.#clientTokens.get(clientToken ?? '');
    if (request && request.asked !== asked) {
      const message = 'The specified client token has already been used in another resource request.';
      throw new ApiError('ClientTokenConflictException', message);
    }
    return request;
  }

  /**
   * Begins a request.
   *
   * @param run Runs the handlers; `request` says whether to go on.
   * @throws ApiError ConcurrentOperationException while another request changes the resource.
   */
  begin(
    about: Pick<ResourceRequest, 'typeName' | 'change' | 'asked' | 'identifier'>,
    clientToken: string | undefined,
    run: (request: ResourceRequest) => Promise<RunResult>,
  ): ResourceRequest {
    const { typeName, identifier } = about;
    const other = [...this.#requests.values()].find(
      (it) => it.typeName === typeName && it.identifier === identifier && UNDER_WAY.includes(it.status),
    );
    if (other && identifier !== undefined) {
      const message = `Another request is in progress for the resource ${identifier}: ${other.token}`;
      throw new ApiError('ConcurrentOperationException', message);
    }
    const request: ResourceRequest = {
      ...about,
      token: randomUUID(),
      status: 'IN_PROGRESS',
      time: new Date(),
      ended: Promise.resolve(),
    };
    this.#requests.set(request.token, request);
    if (clientToken !== undefined) {
      this.#clientTokens.set(clientToken, request);
    }
    request.ended = run(request).then(
      ({ final }) => finish(request, final),
      (error: unknown) => {
        const code = error instanceof ApiError ? error.code : 'InternalFailure';
        finish(request, { status: 'FAILED', errorCode: code, message: String(error) });
      },
    );
    return request;
  }

  /** @throws ApiError RequestTokenNotFoundException */
  get(token: string): ResourceRequest {
    const request = this.#requests.get(token);
    if (request) {
      return request;
    }
    throw new ApiError('RequestTokenNotFoundException', `Request with token ${token} was not found.`);
  }

  /** All requests, the newest first. */
  list(): ResourceRequest[] {
    return [...this.#requests.values()].reverse();
  }

  /** @throws ApiError ConcurrentModificationException for a request that has ended. */
  cancel(token: string): ResourceRequest {
    const request = this.get(token);
    if (!UNDER_WAY.includes(request.status)) {
      const message = `A request with the status ${request.status} cannot be canceled`;
      throw new ApiError('ConcurrentModificationException', message);
    }
    Object.assign(request, { status: 'CANCEL_IN_PROGRESS', time: new Date() });
    return request;
  }
}

function finish(request: ResourceRequest, final: Omit<RunResult['final'], 'callbackContext'>): void {
  const isCanceled = request.status === 'CANCEL_IN_PROGRESS' && final.status === 'FAILED';
  Object.assign(request, {
    status: isCanceled ? 'CANCEL_COMPLETE' : final.status,
    errorCode: isCanceled ? undefined : final.errorCode,
    message: final.message,
    model: final.resourceModel ?? request.model,
    time: new Date(),
  });
}
