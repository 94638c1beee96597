import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudControl } from '@aws-sdk/client-cloudcontrol';
import {
  CloudFormation as CloudFormationApi,
  type Stack,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { ECS } from '@aws-sdk/client-ecs';
import { IAM } from '@aws-sdk/client-iam';
import { type AssumeRoleCommandInput, type Credentials as Made, STS } from '@aws-sdk/client-sts';
import { LocalAccount } from '../src/account';
import { CloudFormation, type CloudFormationOptions } from '../src/cloudformation';
import type { PolicyDocument } from '../src/services/iam/documents';
import type { Role } from '../src/services/iam/store';
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

/** A statement that allows actions, on every resource by default. */
export const allow = (Action: string | string[], more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...more,
});

/** A statement that denies actions on every resource. */
export const deny = (Action: string | string[]) => allow(Action, { Effect: 'Deny' });

/** A statement of a trust policy. */
export const trust = (Principal: unknown, more: object = {}) => ({
  Effect: 'Allow',
  Principal,
  Action: 'sts:AssumeRole',
  ...more,
});

/** A trust policy for an AWS service. */
export const trustService = (Service: string) => policy(trust({ Service }));

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
    sts: new STS(options),
    iam: new IAM(options),
    ecs: new ECS(options),
    logs: new CloudWatchLogs(options),
    cloudwatch: new CloudWatch(options),
    cloudformation: new CloudFormationApi(options),
    cloudcontrol: new CloudControl(options),
  };
}

/** The header of a signed request, of which the account reads only whose it is and for what. */
export const signedBy = ({ accessKeyId }: Pick<Credentials, 'accessKeyId'>, service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260102/${REGION}/${service}/aws4_request`,
});

/** A policy of the statements given. */
export function policy(...Statement: object[]): PolicyDocument {
  return { Version: '2012-10-17', Statement };
}

export const ALLOW_ALL = { name: 'All', document: policy(allow('*')) };

/** Creates a user with these permissions. @returns An access key. */
export function userWith(account: LocalAccount, name: string, ...statements: object[]): Credentials {
  return account.createUser(name, [{ name: 'Own', document: policy(...statements) }]);
}

/** Creates a role that may do everything, and that everyone can assume whom the account's policies allow. */
export function createRole(
  account: LocalAccount,
  definition: Partial<Parameters<LocalAccount['roles']['create']>[0]> & { name: string },
): Role {
  const assumeRolePolicyDocument = policy(trust({ AWS: account.rootArn }));
  return account.roles.create({ assumeRolePolicyDocument, inlinePolicies: [ALLOW_ALL], ...definition });
}

/** Assumes a role over the wire. */
export async function assume(
  account: LocalAccount,
  caller: Credentials,
  input: Partial<AssumeRoleCommandInput> & { RoleArn: string },
): Promise<Credentials> {
  const { sts } = clients(account, caller);
  return credentialsOf(await sts.assumeRole({ RoleSessionName: 'EcsRoleTrunking', ...input }));
}

/** The credentials in an answer of STS. */
export function credentialsOf({ Credentials: made }: { Credentials?: Made | undefined }): Credentials {
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = made ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

/** What a template with IAM's types requires. */
export const NAMED_IAM = { Capabilities: ['CAPABILITY_NAMED_IAM' as const] };

const statusOf = (event: StackEvent) => `${event.LogicalResourceId} ${event.ResourceStatus}`;

/** Stacks over HTTP, each operation to its end. */
export class StackApi {
  constructor(readonly api: CloudFormationApi) {}

  async describe(StackName: string): Promise<Stack> {
    const { Stacks } = await this.api.describeStacks({ StackName });
    return Stacks?.[0] as Stack;
  }

  /** Asks until nothing is in progress any more. */
  async settled(StackName: string): Promise<Stack> {
    for (;;) {
      const stack = await this.describe(StackName);
      if (!stack.StackStatus?.endsWith('_IN_PROGRESS')) {
        return stack;
      }
    }
  }

  async create(StackName: string, TemplateBody: string, more = {}): Promise<Stack> {
    await this.api.createStack({ StackName, TemplateBody, ...more });
    return this.settled(StackName);
  }

  async update(StackName: string, TemplateBody: string, more = {}): Promise<Stack> {
    await this.api.updateStack({ StackName, TemplateBody, ...more });
    return this.settled(StackName);
  }

  async remove(StackName: string): Promise<Stack> {
    const { StackId = '' } = await this.describe(StackName);
    await this.api.deleteStack({ StackName });
    return this.settled(StackId);
  }

  /** Events in the order in which they happened. */
  async events(StackName: string): Promise<StackEvent[]> {
    const { StackEvents = [] } = await this.api.describeStackEvents({ StackName });
    return StackEvents.reverse();
  }

  /** The resources and statuses of these events. */
  async statuses(StackName: string): Promise<string[]> {
    return (await this.events(StackName)).map(statusOf);
  }

  /** Why a resource has a status, such as `Role CREATE_FAILED`, by the first event of that status. */
  async reason(StackName: string, status: string): Promise<string | undefined> {
    const events = await this.events(StackName);
    return events.find((it) => statusOf(it) === status)?.ResourceStatusReason;
  }
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

/** An account, the SDK's clients of its administrator, and stacks over them. */
export async function start(options: Parameters<typeof LocalAccount.start>[0] = {}) {
  const account = await LocalAccount.start(options);
  const administrator = account.administrator();
  const api = clients(account, administrator);
  return { account, administrator, stacks: new StackApi(api.cloudformation), ...api };
}
