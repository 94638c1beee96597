import type { AccountWith } from '../../../gateway/service';
import type { Stores } from '../../../stores';
import { s3 } from '../../s3/operations';
import { callAs, generatedName, ifExists, type Provider } from './provider';

/**
 * The types of the stack that `cfn submit` uploads to (cloudformation-cli's managed-upload-infrastructure.yaml).
 * Buckets are created in the account's Amazon S3. Keys and bucket policies only have a name, since nothing here reads
 * or enforces them. AWS has no handlers for the metadata that the CDK adds to every stack, either.
 */
export function uploadProviders(account: AccountWith<keyof Stores>): ReadonlyMap<string, Provider> {
  const buckets: Provider = {
    ...NAMED,
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
  return new Map([
    ['AWS::S3::Bucket', buckets],
    ['AWS::S3::BucketPolicy', NAMED],
    ['AWS::KMS::Key', NAMED],
    ['AWS::KMS::Alias', NAMED],
    ['AWS::CloudFormation::WaitConditionHandle', NAMED],
    ['AWS::CDK::Metadata', NAMED],
  ]);
}

const NAMED: Provider = {
  create: async (properties, place) => ({ physicalId: generatedName(place), attributes: {}, properties }),
  update: async (current, properties) => ({ ...current, properties }),
  delete: async () => {},
  createOnly: [],
};
