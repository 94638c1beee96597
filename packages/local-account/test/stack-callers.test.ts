import type { LocalAccount } from '../src/account';
import type { Credentials } from '../src/services/sts/store';
import {
  allow,
  clients,
  deny,
  errorOf,
  NAMED_IAM,
  policy,
  role,
  type StackApi,
  start,
  template,
  trustService,
  userWith,
} from './support';

/* Whose permissions apply to a stack's resources: the caller's, or the service role's. */

let account: LocalAccount;
let administrator: Credentials;
let stacks: StackApi;

beforeEach(async () => {
  ({ account, administrator, stacks } = await start());
});
afterEach(() => account.close());

const READ = policy(allow('ecs:ListAccountSettings'));
/** A caller who may use CloudFormation and make these calls. */
const callerWith = (...actions: string[]) =>
  userWith(account, 'Caller', allow(['cloudformation:*', ...actions]));
const cloudFormationAs = (caller: Credentials) => clients(account, caller).cloudformation;

/** Creates the stack `s` to its end. @returns Its status, and what its first failure says. */
async function create(caller: Credentials, Resources: object, more = {}) {
  const TemplateBody = template(Resources);
  await cloudFormationAs(caller).createStack({ StackName: 's', TemplateBody, ...NAMED_IAM, ...more });
  return outcome();
}

async function outcome(StackName = 's') {
  const { StackStatus: status, RoleARN: roleArn } = await stacks.settled(StackName);
  const events = await stacks.events(StackName);
  const failure = events.find(({ ResourceStatus }) => ResourceStatus?.endsWith('_FAILED'));
  const reason = failure && `${failure.LogicalResourceId}: ${failure.ResourceStatusReason}`;
  return { status, reason, roleArn };
}

/** A service role that may make these calls. */
function serviceRole(...actions: string[]): string {
  const inlinePolicies = [{ name: 'Own', document: policy(allow(['iam:GetRole', ...actions])) }];
  const assumeRolePolicyDocument = trustService('cloudformation.amazonaws.com');
  return account.roles.create({ name: 'service', assumeRolePolicyDocument, inlinePolicies }).arn;
}

const Policies = [{ PolicyName: 'Read', PolicyDocument: READ }];
const Made = { Role: role('made') };
const CREATED = { status: 'CREATE_COMPLETE' };

test('a stack of a caller without permission fails with IAM’s message, and is rolled back', async () => {
  const { status, reason } = await create(callerWith(), Made);
  expect(status).toBe('ROLLBACK_COMPLETE');
  expect(reason).toMatch(
    /^Role: Resource handler returned message: "User: arn:aws:iam::111122223333:user\/Caller is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::111122223333:role\/made because no identity-based policy allows the iam:CreateRole action \(Service: Iam, Status Code: 403, Request ID: \S+\)" \(RequestToken: \S+, HandlerErrorCode: AccessDenied\)$/,
  );
  expect(account.roles.get('made')).toBeUndefined();
});

test.each([
  ['a role without its policies', 'iam:PutRolePolicy', ['iam:CreateRole', 'iam:DeleteRole']],
  [
    'a role with one policy of two',
    'iam:PutRolePolicy',
    ['iam:CreateRole', 'iam:DeleteRole', 'iam:AttachRolePolicy', 'iam:DetachRolePolicy'],
  ],
])('%s is removed by the rollback', async (_, denied, allowed) => {
  const ManagedPolicyArns = ['arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role'];
  const properties = allowed.includes('iam:AttachRolePolicy')
    ? { Policies, ManagedPolicyArns }
    : { Policies };
  const half = await create(callerWith(...allowed), { Role: role('made', properties) });
  expect(half).toMatchObject({
    status: 'ROLLBACK_COMPLETE',
    reason: expect.stringContaining(`is not authorized to perform: ${denied} on resource: role made`),
  });
  expect(account.roles.get('made')).toBeUndefined();
});

