import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { crc32 } from 'node:zlib';
import { ApiError } from './errors';
import type { HttpAnswer } from './wire';

/** An S3 request, path-style as SDK clients address an endpoint that is an IP address. */
export interface S3Request {
  readonly method: string;
  /** `/bucket/key?query`. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The permission that a request takes (service authorization reference, "Amazon S3"). */
export function s3Access({ method, url }: S3Request): { action: string; resource: string } {
  const [path = ''] = url.slice(1).split('?');
  const resource = `arn:aws:s3:::${decodeURIComponent(path)}`;
  const isBucket = !path.replace(/\/$/, '').includes('/');
  return {
    action: isBucket ? 's3:CreateBucket' : method === 'GET' ? 's3:GetObject' : 's3:PutObject',
    resource,
  };
}

interface Upload {
  readonly parts: Map<number, Buffer>;
}

/**
 * Amazon S3 as far as an upload goes: PutObject, and in parts CreateMultipartUpload, UploadPart,
 * CompleteMultipartUpload and AbortMultipartUpload (Amazon S3 API reference).
 */
export class Buckets {
  #objects = new Map<string, Map<string, Buffer>>();
  #uploads = new Map<string, Upload>();

  /** Makes a bucket. */
  create(bucket: string): void {
    this.#objects.set(bucket, new Map());
  }

  /** @returns Whether there was one. */
  delete(bucket: string): boolean {
    return this.#objects.delete(bucket);
  }

  /** An object's content, if it is there. */
  find(bucket: string, key: string): Buffer | undefined {
    return this.#objects.get(bucket)?.get(key);
  }

  /** Puts an object without the API. @throws ApiError NoSuchBucket */
  put(bucket: string, key: string, body: Buffer): void {
    this.#bucket(bucket).set(key, body);
  }

  /** @throws ApiError with the code that S3 answers. */
  handle({ method, url, headers, body }: S3Request): HttpAnswer {
    const { pathname, searchParams: query } = new URL(url, 'http://s3');
    const [, bucket = '', ...rest] = pathname.split('/').map(decodeURIComponent);
    const key = rest.join('/');
    if (method === 'PUT' && key === '') {
      this.create(bucket);
      return { status: 200, headers: { location: `/${bucket}` }, body: Buffer.alloc(0) };
    }
    const objects = this.#bucket(bucket);
    checkBody(headers, body);
    const uploadId = query.get('uploadId');
    if (method === 'POST' && query.has('uploads')) {
      const id = randomUUID();
      this.#uploads.set(id, { parts: new Map() });
      return xml('InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId: id });
    }
    if (method === 'PUT' && uploadId !== null) {
      this.#upload(uploadId).parts.set(Number(query.get('partNumber')), body);
      return stored(headers);
    }
    if (method === 'POST' && uploadId !== null) {
      const parts = [...this.#upload(uploadId).parts].sort(([a], [b]) => a - b).map(([, part]) => part);
      objects.set(key, Buffer.concat(parts));
      this.#uploads.delete(uploadId);
      return xml('CompleteMultipartUploadResult', { Bucket: bucket, Key: key, ETag: etag() });
    }
    if (method === 'DELETE' && uploadId !== null) {
      this.#uploads.delete(uploadId);
      return { status: 204, headers: {}, body: Buffer.alloc(0) };
    }
    if (method === 'PUT') {
      objects.set(key, body);
      return stored(headers);
    }
    throw new ApiError('NotImplemented', `The local S3 does not know ${method} ${url}`, 501);
  }

  #bucket(name: string): Map<string, Buffer> {
    const objects = this.#objects.get(name);
    if (objects) return objects;
    throw new ApiError('NoSuchBucket', 'The specified bucket does not exist', 404);
  }

  #upload(id: string): Upload {
    const upload = this.#uploads.get(id);
    if (upload) return upload;
    throw new ApiError('NoSuchUpload', 'The specified upload does not exist.', 404);
  }
}

/**
 * SDK clients put the checksum into a trailer over HTTPS and into a header over HTTP, which is all that this
 * server speaks (botocore's httpchecksum.py).
 */
function checkBody(headers: IncomingHttpHeaders, body: Buffer): void {
  if (headers['x-amz-trailer'] !== undefined || /aws-chunked/.test(headers['content-encoding'] ?? '')) {
    throw new ApiError('NotImplemented', 'The local S3 reads no trailers', 501);
  }
  const sent = headers['x-amz-checksum-crc32'];
  if (sent === undefined) return;
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  if (sent === checksum.toString('base64')) return;
  throw new ApiError('BadDigest', 'The CRC32 you specified did not match the calculated checksum.');
}

function stored(headers: IncomingHttpHeaders): HttpAnswer {
  const sent = headers['x-amz-checksum-crc32'];
  const checksum = typeof sent === 'string' ? { 'x-amz-checksum-crc32': sent } : {};
  return { status: 200, headers: { etag: etag(), ...checksum }, body: Buffer.alloc(0) };
}

function etag(): string {
  return `"${randomUUID().replaceAll('-', '')}"`;
}

function xml(root: string, members: Record<string, string>): HttpAnswer {
  const content = Object.entries(members)
    .map(([name, value]) => `<${name}>${value.replace(/[&<"]/g, (it) => `&#${it.charCodeAt(0)};`)}</${name}>`)
    .join('');
  const headers = { 'content-type': 'application/xml' };
  return { status: 200, headers, body: Buffer.from(`<${root}>${content}</${root}>`) };
}
