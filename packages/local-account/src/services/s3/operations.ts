import { optionalString, requiredString } from '../../gateway/parameters';
import type { Operation, Output, Service } from '../../gateway/service';
import type { Buckets } from './store';

/** What an operation does to a bucket, or to the object of a key in it. */
type Act = (buckets: Buckets, bucket: string, key: string, body: Buffer) => Output;

/** Amazon S3: buckets and their objects, which are uploaded at once (Amazon S3 API reference). */
export const s3: Service<'buckets'> = {
  name: 's3',
  operations: {
    CreateBucket: allowedBy('s3:CreateBucket', (buckets, bucket): undefined => {
      buckets.create(bucket);
    }),
    DeleteBucket: allowedBy('s3:DeleteBucket', (buckets, bucket): undefined => {
      buckets.delete(bucket);
    }),
    ListObjectsV2: allowedBy('s3:ListBucket', (buckets, bucket) => ({
      Contents: [...buckets.objects(bucket)].map(([Key, { content, lastModified }]) => ({
        Key,
        Size: content.length,
        LastModified: lastModified,
      })),
    })),
    PutObject: allowedBy('s3:PutObject', (buckets, bucket, key, body): undefined => {
      buckets.put(bucket, key, body);
    }),
    DeleteObject: allowedBy('s3:DeleteObject', (buckets, bucket, key): undefined => {
      buckets.objects(bucket).delete(key);
    }),
  },
};

function allowedBy(action: string, act: Act): Operation<'buckets'> {
  return async (request, { buckets, authorize }) => {
    const bucket = requiredString(request.parameters, 'Bucket');
    const key = optionalString(request.parameters, 'Key') ?? '';
    await authorize(request, { action, resource: `arn:aws:s3:::${bucket}${key && `/${key}`}` });
    return act(buckets, bucket, key, request.payload as Buffer);
  };
}
