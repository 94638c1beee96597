import { ApiError } from '../../gateway/errors';
import { optionalString, requiredString } from '../../gateway/parameters';
import type { Operation, Output, Service } from '../../gateway/service';
import model from './model.json';
import type { Buckets } from './store';

/** What an operation acts on: a bucket, or the object of a key in it. */
interface Target {
  readonly bucket: string;
  readonly key: string;
  readonly body: Buffer;
  readonly encodingType: string | undefined;
}
type Act = (buckets: Buckets, target: Target) => Output;

/** In bytes of UTF-8 (user guide, "object-keys"). */
const LONGEST_KEY = 1024;

/** Amazon S3: buckets and their objects, which are uploaded at once (Amazon S3 API reference). */
export const s3: Service<'buckets'> = {
  name: 's3',
  model,
  operations: {
    CreateBucket: allowedBy('s3:CreateBucket', (buckets, { bucket }): undefined => {
      buckets.create(bucket);
    }),
    DeleteBucket: allowedBy('s3:DeleteBucket', (buckets, { bucket }): undefined => {
      buckets.delete(bucket);
    }),
    ListObjectsV2: allowedBy('s3:ListBucket', (buckets, { bucket, encodingType }) => ({
      EncodingType: encodingType,
      Contents: [...buckets.objects(bucket)].map(([key, { content, lastModified }]) => ({
        // XML cannot contain every character of a key (API reference, ListObjectsV2, `EncodingType`).
        Key: encodingType === undefined ? key : encodeURIComponent(key).replaceAll('%2F', '/'),
        Size: content.length,
        LastModified: lastModified,
      })),
    })),
    PutObject: allowedBy('s3:PutObject', (buckets, { bucket, key, body }): undefined => {
      buckets.put(bucket, key, body);
    }),
    DeleteObject: allowedBy('s3:DeleteObject', (buckets, { bucket, key }): undefined => {
      buckets.objects(bucket).delete(key);
    }),
  },
};

function allowedBy(action: string, act: Act): Operation<'buckets'> {
  return async (request, { buckets, authorize }) => {
    const { parameters, payload } = request;
    const bucket = requiredString(parameters, 'Bucket');
    const key = optionalString(parameters, 'Key') ?? '';
    // User guide, "bucketnamingrules"; localstack/localstack, test_s3_uppercase_bucket_name.
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
      throw new ApiError('InvalidBucketName', 'The specified bucket is not valid.');
    }
    if (Buffer.byteLength(key) > LONGEST_KEY) {
      throw new ApiError('KeyTooLongError', 'Your key is too long');
    }
    await authorize(request, { action, resource: `arn:aws:s3:::${bucket}${key && `/${key}`}` });
    const encodingType = optionalString(parameters, 'EncodingType');
    return act(buckets, { bucket, key, body: payload as Buffer, encodingType });
  };
}
