import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudControlClient } from '@aws-sdk/client-cloudcontrol';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECSClient } from '@aws-sdk/client-ecs';
import { IAMClient } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts';
import type { LocalAccount } from '../src/account';
import { CloudFormation, type CloudFormationOptions } from '../src/cloudformation';
import type { PolicyDocument } from '../src/services/iam/documents';
import type { Credentials } from '../src/services/sts/store';
import { NOTE } from '../src/testing/note-type';

export const REGION = 'eu-west-1';
export const TYPE_NAME = 'Custom::Ecs::RoleTrunking';
export const SCHEMA = {
  typeName: TYPE_NAME,
  primaryIdentifier: ['/properties/RoleArn'],
  createOnlyProperties: ['/properties/RoleArn'],
};

let count = 0;
/** A name that nothing else in the test file has, so that tests are independent. */
export const newName = () => `stack-${++count}`;

/** A note in a template. */
export const note = (Name: string, properties: object = {}, attributes: object = {}) => ({
  Type: NOTE,
  Properties: { Name, ...properties },
  ...attributes,
});

/** The text of a template. */
export const template = (Resources: object, more: object = {}) => JSON.stringify({ Resources, ...more });

/** A trust policy for an AWS service. */
export const trustService = (Service: string) =>
  policy({ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' });

/** A role for instances in a template. */
export const role = (RoleName: unknown, properties: object = {}) => ({
  Type: 'AWS::IAM::Role',
  Properties: { RoleName, AssumeRolePolicyDocument: trustService('ec2.amazonaws.com'), ...properties },
});

/** The SDK's clients with their defaults, except that they try once, so that each fault shows. */
export function clients(account: LocalAccount, credentials: Credentials, region = REGION) {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const keys = { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
  const options = { endpoint: account.endpoint, region, credentials: keys, maxAttempts: 1 };
  return {
    sts: new STSClient(options),
    iam: new IAMClient(options),
    ecs: new ECSClient(options),
    logs: new CloudWatchLogsClient(options),
    cloudwatch: new CloudWatchClient(options),
    cloudformation: new CloudFormationClient(options),
    cloudcontrol: new CloudControlClient(options),
  };
}

/** A policy of the statements given. */
export function policy(...Statement: Record<string, unknown>[]): PolicyDocument {
  return { Version: '2012-10-17', Statement };
}

export const ALLOW_ALL = { name: 'All', document: policy({ Effect: 'Allow', Action: '*', Resource: '*' }) };

/** Trusts everyone whom the policies of the account allow. */
export function trustAccount(account: LocalAccount): PolicyDocument {
  return policy({ Effect: 'Allow', Principal: { AWS: account.rootArn }, Action: 'sts:AssumeRole' });
}

/** Assumes a role over the wire. */
export async function assume(
  account: LocalAccount,
  caller: Credentials,
  input: Partial<AssumeRoleCommandInput> & { RoleArn: string },
): Promise<Credentials> {
  const command = new AssumeRoleCommand({ RoleSessionName: 'EcsRoleTrunking', ...input });
  const { Credentials: made } = await clients(account, caller).sts.send(command);
  return {
    accessKeyId: made?.AccessKeyId ?? '',
    secretAccessKey: made?.SecretAccessKey ?? '',
    sessionToken: made?.SessionToken ?? '',
  };
}

/** What an error of the SDK says: code and HTTP status. */
export async function errorOf(
  promise: Promise<unknown>,
): Promise<{ name: string; status: number; message: string }> {
  try {
    await promise;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return { name, message, status: $metadata?.httpStatusCode ?? 0 };
  }
  throw new Error('The call was expected to fail');
}

export const ROLES_TEMPLATE = readFileSync(join(__dirname, '../../../examples/roles.yml'), 'utf8');
export const TRUNKING_TEMPLATE = readFileSync(join(__dirname, '../../../examples/trunking.yml'), 'utf8');

export const IMPORT_TEMPLATE = readFileSync(join(__dirname, '../../../examples/import.yml'), 'utf8');

/** CloudFormation that does not wait. */
export function cloudFormation(
  account: LocalAccount,
  handler: CloudFormationOptions['function'],
  options: Partial<CloudFormationOptions> = {},
): CloudFormation {
  return new CloudFormation({
    account,
    function: handler,
    typeName: TYPE_NAME,
    region: REGION,
    schema: SCHEMA,
    sleep: async () => {},
    ...options,
  });
}

/** A package in a temporary folder with the handler given as source text. */
export function packageOf(source: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'function-'));
  mkdirSync(join(directory, 'dist'));
  writeFileSync(join(directory, 'dist/handlers.js'), source);
  return directory;
}
