import { textAnswer } from './body';
import type { AnswerContext, HttpAnswer, HttpRequest, Protocol } from './protocol';
import { toXml } from './xml';

/** Roots of the answers that have a body in XML (Amazon S3 API reference). */
const XML_ROOTS: Readonly<Record<string, string>> = {
  CreateMultipartUpload: 'InitiateMultipartUploadResult',
  CompleteMultipartUpload: 'CompleteMultipartUploadResult',
  ListObjectsV2: 'ListBucketResult',
};

/** What succeeds without content. */
const NO_CONTENT: ReadonlySet<string> = new Set(['AbortMultipartUpload', 'DeleteBucket', 'DeleteObject']);

/** Members of answers that are headers. */
const HEADERS: Readonly<Record<string, string>> = {
  Location: 'location',
  ETag: 'etag',
  ChecksumCRC32: 'x-amz-checksum-crc32',
};

/** Amazon S3's REST protocol, path-style as SDK clients address an endpoint that is an IP address. */
export const s3: Protocol = {
  speaks: (_, service) => service === 's3',
  decode: (request) => {
    const { pathname, searchParams } = new URL(request.url, 'http://s3');
    const [, bucket = '', ...rest] = pathname.split('/').map(decodeURIComponent);
    const parameters = {
      Bucket: bucket,
      Key: rest.join('/'),
      UploadId: searchParams.get('uploadId') ?? undefined,
      PartNumber: searchParams.get('partNumber') ?? undefined,
    };
    return {
      operation: operationOf(request, rest.join('') !== '', searchParams),
      parameters,
      payload: request,
    };
  },
  encode: (output = {}, context) => {
    const root = XML_ROOTS[context.operation];
    return root === undefined
      ? inHeaders(output, context)
      : textAnswer(200, 'application/xml', context.requestId, `<${root}>${contentsOf(output)}</${root}>`);
  },
  encodeError: ({ code, message, status }, { requestId }) => {
    const xml = `<Error>${toXml({ Code: code, Message: message, RequestId: requestId })}</Error>`;
    return textAnswer(status, 'application/xml', requestId, xml);
  },
  rename: (error) => error,
  otherShape: Buffer.from('<Other><Thing>1</Thing></Other>'),
};

function operationOf({ method, url }: HttpRequest, hasKey: boolean, query: URLSearchParams): string {
  if (!hasKey) {
    const operations = { PUT: 'CreateBucket', DELETE: 'DeleteBucket', GET: 'ListObjectsV2' };
    return operations[method as keyof typeof operations] ?? `${method} ${url}`;
  }
  const inParts = { PUT: 'UploadPart', POST: 'CompleteMultipartUpload', DELETE: 'AbortMultipartUpload' };
  const atOnce = { PUT: 'PutObject', GET: 'GetObject', DELETE: 'DeleteObject' };
  if (query.has('uploads') && method === 'POST') {
    return 'CreateMultipartUpload';
  }
  const operations: Readonly<Record<string, string>> = query.has('uploadId') ? inParts : atOnce;
  return operations[method] ?? `${method} ${url}`;
}

function inHeaders(output: Record<string, unknown>, { operation, requestId }: AnswerContext): HttpAnswer {
  const named = Object.entries(output).flatMap(([name, value]) => {
    const header = HEADERS[name];
    return header === undefined || value === undefined ? [] : [[header, String(value)] as const];
  });
  return {
    status: NO_CONTENT.has(operation) ? 204 : 200,
    headers: { 'x-amz-request-id': requestId, ...Object.fromEntries(named) },
    body: Buffer.isBuffer(output.Body) ? output.Body : Buffer.alloc(0),
  };
}

/** S3 repeats the element of a list; it has no `member`. */
function contentsOf(output: Record<string, unknown>): string {
  return Object.entries(output)
    .flatMap(([name, value]) => [value].flat().map((item) => `<${name}>${toXml(item)}</${name}>`))
    .join('');
}
