import type { AccountWith } from '../../../gateway/service';
import type { Stores } from '../../../stores';
import { s3 } from '../../s3/operations';
import { placeholder } from './placeholders';
import { callAs, generatedName, ifExists, type Provider } from './provider';

/** The type of buckets, through Amazon S3's API. */
export function bucketProvider(account: AccountWith<keyof Stores>): Provider {
  return {
    ...placeholder,
    createOnly: ['BucketName'],
    async create(properties, task) {
      const Bucket = String(properties.BucketName ?? generatedName(task, 63).toLowerCase());
      await callAs(account, s3, task, ['CreateBucket', { Bucket }]);
      return { physicalId: Bucket, attributes: { Arn: `arn:aws:s3:::${Bucket}` }, properties };
    },
    async delete({ physicalId }, task) {
      await ifExists(callAs(account, s3, task, ['DeleteBucket', { Bucket: physicalId }]));
    },
  };
}
