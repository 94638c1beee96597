import { ApiError } from './errors';
import type { Fault, GarbageVariant } from './faults';
import type { HttpAnswer, Protocol } from './wire';

/** The JSON services' names for what IAM and STS call otherwise (their API references, "CommonErrors"). */
const JSON_NAMES: Readonly<Record<string, string>> = {
  AccessDenied: 'AccessDeniedException',
  ExpiredToken: 'ExpiredTokenException',
  InvalidClientTokenId: 'UnrecognizedClientException',
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  Throttling: 'ThrottlingException',
  InvalidAction: 'UnknownOperationException',
};

/** An error as the service that answers would name it. */
export function inDialect(error: ApiError, protocol: Protocol): ApiError {
  if (protocol === 'query' || protocol === 's3') return error;
  const name = JSON_NAMES[error.code];
  return name ? new ApiError(name, error.message, 400) : error;
}

/** What each service says when it fails of itself (API references of each). */
const SERVER_ERRORS: Readonly<Record<string, string>> = {
  ecs: 'ServerException',
  iam: 'ServiceFailure',
  logs: 'ServiceUnavailableException',
  monitoring: 'InternalServiceFault',
};

/** The error answer of a fault that has one. */
export function faultError(
  fault: Fault,
  service: string,
  operation: string,
  caller: string,
): ApiError | undefined {
  switch (fault.kind) {
    case 'throttle':
      return new ApiError('Throttling', 'Rate exceeded');
    case 'error':
      return fault.status === 503
        ? new ApiError('ServiceUnavailable', 'Service is unable to handle request.', 503)
        : new ApiError(SERVER_ERRORS[service] ?? 'InternalFailure', 'An internal error occurred.', 500);
    case 'deny': {
      const what = `User: ${caller} is not authorized to perform: ${service}:${operation}`;
      return new ApiError('AccessDenied', what, 403);
    }
    case 'expire':
      return new ApiError('ExpiredToken', 'The security token included in the request is expired', 403);
    case 'refuse':
      return new ApiError(fault.code, `The call was refused with ${fault.code}`, fault.status);
    default:
      return undefined;
  }
}

/** Spoils an answer. */
export function garble(answer: HttpAnswer, variant: GarbageVariant, protocol: Protocol): HttpAnswer {
  const headers = { ...answer.headers };
  switch (variant) {
    case 'html':
      headers['content-type'] = 'text/html';
      return { status: 200, headers, body: Buffer.from('<html><body><p>Please log in<br></body></html>') };
    case 'empty':
      return { status: 200, headers, body: Buffer.alloc(0) };
    case 'truncated':
      return { status: 200, headers, body: answer.body.subarray(0, Math.floor(answer.body.length / 2)) };
    case 'wrong-shape':
      return {
        status: 200,
        headers,
        body: protocol === 'cbor' ? Buffer.from([0xa1, 0x61, 0x78, 0x01]) : Buffer.from(otherShape(protocol)),
      };
  }
}

function otherShape(protocol: Protocol): string {
  return protocol === 'query' ? '<Other><Thing>1</Thing></Other>' : '{"other":{"thing":1}}';
}
