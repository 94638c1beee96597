import {
  ContinueUpdateRollbackCommand,
  CreateChangeSetCommand,
  CreateStackCommand,
  type CreateStackCommandInput,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { GetPolicyCommand } from '@aws-sdk/client-iam';
import { LocalAccount } from '../src/account';
import type { NamedPolicy } from '../src/services/iam/documents';
import type { Credentials } from '../src/services/sts/store';
import { clients, errorOf, policy, role, template, trustService } from './support';

/* Whose permissions apply to a stack's resources: the caller's, or the service role's. */

let account: LocalAccount;
let administrator: Credentials;

beforeEach(async () => {
  account = await LocalAccount.start();
  administrator = account.administrator();
});
afterEach(() => account.close());

const READ = policy({ Effect: 'Allow', Action: 'ecs:ListAccountSettings', Resource: '*' });
const allow = (...Action: string[]) => [
  {
    name: 'Own',
    document: policy({ Effect: 'Allow', Action: ['cloudformation:*', ...Action], Resource: '*' }),
  },
];

/** Creates the stack `s` to its end. @returns Its status, and what its first failure says. */
async function create(caller: Credentials, Resources: object, more: Partial<CreateStackCommandInput> = {}) {
  const TemplateBody = template(Resources);
  const { cloudformation } = clients(account, caller);
  const Capabilities = ['CAPABILITY_NAMED_IAM' as const];
  await cloudformation.send(new CreateStackCommand({ StackName: 's', TemplateBody, Capabilities, ...more }));
  return outcome();
}

async function outcome(StackName = 's') {
  const { cloudformation } = clients(account, administrator);
  const { Stacks } = await cloudformation.send(new DescribeStacksCommand({ StackName }));
  const { StackEvents = [] } = await cloudformation.send(new DescribeStackEventsCommand({ StackName }));
  const failure = StackEvents.findLast(({ ResourceStatus }) => ResourceStatus?.endsWith('_FAILED'));
  const reason = failure && `${failure.LogicalResourceId}: ${failure.ResourceStatusReason}`;
  return { status: Stacks?.[0]?.StackStatus, reason, roleArn: Stacks?.[0]?.RoleARN };
}

const serviceRole = (...actions: string[]) => serviceRoleWith(allow(...actions));
const serviceRoleWith = (inlinePolicies: NamedPolicy[]) =>
  account.roles.create({
    name: 'service',
    assumeRolePolicyDocument: trustService('cloudformation.amazonaws.com'),
    inlinePolicies,
  }).arn;

test('a stack of a caller without permission fails with IAM’s message, and is rolled back', async () => {
  const { status, reason } = await create(account.createUser('Nobody', allow()), { Role: role('made') });
  expect(status).toBe('ROLLBACK_COMPLETE');
  expect(reason).toMatch(
    /^Role: Resource handler returned message: "User: arn:aws:iam::111122223333:user\/Nobody is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::111122223333:role\/made because no identity-based policy allows the iam:CreateRole action \(Service: Iam, Status Code: 403, Request ID: \S+\)" \(RequestToken: \S+, HandlerErrorCode: AccessDenied\)$/,
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
  const Policies = [{ PolicyName: 'Read', PolicyDocument: READ }];
  const ManagedPolicyArns = ['arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role'];
  const properties = allowed.includes('iam:AttachRolePolicy')
    ? { Policies, ManagedPolicyArns }
    : { Policies };
  const half = await create(account.createUser('Half', allow(...allowed)), {
    Role: role('made', properties),
  });
  expect(half).toMatchObject({
    status: 'ROLLBACK_COMPLETE',
    reason: expect.stringContaining(`is not authorized to perform: ${denied} on resource: role made`),
  });
  expect(account.roles.get('made')).toBeUndefined();
});

test('what the caller may not remove remains, and the rollback fails', async () => {
  const Policies = [{ PolicyName: 'Read', PolicyDocument: READ }];
  const half = await create(account.createUser('Half', allow('iam:CreateRole')), {
    Role: role('made', { Policies }),
  });
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
  const caller = account.createUser('Half', allow('iam:*Role', 'iam:*InstanceProfile'));
  account.roles.create({ name: 'first', assumeRolePolicyDocument: trustService('ec2.amazonaws.com') });
  const deny = { Effect: 'Deny', Action: 'iam:PassRole', Resource: '*' };
  const denied = account.createUser('Denied', [...allow('iam:*'), { name: 'Deny', document: policy(deny) }]);
  const Profile = { Type: 'AWS::IAM::InstanceProfile', Properties: { Roles: ['first'] } };
  expect(await create(denied, { Profile })).toMatchObject({
    status: 'ROLLBACK_COMPLETE',
    reason: expect.stringMatching(/iam:PassRole on resource: .* with an explicit deny/),
  });
  expect(account.instanceProfiles.size).toBe(0);
  await clients(account, administrator).cloudformation.send(new DeleteStackCommand({ StackName: 's' }));
  await expect(create(caller, { Profile })).resolves.toMatchObject({ status: 'CREATE_COMPLETE' });
});

test('a permission can be limited to calls through CloudFormation', async () => {
  const Condition = { 'ForAnyValue:StringEquals': { 'aws:CalledVia': 'cloudformation.amazonaws.com' } };
  const statement = { Effect: 'Allow', Action: 'iam:CreateRole', Resource: '*', Condition };
  const caller = account.createUser('Via', [...allow(), { name: 'Via', document: policy(statement) }]);
  await expect(create(caller, { Role: role('made') })).resolves.toMatchObject({ status: 'CREATE_COMPLETE' });
});

describe('a service role', () => {
  test('creates what the caller may not, and also applies when the stack is deleted', async () => {
    const RoleARN = serviceRole('iam:CreateRole', 'iam:DeleteRole');
    const caller = account.createUser('Passes', allow('iam:PassRole'));
    await expect(create(caller, { Role: role('made') }, { RoleARN })).resolves.toEqual({
      status: 'CREATE_COMPLETE',
      roleArn: RoleARN,
    });
    const deleter = account.createUser('Deletes', allow());
    await clients(account, deleter).cloudformation.send(new DeleteStackCommand({ StackName: 's' }));
    await expect(outcome(account.cloudFormation('eu-west-1').stacks.all[0]?.id)).resolves.toMatchObject({
      status: 'DELETE_COMPLETE',
    });
    expect(account.roles.get('made')).toBeUndefined();
  });

  test('that may not create a resource fails the stack, even if the caller may', async () => {
    const stack = await create(administrator, { Role: role('made') }, { RoleARN: serviceRole() });
    expect(stack).toMatchObject({
      status: 'ROLLBACK_COMPLETE',
      reason: expect.stringMatching(
        /User: arn:aws:sts::111122223333:assumed-role\/service\/\w+ is not authorized to perform: iam:CreateRole/,
      ),
    });
  });

  test('must be passed by a caller who may pass it', async () => {
    const RoleARN = serviceRole('iam:*');
    const refused = create(
      account.createUser('Passes', allow('iam:CreateRole')),
      { Role: role('made') },
      { RoleARN },
    );
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
  await create(administrator, {
    Role: role('made', { Tags: [{ Key: 'a', Value: 'b' }] }),
    Managed: Managed(READ),
  });
  const NoList = policy({ Effect: 'Deny', Action: 'ecs:ListAccountSettings', Resource: '*' });
  const changed = {
    Role: role('made', { Description: 'New', Tags: [{ Key: 'c', Value: 'd' }] }),
    Managed: Managed(NoList),
  };
  const caller = account.createUser(
    'Updates',
    allow('iam:UpdateRole', 'iam:TagRole', 'iam:UntagRole', 'iam:CreatePolicyVersion'),
  );
  await clients(account, caller).cloudformation.send(
    new UpdateStackCommand({
      StackName: 's',
      TemplateBody: template(changed),
      Capabilities: ['CAPABILITY_NAMED_IAM'],
    }),
  );
  await expect(outcome()).resolves.toMatchObject({ status: 'UPDATE_COMPLETE' });
  expect(account.roles.get('made')).toMatchObject({ description: 'New', tags: { c: 'd' } });
  const PolicyArn = 'arn:aws:iam::111122223333:policy/Managed';
  const { iam } = clients(account, administrator);
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
  expect(Policy).toMatchObject({ PolicyName: 'Managed', DefaultVersionId: 'v2', AttachmentCount: 0 });
  expect(account.roles.managedPolicies.get(PolicyArn)?.document).toEqual(NoList);
});

test('a rollback that its caller may not make can be continued by another caller', async () => {
  await create(administrator, { Role: role('made') });
  const ManagedPolicyArns = ['arn:aws:iam::111122223333:policy/missing'];
  const TemplateBody = template({ Role: role('made', { Description: 'New', ManagedPolicyArns }) });
  const update = { StackName: 's', TemplateBody, Capabilities: ['CAPABILITY_NAMED_IAM' as const] };
  const { cloudformation } = clients(account, account.createUser('Half', allow('iam:UpdateRole')));
  await cloudformation.send(new UpdateStackCommand(update));
  await expect(outcome()).resolves.toMatchObject({ status: 'UPDATE_ROLLBACK_FAILED' });
  const { cloudformation: again } = clients(account, administrator);
  await again.send(new ContinueUpdateRollbackCommand({ StackName: 's' }));
  await expect(outcome()).resolves.toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
  expect(account.roles.get('made')).toMatchObject({ description: '' });
});

test('a role with tags requires iam:TagRole as well', async () => {
  const caller = account.createUser('Half', allow('iam:CreateRole', 'iam:DeleteRole'));
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
    const statement = { Effect: 'Allow', Action: 'cloudformation:*', Resource };
    return account.createUser('Only', [{ name: 'Own', document: policy(statement) }]);
  };
  const body = template({ Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' } });

  test('allows this stack, by its name and by its ID', async () => {
    const { cloudformation } = clients(account, only());
    const mine = { StackName: 'mine', TemplateBody: body };
    const { StackId = '' } = await cloudformation.send(new CreateStackCommand(mine));
    for (const StackName of ['mine', StackId]) {
      await expect(cloudformation.send(new DescribeStacksCommand({ StackName }))).resolves.toBeDefined();
    }
    const { PhysicalResourceId } = account.cloudFormation('eu-west-1').stacks.get('mine').events.at(-2) ?? {};
    await expect(
      cloudformation.send(new DescribeStackResourcesCommand({ PhysicalResourceId })),
    ).resolves.toBeDefined();
    await expect(cloudformation.send(new DeleteStackCommand({ StackName: StackId }))).resolves.toBeDefined();
  });

  test('allows no other stack, whether it exists or not', async () => {
    const { cloudformation } = clients(account, only());
    const creating = new CreateStackCommand({ StackName: 's', TemplateBody: body });
    expect(await errorOf(cloudformation.send(creating))).toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(
        'on resource: arn:aws:cloudformation:eu-west-1:111122223333:stack/s/*',
      ),
    });
    const admin = clients(account, administrator).cloudformation;
    const { StackId = '' } = await admin.send(creating);
    const { Id: ChangeSetName } = await admin.send(
      new CreateChangeSetCommand({
        StackName: 'other',
        ChangeSetName: 'it',
        ChangeSetType: 'CREATE',
        TemplateBody: body,
      }),
    );
    const stack = { StackName: StackId };
    const { PhysicalResourceId } = account.cloudFormation('eu-west-1').stacks.get('s').events.at(-2) ?? {};
    for (const denied of [
      cloudformation.send(new DescribeStacksCommand({})),
      cloudformation.send(new DescribeStacksCommand(stack)),
      cloudformation.send(new DeleteStackCommand({ StackName: 's' })),
      cloudformation.send(new DescribeStackResourcesCommand({ PhysicalResourceId })),
      cloudformation.send(new ExecuteChangeSetCommand({ ChangeSetName })),
      cloudformation.send(
        new DescribeStacksCommand({ StackName: StackId.replace(/stack\/s\/.*/, 'stack/x/y') }),
      ),
    ]) {
      expect(await errorOf(denied)).toMatchObject({ name: 'AccessDenied', status: 403 });
    }
    const StackName = 'mine';
    await cloudformation.send(new CreateStackCommand({ StackName, TemplateBody: body }));
    const executing = cloudformation.send(new ExecuteChangeSetCommand({ StackName, ChangeSetName }));
    expect(await errorOf(executing)).toMatchObject({ name: 'ChangeSetNotFoundException' });
    const both = new DescribeStackResourcesCommand({ StackName, PhysicalResourceId });
    expect(await errorOf(cloudformation.send(both))).toMatchObject({ name: 'ValidationError' });
  });
});

test('an error of the local account is not an answer of CloudFormation', async () => {
  const unreadable = { Version: '2012-10-17', Statement: 'nothing' };
  const RoleARN = account.roles.create({ name: 'service', assumeRolePolicyDocument: unreadable }).arn;
  const shown = jest.spyOn(console, 'error').mockImplementation(() => {});
  const creating = create(administrator, { Role: role('made') }, { RoleARN });
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
  const document = policy({ Effect: 'Allow', Action: ['iam:GetRole', ...actions], Resource: '*' });
  const RoleARN = serviceRoleWith([{ name: 'Own', document }]);
  const Type = { Type: 'AWS::CloudFormation::ResourceVersion', Properties };
  expect(await create(administrator, { Type }, { RoleARN })).toMatchObject({
    status: 'ROLLBACK_COMPLETE',
    reason: expect.stringContaining(`is not authorized to perform: ${denied}`),
  });
});

test('a template in Amazon S3 requires s3:GetObject', async () => {
  account.buckets.create('templates');
  account.buckets.put('templates', 'own.json', Buffer.from(template({ Role: role('made') })));
  const { cloudformation } = clients(account, account.createUser('Nobody', allow('iam:*')));
  const TemplateURL = 'https://templates.s3.eu-west-1.amazonaws.com/own.json';
  const denied = cloudformation.send(new CreateStackCommand({ StackName: 's', TemplateURL }));
  expect(await errorOf(denied)).toMatchObject({ message: 'S3 error: Access Denied' });
});
