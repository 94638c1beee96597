import { ApiError } from './errors';
import type { Gateway } from './gateway';
import { cbor } from './protocols/cbor';
import { json } from './protocols/json';
import { lambda } from './protocols/lambda';
import type { Decoded, HttpRequest, Protocol } from './protocols/protocol';
import { query } from './protocols/query';
import { s3 } from './protocols/s3';
import type { Caller, Parameters } from './service';

/** A request whose service, operation and caller are known, or why it is refused. */
export interface Target {
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly protocol: Protocol;
  readonly contentType: string;
  readonly parameters: Parameters;
  readonly payload?: unknown;
  readonly caller?: Caller | undefined;
  /** The first reason why the request cannot be served. */
  readonly refusal?: ApiError | undefined;
}

/** In the order in which they are tried. Query accepts every request and is last. */
const PROTOCOLS: readonly Protocol[] = [lambda, s3, cbor, json, query];

const SCOPE = /Credential=([^/,\s]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/;

/** Identifies a request's service, operation and caller. The signature itself is not checked. */
export function identify(gateway: Gateway, request: HttpRequest): Target {
  const { headers } = request;
  const [, accessKeyId, region = 'us-east-1', service] = SCOPE.exec(headers.authorization ?? '') ?? [];
  const protocol = PROTOCOLS.find((it) => it.speaks(request, service)) ?? query;
  const decoded = attempt<Decoded>(() => protocol.decode(request));
  const token = headers['x-amz-security-token'];
  const caller = attempt(() => {
    if (accessKeyId !== undefined) {
      return gateway.findCaller(accessKeyId, typeof token === 'string' ? token : '');
    }
    if (protocol === lambda) {
      return gateway.tester;
    }
    throw new ApiError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
  });
  const { operation, parameters, payload } = decoded.value ?? { operation: '', parameters: {} };
  return {
    service: service ?? (protocol === lambda ? 'lambda' : 'unknown'),
    operation,
    region,
    protocol,
    contentType: headers['content-type'] ?? 'application/x-amz-json-1.1',
    parameters,
    payload,
    caller: caller.value,
    refusal: decoded.refusal ?? caller.refusal,
  };
}

/** The result of the work, or the error that AWS would answer. Any other error is the local account's and is thrown. */
function attempt<T>(work: () => T): { value?: T; refusal?: ApiError } {
  try {
    return { value: work() };
  } catch (error) {
    if (error instanceof ApiError) {
      return { refusal: error };
    }
    throw error;
  }
}