test('what the caller may not remove remains, and the rollback fails', async () => {
  const half = await create(callerWith('iam:CreateRole'), { Role: role('made', { Policies }) });
  expect(half).toMatchObject({ status: 'ROLLBACK_FAILED' });
  expect(account.roles.get('made')).toBeDefined();
});

test('a policy that was added to one role of two is removed from it', async () => {
  account.roles.create({ name: 'first', assumeRolePolicyDocument: trustService('ec2.amazonaws.com') });
  const Properties = { PolicyName: 'Read', PolicyDocument: READ, Roles: ['first', 'missing'] };
  const half = await create(administrator, { Policy: { Type: 'AWS::IAM::Policy', Properties } });
  expect(half).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
  expect(account.roles.get('first')?.inlinePolicies).toEqual([]);
});

test('an instance profile requires iam:PassRole for its role', async () => {
  const caller = callerWith('iam:*Role', 'iam:*InstanceProfile');
  account.roles.create({ name: 'first', assumeRolePolicyDocument: trustService('ec2.amazonaws.com') });
  const denied = userWith(account, 'Denied', allow(['cloudformation:*', 'iam:*']), deny('iam:PassRole'));
  const Profile = { Type: 'AWS::IAM::InstanceProfile', Properties: { Roles: ['first'] } };
  expect(await create(denied, { Profile })).toMatchObject({
    status: 'ROLLBACK_COMPLETE',
    reason: expect.stringMatching(/iam:PassRole on resource: .* with an explicit deny/),
  });
  expect(account.instanceProfiles.size).toBe(0);
  await stacks.remove('s');
  await expect(create(caller, { Profile })).resolves.toMatchObject(CREATED);
});

test('a permission can be limited to calls through CloudFormation', async () => {
  const Condition = { 'ForAnyValue:StringEquals': { 'aws:CalledVia': 'cloudformation.amazonaws.com' } };
  const via = allow('iam:CreateRole', { Condition });
  const caller = userWith(account, 'Via', allow('cloudformation:*'), via);
  await expect(create(caller, Made)).resolves.toMatchObject(CREATED);
});

test('a caller needs permission for the operation', async () => {
  const denied = cloudFormationAs(account.createUser('Nobody')).describeStacks();
  expect(await errorOf(denied)).toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining('cloudformation:DescribeStacks'),
  });
});

describe('a service role', () => {
  test('creates what the caller may not, and also applies when the stack is deleted', async () => {
    const RoleARN = serviceRole('iam:CreateRole', 'iam:DeleteRole');
    const created = await create(callerWith('iam:PassRole'), Made, { RoleARN });
    expect(created).toEqual({ ...CREATED, roleArn: RoleARN });
    const { StackId = '' } = await stacks.describe('s');
    const deleter = userWith(account, 'Deletes', allow('cloudformation:*'));
    await cloudFormationAs(deleter).deleteStack({ StackName: 's' });
    await expect(outcome(StackId)).resolves.toMatchObject({ status: 'DELETE_COMPLETE' });
    expect(account.roles.get('made')).toBeUndefined();
  });

  test('that may not create a resource fails the stack, even if the caller may', async () => {
    const stack = await create(administrator, Made, { RoleARN: serviceRole() });
    expect(stack).toMatchObject({
      status: 'ROLLBACK_COMPLETE',
      reason: expect.stringMatching(
        /User: arn:aws:sts::111122223333:assumed-role\/service\/\w+ is not authorized to perform: iam:CreateRole/,
      ),
    });
  });

  test('must trust CloudFormation', async () => {
    const RoleARN = 'arn:aws:iam::111122223333:role/missing';
    expect(await errorOf(create(administrator, Made, { RoleARN }))).toMatchObject({
      name: 'ValidationError',
      message: `Role ${RoleARN} is invalid or cannot be assumed`,
    });
  });

  test('must be passed by a caller who may pass it', async () => {
    const RoleARN = serviceRole('iam:*');
    const refused = create(callerWith('iam:CreateRole'), Made, { RoleARN });
    expect(await errorOf(refused)).toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('iam:PassRole'),
    });
  });
});

