import type { IncomingHttpHeaders } from 'node:http';
import type { Call } from '../call';
import type { ApiError } from '../errors';
import type { Notation } from '../model';
import type { Decoded, Output } from '../service';

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An answer before it is written. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Protocol {
  /** Whether a request is in this protocol, given the service in its signature. Missing for the last protocol. */
  speaks?(request: HttpRequest, service: string | undefined): boolean;
  readonly notation: Notation;
  /** @throws ApiError when the request is not what the protocol says. */
  decode(request: HttpRequest): Decoded;
  encode(output: Output, call: Call): HttpAnswer;
  encodeError(error: ApiError, call: Call): HttpAnswer;
  /** The error under the code that services with this protocol use, if they use others. */
  rename?(error: ApiError): ApiError;
}
