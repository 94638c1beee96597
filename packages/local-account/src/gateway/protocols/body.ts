import { gunzipSync } from 'node:zlib';
import { ApiError } from '../errors';
import type { Parameters } from '../service';
import type { HttpAnswer, HttpRequest } from './protocol';

/** Reads a request's body, compressed or not. @throws ApiError SerializationException when `read` throws. */
export function readBody<T>({ body, headers }: HttpRequest, read: (body: Buffer) => T): T {
  try {
    return read(headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
  } catch (error) {
    throw new ApiError('SerializationException', `The request cannot be read: ${String(error)}`);
  }
}

/** @throws Error when the value is not an object. */
export function asParameters(value: unknown): Parameters {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('not an object');
  }
  return value as Parameters;
}

/** An answer in text. */
export function textAnswer(status: number, contentType: string, requestId: string, text: string): HttpAnswer {
  const headers = { 'content-type': contentType, 'x-amzn-requestid': requestId };
  return { status, headers, body: Buffer.from(text, 'utf8') };
}

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
  return String(value).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
