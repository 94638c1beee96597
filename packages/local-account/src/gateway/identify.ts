import { randomUUID } from 'node:crypto';
import type { Session } from '../services/sts/store';
import type { Call } from './call';
import { ApiError } from './errors';
import type { Gateway } from './gateway';
import { json } from './protocols/json';
import { lambda } from './protocols/lambda';
import type { HttpRequest, Protocol } from './protocols/protocol';
import { query } from './protocols/query';
import { s3 } from './protocols/s3';

/** A request whose service, operation and caller are known, or why it is refused. */
export interface Target {
  readonly call: Call;
  readonly protocol: Protocol;
  readonly payload: unknown;
  readonly caller: Session | undefined;
  /** The first reason why the request cannot be served. */
  readonly refusal: ApiError | undefined;
}

/** In the order in which they are tried. Every other request is in the Query protocol. */
const PROTOCOLS: readonly Protocol[] = [lambda, s3, json];

const SCOPE = /Credential=([^/,\s]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/;

/** Identifies a request's service, operation and caller. The signature itself is not checked. */
export function identify(gateway: Gateway, request: HttpRequest): Target {
  const { headers } = request;
  const [, accessKeyId, region = 'us-east-1', signed] = SCOPE.exec(headers.authorization ?? '') ?? [];
  const protocol = PROTOCOLS.find((it) => it.speaks?.(request, signed)) ?? query;
  const decoded = outcomeOf(() => protocol.decode(request));
  const caller = outcomeOf(() => {
    if (accessKeyId !== undefined) {
      return gateway.sessions.find(accessKeyId, String(headers['x-amz-security-token'] ?? ''));
    }
    if (protocol === lambda) {
      return gateway.administratorSession;
    }
    throw new ApiError('MissingAuthenticationToken', 'Request is missing Authentication Token');
  });
  const { operation, parameters, payload } = decoded.value ?? { operation: '', parameters: {} };
  const call: Call = {
    service: signed ?? (protocol === lambda ? 'lambda' : 'unknown'),
    operation,
    region,
    caller: caller.value?.principalArn,
    parameters,
    requestId: randomUUID(),
    startedAt: Date.now(),
    status: 0,
  };
  return { call, protocol, payload, caller: caller.value, refusal: decoded.refusal ?? caller.refusal };
}

/** The result of the work, or the error that AWS would answer. Any other error is the local account's and is thrown. */
function outcomeOf<T>(work: () => T): { value?: T; refusal?: ApiError } {
  try {
    return { value: work() };
  } catch (error) {
    if (error instanceof ApiError) {
      return { refusal: error };
    }
    throw error;
  }
}
