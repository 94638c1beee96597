import { generatedName, type Provider } from './provider';

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
