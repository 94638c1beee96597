import { gunzipSync } from 'node:zlib';
import { cbor } from '@smithy/core/cbor';
import { ApiError } from './errors';

/** The wire protocols of the services here; `cbor` is Smithy's RPC v2 CBOR. */
export type Protocol = 'query' | 'json' | 'cbor' | 's3' | 'lambda';

/** Parameters of a call, decoded: members by their API names. */
export type Parameters = Record<string, unknown>;

/** What a service answers: an object of API members, or nothing. */
export type Output = Record<string, unknown> | undefined;

/** An HTTP answer before it is written. */
export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/**
 * Decodes a request body.
 * @returns the members, and for the Query protocol the operation that stands beside them.
 * @throws ApiError SerializationException when the body is not what the protocol says.
 */
export function decode(
  protocol: Protocol,
  body: Buffer,
  encoding: string | undefined,
): { operation?: string; parameters: Parameters } {
  try {
    const bytes = encoding === 'gzip' ? gunzipSync(body) : body;
    if (protocol === 'query') return decodeQuery(bytes.toString('utf8'));
    if (protocol === 'cbor') return { parameters: asRecord(cbor.deserialize(bytes)) };
    return { parameters: bytes.length === 0 ? {} : asRecord(JSON.parse(bytes.toString('utf8'))) };
  } catch (error) {
    throw new ApiError('SerializationException', `The request cannot be read: ${String(error)}`);
  }
}

/** Encodes a successful answer. */
export function encodeOutput(
  protocol: Protocol,
  operation: string,
  output: Output,
  requestId: string,
  contentType: string,
): HttpAnswer {
  if (protocol === 'query') {
    const result = output ? `<${operation}Result>${toXml(output)}</${operation}Result>` : '';
    const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
    return answer(
      200,
      'text/xml',
      requestId,
      `<${operation}Response>${result}${metadata}</${operation}Response>`,
    );
  }
  if (protocol === 'cbor') return cborAnswer(200, output ?? {}, requestId);
  return answer(200, contentType, requestId, JSON.stringify(output ?? {}));
}

/** Encodes an error as the protocol has it. */
export function encodeError(
  protocol: Protocol,
  error: ApiError,
  requestId: string,
  contentType: string,
): HttpAnswer {
  const { code, message, status } = error;
  if (protocol === 's3') {
    const xml = `<Error>${toXml({ Code: code, Message: message, RequestId: requestId })}</Error>`;
    return answer(status, 'application/xml', requestId, xml);
  }
  if (protocol === 'query') {
    const fault = { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message };
    const xml = `<ErrorResponse>${toXml({ Error: fault, RequestId: requestId })}</ErrorResponse>`;
    return answer(status, 'text/xml', requestId, xml);
  }
  if (protocol === 'cbor') return cborAnswer(status, { __type: code, message }, requestId);
  const body = JSON.stringify({ __type: code, message });
  const encoded = answer(status, contentType, requestId, body);
  encoded.headers['x-amzn-errortype'] = code;
  return encoded;
}

function answer(status: number, contentType: string, requestId: string, text: string): HttpAnswer {
  return {
    status,
    headers: { 'content-type': contentType, 'x-amzn-requestid': requestId },
    body: Buffer.from(text, 'utf8'),
  };
}

function cborAnswer(status: number, value: Record<string, unknown>, requestId: string): HttpAnswer {
  const headers = {
    'content-type': 'application/cbor',
    'smithy-protocol': 'rpc-v2-cbor',
    'x-amzn-requestid': requestId,
  };
  return { status, headers, body: Buffer.from(cbor.serialize(value)) };
}

function asRecord(value: unknown): Parameters {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('not an object');
  return value as Parameters;
}

/** `A.member.1.B=x` becomes `{ A: [{ B: 'x' }] }`, as the AWS Query protocol nests lists and structures. */
function decodeQuery(text: string): { operation?: string; parameters: Parameters } {
  const root: Parameters = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    const path = name.split('.');
    const last = path.pop() as string;
    let node = root;
    for (const step of path) {
      node[step] ??= Object.create(null);
      node = asRecord(node[step]);
    }
    node[last] = value;
  }
  const { Action, Version: _version, ...members } = root;
  const parameters = listsOf(members) as Parameters;
  return typeof Action === 'string' ? { operation: Action, parameters } : { parameters };
}

function listsOf(node: unknown): unknown {
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node);
  if (entries.length === 1 && entries[0]?.[0] === 'member') {
    const members = Object.entries(entries[0][1] as Parameters);
    return members.sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => listsOf(value));
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, listsOf(value)]));
}

function toXml(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `<member>${toXml(item)}</member>`).join('');
  if (value instanceof Date) return `${value.toISOString().slice(0, 19)}Z`;
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => `<${name}>${toXml(member)}</${name}>`)
      .join('');
  }
  return String(value).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
