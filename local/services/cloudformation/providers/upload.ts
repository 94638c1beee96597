import { generatedName, type Provider } from './provider';

/** What the types of the stack that `cfn submit` deploys need of Amazon S3. */
export interface BucketStore {
  create(bucket: string): void;
  delete(bucket: string): boolean;
}

/**
 * The types of the stack that `cfn submit` uploads to (cloudformation-cli's managed-upload-infrastructure.yaml).
 * Buckets hold objects; of keys and bucket policies there is only the name, since nothing here reads or enforces them.
 */
export function uploadProviders(
  buckets: BucketStore,
  arnOfKey: (keyId: string) => string,
): ReadonlyMap<string, Provider> {
  const keys: Provider = {
    ...NAMED,
    async create(properties, place, initiated) {
      const key = await NAMED.create(properties, place, initiated);
      return { ...key, attributes: { Arn: arnOfKey(key.physicalId), KeyId: key.physicalId } };
    },
  };
  const bucketsByName: Provider = {
    ...NAMED,
    createOnly: () => ['BucketName'],
    async create(properties, place) {
      const bucket = String(properties.BucketName ?? generatedName(place, 63).toLowerCase());
      buckets.create(bucket);
      return { physicalId: bucket, attributes: { Arn: `arn:aws:s3:::${bucket}` }, properties };
    },
    async delete({ physicalId }) {
      buckets.delete(physicalId);
    },
  };
  return new Map([
    ['AWS::S3::Bucket', bucketsByName],
    ['AWS::S3::BucketPolicy', NAMED],
    ['AWS::KMS::Key', keys],
    ['AWS::KMS::Alias', NAMED],
    ['AWS::CloudFormation::WaitConditionHandle', NAMED],
  ]);
}

const NAMED: Provider = {
  create: async (properties, place) => ({ physicalId: generatedName(place), attributes: {}, properties }),
  update: async (current, properties) => ({ ...current, properties }),
  delete: async () => {},
  createOnly: () => [],
};
