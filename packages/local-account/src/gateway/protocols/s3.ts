import { ApiError, attempt } from '../errors';
import { type Protocol, textAnswer, toXml } from './protocol';

/** Operations by HTTP method (Amazon S3 API reference). */
type Operations = Readonly<Record<string, string>>;
const ON_BUCKETS: Operations = { PUT: 'CreateBucket', DELETE: 'DeleteBucket', GET: 'ListObjectsV2' };
const ON_OBJECTS: Operations = { PUT: 'PutObject', DELETE: 'DeleteObject' };
/** Any other query asks for something else, such as `?policy`. */
const KNOWN = /^(encoding-type|list-type|x-id)=|^prefix=$/;

/** Amazon S3's REST protocol, path-style as SDK clients address an endpoint that is an IP address. */
export const s3: Protocol = {
  speaks: (_, service) => service === 's3',
  notation: { isText: true, malformed: 'InvalidArgument' },
  decode: ({ method, url, headers, body }) => {
    const { bucket, key, query } = partsOf(url);
    const operations = key === '' ? ON_BUCKETS : ON_OBJECTS;
    // Where SDK clients put a checksum after the body, which they do over HTTPS only, the body is not the object.
    const isChunked = /aws-chunked/.test(headers['content-encoding'] ?? '');
    const isOther = [...query].some((parameter) => !KNOWN.test(parameter.join('=')));
    const isCopy = headers['x-amz-copy-source'] !== undefined;
    const operation = isChunked || isOther || isCopy ? undefined : operations[method];
    return {
      operation: operation ?? `${method} ${url}`,
      parameters: { Bucket: bucket, Key: key, EncodingType: query.get('encoding-type') },
      payload: body,
    };
  },
  encode: (output, { operation, requestId }) => {
    if (output) {
      // S3 repeats the element of a list; it has no `member`.
      const elements = Object.entries(output).flatMap(([name, items]) =>
        [items].flat().map((item) => `<${name}>${toXml(item)}</${name}>`),
      );
      const xml = `<ListBucketResult>${elements.join('')}</ListBucketResult>`;
      return textAnswer(200, 'application/xml', requestId, xml);
    }
    const status = operation.startsWith('Delete') ? 204 : 200;
    return { status, headers: { 'x-amz-request-id': requestId }, body: Buffer.alloc(0) };
  },
  encodeError: ({ code, message, status }, { requestId, parameters }) => {
    const BucketName = code.includes('Bucket') ? parameters.Bucket : undefined;
    const error = { Code: code, Message: message, BucketName, RequestId: requestId };
    const xml = `<Error>${toXml(error)}</Error>`;
    return textAnswer(status, 'application/xml', requestId, xml);
  },
};

/** @throws ApiError InvalidURI */
function partsOf(url: string): { bucket: string; key: string; query: URLSearchParams } {
  const [path = '', query] = url.split(/\?(.*)/s);
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  const invalidUri = () => new ApiError('InvalidURI', "Couldn't parse the specified URI.");
  const decoded = (text: string) => attempt(() => decodeURIComponent(text), invalidUri);
  return { bucket: decoded(bucket), key: decoded(key), query: new URLSearchParams(query) };
}
