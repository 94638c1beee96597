import type { AccountWith } from '../../../gateway/service';
import { s3 } from '../../s3/operations';
import { callAs, generatedName, ifExists, type Provider } from './provider';

/** A type whose resources only have a name. */
export const placeholder: Provider = {
  create: async (properties, task) => ({ physicalId: generatedName(task), attributes: {}, properties }),
  update: async (current, properties) => ({ ...current, properties }),
  delete: async () => {},
  createOnly: [],
};

/**
 * Types of which nothing here reads or enforces more than a name: the others of the stack that `cfn submit` uploads to
 * (cloudformation-cli's managed-upload-infrastructure.yaml), and those for which AWS has no handlers either, such as the
 * metadata that the CDK adds to every stack.
 */
export const PLACEHOLDERS: readonly string[] = [
  'AWS::S3::BucketPolicy',
  'AWS::KMS::Key',
  'AWS::KMS::Alias',
  'AWS::CloudFormation::WaitConditionHandle',
  'AWS::CDK::Metadata',
];

/** The type of buckets, through Amazon S3's API. */
export function bucketProvider(account: AccountWith): Provider {
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