test('an update calls only for differences, and a managed policy gets a new version', async () => {
  const Managed = (document: object) => ({
    Type: 'AWS::IAM::ManagedPolicy',
    Properties: { ManagedPolicyName: 'Managed', PolicyDocument: document },
  });
  const Role = role('made', { Tags: [{ Key: 'a', Value: 'b' }] });
  await create(administrator, { Role, Managed: Managed(READ) });
  const NoList = policy(deny('ecs:ListAccountSettings'));
  const Changed = role('made', { Description: 'New', Tags: [{ Key: 'c', Value: 'd' }] });
  const TemplateBody = template({ Role: Changed, Managed: Managed(NoList) });
  const caller = callerWith('iam:UpdateRole', 'iam:TagRole', 'iam:UntagRole', 'iam:CreatePolicyVersion');
  await cloudFormationAs(caller).updateStack({ StackName: 's', TemplateBody, ...NAMED_IAM });
  await expect(outcome()).resolves.toMatchObject({ status: 'UPDATE_COMPLETE' });
  expect(account.roles.get('made')).toMatchObject({ description: 'New', tags: { c: 'd' } });
  const PolicyArn = 'arn:aws:iam::111122223333:policy/Managed';
  const { iam } = clients(account, administrator);
  const { Policy } = await iam.getPolicy({ PolicyArn });
  expect(Policy).toMatchObject({ PolicyName: 'Managed', DefaultVersionId: 'v2', AttachmentCount: 0 });
  expect(account.roles.managedPolicies.get(PolicyArn)?.document).toEqual(NoList);
});

test('a rollback that its caller may not make can be continued by another caller', async () => {
  await create(administrator, Made);
  const ManagedPolicyArns = ['arn:aws:iam::111122223333:policy/missing'];
  const TemplateBody = template({ Role: role('made', { Description: 'New', ManagedPolicyArns }) });
  const caller = cloudFormationAs(callerWith('iam:UpdateRole'));
  await caller.updateStack({ StackName: 's', TemplateBody, ...NAMED_IAM });
  await expect(outcome()).resolves.toMatchObject({ status: 'UPDATE_ROLLBACK_FAILED' });
  await stacks.api.continueUpdateRollback({ StackName: 's' });
  await expect(outcome()).resolves.toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
  expect(account.roles.get('made')).toMatchObject({ description: '' });
});

test('a role with tags requires iam:TagRole as well', async () => {
  const caller = callerWith('iam:CreateRole', 'iam:DeleteRole');
  const tagged = await create(caller, { Role: role('made', { Tags: [{ Key: 'team', Value: 'storage' }] }) });
  expect(tagged).toMatchObject({
    status: 'ROLLBACK_COMPLETE',
    reason: expect.stringContaining('is not authorized to perform: iam:TagRole'),
  });
  expect(account.roles.get('made')).toBeUndefined();
});

test('a bucket that exists fails the stack, and the rollback keeps it', async () => {
  account.buckets.create('theirs');
  const Bucket = { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'theirs' } };
  expect((await create(administrator, { Bucket })).status).toBe('ROLLBACK_COMPLETE');
  expect([...account.buckets.objects('theirs')]).toEqual([]);
});

