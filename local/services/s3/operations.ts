import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { crc32 } from 'node:zlib';
import { ApiError } from '../../gateway/errors';
import { optionalString, requiredString } from '../../gateway/parameters';
import type { HttpRequest } from '../../gateway/protocols/protocol';
import type { ApiRequest, Authorize, Operation, Output } from '../../gateway/service';
import type { Buckets } from './store';

/** What the operations of S3 work with. */
export interface S3State {
  readonly buckets: Buckets;
  readonly authorize: Authorize;
}

/** Which object an operation is about, and what was sent. */
interface Target {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
  readonly partNumber: number;
  readonly request: HttpRequest;
}

/** Uploads, at once and in parts (Amazon S3 API reference). */
export function uploadOperations(state: S3State): Record<string, Operation> {
  const { buckets } = state;
  return {
    PutObject: upload(state, ({ bucket, key, request }) => {
      buckets.put(bucket, key, request.body);
      return stored(request.headers);
    }),
    CreateMultipartUpload: upload(state, ({ bucket, key }) => {
      buckets.objects(bucket);
      return { Bucket: bucket, Key: key, UploadId: buckets.beginUpload() };
    }),
    UploadPart: upload(state, ({ uploadId, partNumber, request }) => {
      buckets.parts(uploadId).set(partNumber, request.body);
      return stored(request.headers);
    }),
    CompleteMultipartUpload: upload(state, ({ bucket, key, uploadId }) => {
      const parts = [...buckets.parts(uploadId)].sort(([one], [other]) => one - other);
      buckets.put(bucket, key, Buffer.concat(parts.map(([, part]) => part)));
      buckets.endUpload(uploadId);
      return { Bucket: bucket, Key: key, ETag: etag() };
    }),
    AbortMultipartUpload: upload(state, ({ uploadId }) => {
      buckets.endUpload(uploadId);
      return {};
    }),
  };
}

/** Buckets and their objects (Amazon S3 API reference). */
export function bucketOperations({ buckets, authorize }: S3State): Record<string, Operation> {
  const inBucket =
    (action: string, act: (bucket: string, key: string) => Output): Operation =>
    async (request) => {
      const bucket = requiredString(request.parameters, 'Bucket');
      const key = optionalString(request.parameters, 'Key') ?? '';
      await authorize(request, { action, resource: `arn:aws:s3:::${bucket}${key && `/${key}`}` });
      return act(bucket, key);
    };
  return {
    CreateBucket: inBucket('s3:CreateBucket', (bucket) => {
      buckets.create(bucket);
      return { Location: `/${bucket}` };
    }),
    DeleteBucket: inBucket('s3:DeleteBucket', (bucket) => {
      buckets.objects(bucket);
      buckets.delete(bucket);
      return {};
    }),
    ListObjectsV2: inBucket('s3:ListBucket', (bucket) => ({
      Contents: [...buckets.objects(bucket)].map(([Key, { content, lastModified }]) => ({
        Key,
        Size: content.length,
        LastModified: lastModified,
      })),
    })),
    GetObject: inBucket('s3:GetObject', (bucket, key) => ({ Body: existing(buckets, bucket, key) })),
    DeleteObject: inBucket('s3:DeleteObject', (bucket, key) => {
      buckets.objects(bucket).delete(key);
      return {};
    }),
  };
}

function existing(buckets: Buckets, bucket: string, key: string): Buffer {
  const object = buckets.objects(bucket).get(key);
  if (!object) {
    throw new ApiError('NoSuchKey', 'The specified key does not exist.', 404);
  }
  return object.content;
}

/** All of these need `s3:PutObject` but the last, which needs its own action (guide, "Actions for Amazon S3"). */
function upload({ authorize }: S3State, act: (target: Target) => Output): Operation {
  return async (request) => {
    const target = targetOf(request);
    const action = request.operation === 'AbortMultipartUpload' ? 's3:AbortMultipartUpload' : 's3:PutObject';
    await authorize(request, { action, resource: `arn:aws:s3:::${target.bucket}/${target.key}` });
    checkBody(target.request);
    return act(target);
  };
}

function targetOf({ parameters, payload }: ApiRequest): Target {
  return {
    bucket: requiredString(parameters, 'Bucket'),
    key: requiredString(parameters, 'Key'),
    uploadId: optionalString(parameters, 'UploadId') ?? '',
    partNumber: Number(parameters.PartNumber),
    request: payload as HttpRequest,
  };
}

/**
 * SDK clients put the checksum into a trailer over HTTPS and into a header over HTTP, which is all that this account
 * speaks (botocore's httpchecksum.py).
 */
function checkBody({ headers, body }: HttpRequest): void {
  if (headers['x-amz-trailer'] !== undefined || /aws-chunked/.test(headers['content-encoding'] ?? '')) {
    throw new ApiError('NotImplemented', 'The local account reads no trailers', 501);
  }
  const sent = headers['x-amz-checksum-crc32'];
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  if (sent !== undefined && sent !== checksum.toString('base64')) {
    throw new ApiError('BadDigest', 'The CRC32 you specified did not match the calculated checksum.');
  }
}

function stored(headers: IncomingHttpHeaders): Output {
  return { ETag: etag(), ChecksumCRC32: headers['x-amz-checksum-crc32'] };
}

function etag(): string {
  return `"${randomUUID().replaceAll('-', '')}"`;
}
