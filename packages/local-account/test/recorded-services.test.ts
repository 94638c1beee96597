import type { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import type { IAM } from '@aws-sdk/client-iam';
import type { STS } from '@aws-sdk/client-sts';
import type { LocalAccount } from '../src/account';
import { allow, errorOf, policy, signedBy, start, trustService } from './support';

/*
 * What AWS was recorded to answer, from localstack/localstack (tests/aws/services/{iam,sts,logs,s3}, *.snapshot.json):
 * each source is the name of its test.
 */

let account: LocalAccount;
let iam: IAM;
let logs: CloudWatchLogs;
let sts: STS;

const RoleName = 'recorded';
const AssumeRolePolicyDocument = JSON.stringify(trustService('ec2.amazonaws.com'));
const PolicyDocument = JSON.stringify(policy(allow('s3:ListBucket')));
const TAG_KEY = '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+';
const NOT_A_POLICY = 'arn:aws:iam::111122223333:not_a_policy/invalid';
const MISSING = 'arn:aws:iam::111122223333:policy/nonexistent-policy';

beforeAll(async () => {
  ({ account, iam, logs, sts } = await start());
  await iam.createRole({ RoleName, AssumeRolePolicyDocument, Description: 'x' });
  await iam.createPolicy({ PolicyName: RoleName, PolicyDocument });
  await logs.createLogGroup({ logGroupName: 'recorded' });
});
afterAll(() => account.close());

const tag = (Key: string, Value = 'v') => iam.tagRole({ RoleName, Tags: [{ Key, Value }] });
const untag = (...TagKeys: string[]) => iam.untagRole({ RoleName, TagKeys });
const many = Array.from({ length: 51 }, (_, index) => String(index));
const bound = (PermissionsBoundary: string) =>
  iam.putRolePermissionsBoundary({ RoleName, PermissionsBoundary });
const attach = (PolicyArn: string) => iam.attachRolePolicy({ RoleName, PolicyArn });
const assume = (RoleArn: string, RoleSessionName: string) => sts.assumeRole({ RoleArn, RoleSessionName });
const describeGroups = (logGroupNamePrefix: string, logGroupNamePattern: string) =>
  logs.describeLogGroups({ logGroupNamePrefix, logGroupNamePattern });
const filter = (input: object) => logs.filterLogEvents({ logGroupName: 'recorded', ...input });

const tagMany = () => iam.tagRole({ RoleName, Tags: many.map((Key) => ({ Key, Value: '' })) });

test.each<[() => Promise<unknown>, string, string]>([
  [() => tag('k'.repeat(129)), 'tags.1.member.key', 'have length less than or equal to 128'],
  [() => tag('k', 'v'.repeat(257)), 'tags.1.member.value', 'have length less than or equal to 256'],
  [() => tag('invalid!key'), 'tags.1.member.key', `satisfy regular expression pattern: ${TAG_KEY}`],
  [tagMany, 'tags', 'have length less than or equal to 50'],
  [
    () => untag('k'.repeat(129)),
    'tagKeys',
    `satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: ${TAG_KEY}, Member must not be null]`,
  ],
])('test_role_tag_errors %#', async (call, member, constraint) => {
  const what = `Value at '${member}' failed to satisfy constraint: Member must ${constraint}`;
  const message = `1 validation error detected: ${what}`;
  expect(await errorOf(call())).toMatchObject({ name: 'ValidationError', message });
});

test.each<[string, () => Promise<unknown>, string, string]>([
  [
    'test_role_permissions_boundary_errors',
    () => bound(NOT_A_POLICY),
    'InvalidInputException',
    `ARN ${NOT_A_POLICY} is not valid.`,
  ],
  [
    'test_role_permissions_boundary_errors',
    () => bound(MISSING),
    'NoSuchEntityException',
    `Scope ARN: ${MISSING} does not exist or is not attachable.`,
  ],
  [
    'test_role_attach_policy',
    () => attach('longpolicynamebutnoarn'),
    'ValidationError',
    'Invalid ARN:  Could not be parsed!',
  ],
  [
    'test_role_attach_policy',
    () => attach(MISSING),
    'NoSuchEntityException',
    `Policy ${MISSING} does not exist or is not attachable.`,
  ],
  [
    'test_sts_invalid_parameters',
    () => assume('arn:a:a::aaaaaaaaaa:', 'session'),
    'ValidationError',
    'arn:a:a::aaaaaaaaaa: is invalid',
  ],
  [
    'test_sts_invalid_parameters',
    () => assume('arn:aws:iam::111122223333:role/a', 'Session1:2'),
    'ValidationError',
    "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
  ],
  [
    'test_create_log_group_invalid_name_length',
    () => logs.createLogGroup({ logGroupName: 'a'.repeat(513) }),
    'InvalidParameterException',
    'Invalid LogGroup or LogStream, both must have length less than or equal to 512.',
  ],
  [
    'test_describe_log_groups_prefix_and_pattern_error',
    () => describeGroups('a', 'b'),
    'InvalidParameterException',
    'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
  ],
  [
    'test_describe_log_streams_with_log_group_identifier',
    () => logs.describeLogStreams({ logGroupName: 'recorded', logGroupIdentifier: 'recorded' }),
    'ValidationException',
    'LogGroup name and LogGroup ARN are mutually exclusive parameters.',
  ],
  [
    'test_filter_log_events_limit_validation',
    () => filter({ limit: 10_001 }),
    'InvalidParameterException',
    "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
  ],
  [
    'test_filter_log_events_unknown_token',
    () => filter({ nextToken: 'invalid-token' }),
    'InvalidParameterException',
    'The specified nextToken is invalid.',
  ],
  [
    'test_resource_does_not_exist',
    () => logs.getLogEvents({ logGroupName: 'recorded', logStreamName: 'none' }),
    'ResourceNotFoundException',
    'The specified log stream does not exist.',
  ],
])('%s %#', async (_, call, name, message) => {
  expect(await errorOf(call())).toMatchObject({ name, message });
});

test('CreateRole leaves out what GetRole has (test_create_role_defaults, test_role_permissions_boundary_lifecycle)', async () => {
  const { Role: created } = await iam.createRole({
    RoleName: 'r',
    AssumeRolePolicyDocument,
    Description: 'x',
  });
  expect(Object.keys(created ?? {}).sort()).toEqual([
    'Arn',
    'AssumeRolePolicyDocument',
    'CreateDate',
    'Path',
    'RoleId',
    'RoleName',
  ]);
  const { Role } = await iam.getRole({ RoleName: 'r' });
  const added = Object.keys(Role ?? {}).filter((member) => !(member in (created ?? {})));
  expect(added.sort()).toEqual(['Description', 'MaxSessionDuration', 'RoleLastUsed']);
  const { Roles = [] } = await iam.listRoles({});
  expect(Object.keys(Roles.at(-1) ?? {})).not.toContain('RoleLastUsed');
});

test('GetPolicy has the members that CreatePolicy leaves out (test_policy_lifecycle)', async () => {
  const PolicyArn = `arn:aws:iam::111122223333:policy/${RoleName}`;
  const { Policy } = await iam.getPolicy({ PolicyArn });
  expect(Policy).toMatchObject({ AttachmentCount: 0, PermissionsBoundaryUsageCount: 0, Tags: [] });
  expect(Policy?.UpdateDate).toEqual(Policy?.CreateDate);
});

test('a bucket is named in lower case (test_s3_uppercase_bucket_name)', async () => {
  const headers = signedBy(account.administrator(), 's3');
  const answer = await fetch(`${account.endpoint}/Upper-Case`, { method: 'PUT', headers });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain(
    '<Code>InvalidBucketName</Code><Message>The specified bucket is not valid.</Message><BucketName>Upper-Case</BucketName>',
  );
});