describe('a permission for one stack', () => {
  const only = () => {
    const Resource = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/mine/*';
    return cloudFormationAs(userWith(account, 'Only', allow('cloudformation:*', { Resource })));
  };
  const TemplateBody = template({ Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' } });

  test('allows this stack, by its name and by its ID', async () => {
    const cloudformation = only();
    const { StackId = '' } = await cloudformation.createStack({ StackName: 'mine', TemplateBody });
    for (const StackName of ['mine', StackId]) {
      await expect(cloudformation.describeStacks({ StackName })).resolves.toBeDefined();
    }
    const { PhysicalResourceId } = account.cloudFormation('eu-west-1').stacks.get('mine').events.at(-2) ?? {};
    await expect(cloudformation.describeStackResources({ PhysicalResourceId })).resolves.toBeDefined();
    await expect(cloudformation.deleteStack({ StackName: StackId })).resolves.toBeDefined();
  });

  test('allows no other stack, whether it exists or not', async () => {
    const cloudformation = only();
    const other = { StackName: 's', TemplateBody };
    const resource = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/s/*';
    expect(await errorOf(cloudformation.createStack(other))).toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(`on resource: ${resource}`),
    });
    const { StackId = '' } = await stacks.api.createStack(other);
    const review = {
      StackName: 'other',
      ChangeSetName: 'it',
      ChangeSetType: 'CREATE' as const,
      TemplateBody,
    };
    const { Id: ChangeSetName } = await stacks.api.createChangeSet(review);
    const { PhysicalResourceId } = account.cloudFormation('eu-west-1').stacks.get('s').events.at(-2) ?? {};
    for (const denied of [
      cloudformation.describeStacks({}),
      cloudformation.describeStacks({ StackName: StackId }),
      cloudformation.deleteStack({ StackName: 's' }),
      cloudformation.describeStackResources({ PhysicalResourceId }),
      cloudformation.executeChangeSet({ ChangeSetName }),
      cloudformation.describeStacks({ StackName: StackId.replace(/stack\/s\/.*/, 'stack/x/y') }),
    ]) {
      expect(await errorOf(denied)).toMatchObject({ name: 'AccessDenied', status: 403 });
    }
    const StackName = 'mine';
    await cloudformation.createStack({ StackName, TemplateBody });
    const executing = cloudformation.executeChangeSet({ StackName, ChangeSetName });
    expect(await errorOf(executing)).toMatchObject({ name: 'ChangeSetNotFoundException' });
    const both = cloudformation.describeStackResources({ StackName, PhysicalResourceId });
    expect(await errorOf(both)).toMatchObject({ name: 'ValidationError' });
  });
});

test('an error of the local account is not an answer of CloudFormation', async () => {
  const unreadable = { Version: '2012-10-17', Statement: 'nothing' };
  const RoleARN = account.roles.create({ name: 'service', assumeRolePolicyDocument: unreadable }).arn;
  const shown = jest.spyOn(console, 'error').mockImplementation(() => {});
  const creating = create(administrator, Made, { RoleARN });
  expect(await errorOf(creating)).toMatchObject({ status: 500 });
  expect(shown).toHaveBeenCalledWith('local account:', expect.any(Error));
  shown.mockRestore();
});

test.each([
  ['to register types', [], 'cloudformation:RegisterType'],
  ['to pass the execution role', ['cloudformation:*'], 'iam:PassRole'],
])('a type in a template requires the permission %s', async (_, actions, denied) => {
  const Properties = {
    TypeName: 'Initech::Memory::Note',
    SchemaHandlerPackage: 's3://packages/note.zip',
    ExecutionRoleArn: account.functionRoleArn,
  };
  const RoleARN = serviceRole(...actions);
  const Type = { Type: 'AWS::CloudFormation::ResourceVersion', Properties };
  expect(await create(administrator, { Type }, { RoleARN })).toMatchObject({
    status: 'ROLLBACK_COMPLETE',
    reason: expect.stringContaining(`is not authorized to perform: ${denied}`),
  });
});

test('a template in Amazon S3 requires s3:GetObject', async () => {
  account.buckets.create('templates');
  account.buckets.put('templates', 'own.json', Buffer.from(template(Made)));
  const caller = cloudFormationAs(callerWith('iam:*'));
  const TemplateURL = 'https://templates.s3.eu-west-1.amazonaws.com/own.json';
  const denied = caller.createStack({ StackName: 's', TemplateURL });
  expect(await errorOf(denied)).toMatchObject({ message: 'S3 error: Access Denied' });
});
