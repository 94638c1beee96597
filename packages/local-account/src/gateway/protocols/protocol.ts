import type { IncomingHttpHeaders } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { ApiError, attempt } from '../errors';
import type { Call } from '../gateway';
import { isObject, type Notation } from '../model';
import type { Decoded, Output, Parameters } from '../service';

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

/** Reads a request's body, compressed or not. @throws ApiError with the code `malformed` when `read` throws. */
export function readBody<T>(request: HttpRequest, malformed: string, read: (text: string) => T): T {
  const { body, headers } = request;
  return attempt(
    () => read((headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8')),
    (error) => new ApiError(malformed, `The request cannot be read: ${String(error)}`),
  );
}

/** @throws Error when the value is not an object. */
export function asParameters(value: unknown): Parameters {
  if (!isObject(value)) {
    throw new Error('not an object');
  }
  return value;
}

export function textAnswer(status: number, contentType: string, requestId: string, text: string): HttpAnswer {
  const headers = { 'content-type': contentType, 'x-amzn-requestid': requestId };
  return { status, headers, body: Buffer.from(text, 'utf8') };
}

/** The characters that XML cannot contain, not even escaped (XML 1.0, `Char`). What AWS answers in place of them is unknown. */
const NOT_IN_XML = /[^\t\n\r -\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** Members as XML elements; the items of a list are named `member`, as in the Query protocol. */
export function toXml(value: unknown): string {
  if (Array.isArray(value)) {
    return value.map((item) => `<member>${toXml(item)}</member>`).join('');
  }
  if (value instanceof Date) {
    return `${value.toISOString().slice(0, 19)}Z`;
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => `<${name}>${toXml(member)}</${name}>`)
      .join('');
  }
  return String(value)
    .toWellFormed()
    .replace(NOT_IN_XML, '\uFFFD')
    .replace(/[&<>"\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
