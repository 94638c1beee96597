import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeleteInstanceProfileCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetInstanceProfileCommand,
  GetPolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  type IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import { LocalAccount } from '../src/account';
import { clients, errorOf, policy, trustAccount } from './support';

const RoleName = 'Inst';
const EC2 = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
const TRUST = JSON.stringify(policy(EC2));
const LIST_CLUSTERS = { Effect: 'Allow', Action: 'ecs:ListClusters', Resource: '*' };
const ECS_FOR_EC2 = 'arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role';

let account: LocalAccount;
let iam: IAMClient;

beforeEach(async () => {
  account = await LocalAccount.start();
  iam = clients(account, account.administrator()).iam;
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: TRUST, Path: '/team/' }));
});
afterEach(() => account.close());

const trusting = (...statements: object[]) =>
  iam.send(
    new UpdateAssumeRolePolicyCommand({
      RoleName,
      PolicyDocument: JSON.stringify(policy(...(statements as Record<string, unknown>[]))),
    }),
  );
const putPolicy = (PolicyName: string, ...statements: Record<string, unknown>[]) =>
  iam.send(
    new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: JSON.stringify(policy(...statements)) }),
  );

describe('a role', () => {
  test('is returned as it was created, with its trust policy URL-encoded', async () => {
    const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
    expect(Role).toMatchObject({
      Arn: 'arn:aws:iam::111122223333:role/team/Inst',
      Path: '/team/',
      MaxSessionDuration: 3600,
      AssumeRolePolicyDocument: expect.stringMatching(/^%7B%22Version%22/),
    });
    expect(JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''))).toEqual(policy(EC2));
  });

  test('has a permissions boundary, from its creation or from later on, which GetRole returns and ListRoles does not', async () => {
    const boundary = async () => (await iam.send(new GetRoleCommand({ RoleName }))).Role?.PermissionsBoundary;
    expect(await boundary()).toBeUndefined();
    const PermissionsBoundary = ECS_FOR_EC2;
    await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }));
    expect(await boundary()).toEqual({
      PermissionsBoundaryType: 'Policy',
      PermissionsBoundaryArn: ECS_FOR_EC2,
    });
    const { Roles = [] } = await iam.send(new ListRolesCommand({ PathPrefix: '/team/' }));
    expect(Roles).toMatchObject([{ RoleName }]);
    expect(Roles[0]).not.toHaveProperty('PermissionsBoundary');
    await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName }));
    expect(await boundary()).toBeUndefined();
    const limited = { RoleName: 'Limited', AssumeRolePolicyDocument: TRUST, PermissionsBoundary };
    const { Role } = await iam.send(new CreateRoleCommand(limited));
    expect(Role?.PermissionsBoundary).toMatchObject({ PermissionsBoundaryArn: ECS_FOR_EC2 });
  });

  test('cannot be limited by a policy that does not exist, nor lose a policy that limits it', async () => {
    const missing = { RoleName, PermissionsBoundary: 'arn:aws:iam::111122223333:policy/Missing' };
    expect(await errorOf(iam.send(new PutRolePermissionsBoundaryCommand(missing)))).toMatchObject({
      name: 'NoSuchEntityException',
    });
    const PolicyDocument = JSON.stringify(policy(LIST_CLUSTERS));
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'Limit', PolicyDocument }));
    const PolicyArn = Policy?.Arn ?? '';
    await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: PolicyArn }));
    const used = await iam.send(new GetPolicyCommand({ PolicyArn }));
    expect(used.Policy).toMatchObject({ AttachmentCount: 0, PermissionsBoundaryUsageCount: 1 });
    expect(await errorOf(iam.send(new DeletePolicyCommand({ PolicyArn })))).toMatchObject({
      name: 'DeleteConflictException',
    });
  });

  test('with a name that is in use, in upper or lower case, is refused', async () => {
    const again = iam.send(new CreateRoleCommand({ RoleName: 'INST', AssumeRolePolicyDocument: TRUST }));
    expect(await errorOf(again)).toMatchObject({ name: 'EntityAlreadyExistsException', status: 409 });
  });

  test.each([
    ['a space', 'a b'],
    ['65 characters', 'x'.repeat(65)],
  ])('with %s in its name is refused', async (_, name) => {
    const refused = iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: TRUST }));
    expect(await errorOf(refused)).toMatchObject({ name: 'ValidationError', status: 400 });
  });

  test('that does not exist is reported as NoSuchEntity', async () => {
    const missing = iam.send(new UpdateRoleCommand({ RoleName: 'Missing' }));
    expect(await errorOf(missing)).toEqual({
      name: 'NoSuchEntityException',
      status: 404,
      message: 'The role with name Missing cannot be found.',
    });
  });

  test('cannot be changed by a caller without permission', async () => {
    const nobody = clients(account, account.createUser('Nobody')).iam;
    const denied = nobody.send(new DeleteRoleCommand({ RoleName }));
    expect(await errorOf(denied)).toMatchObject({ name: 'AccessDenied', status: 403 });
    expect(account.roles.get(RoleName)).toBeDefined();
  });

  test('keeps its description and the length of its sessions if UpdateRole has neither', async () => {
    await iam.send(new UpdateRoleCommand({ RoleName, Description: 'Mine', MaxSessionDuration: 7200 }));
    expect(account.roles.get(RoleName)).toMatchObject({ description: 'Mine', maxSessionDuration: 7200 });
    await iam.send(new UpdateRoleCommand({ RoleName }));
    expect(account.roles.get(RoleName)).toMatchObject({ description: 'Mine', maxSessionDuration: 7200 });
  });

  test('is deleted only after its policies and without an instance profile', async () => {
    const remove = () => iam.send(new DeleteRoleCommand({ RoleName }));
    const InstanceProfileName = 'Profile';
    await putPolicy('Inline', LIST_CLUSTERS);
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: ECS_FOR_EC2 }));
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
    await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }));
    const conflict = { name: 'DeleteConflictException', status: 409 };
    expect(await errorOf(remove())).toMatchObject({
      ...conflict,
      message: expect.stringMatching(/instance profile/),
    });
    await iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }));
    expect(await errorOf(remove())).toMatchObject({
      ...conflict,
      message: expect.stringMatching(/detach all policies/),
    });
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: ECS_FOR_EC2 }));
    expect(await errorOf(remove())).toMatchObject({
      ...conflict,
      message: expect.stringMatching(/delete policies/),
    });
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'Inline' }));
    await remove();
    expect(account.roles.get(RoleName)).toBeUndefined();
  });

  test('that a service owns cannot be changed', async () => {
    account.roles.create({
      name: 'AWSServiceRoleForECS',
      path: '/aws-service-role/ecs.amazonaws.com/',
      assumeRolePolicyDocument: policy(EC2),
    });
    const refused = iam.send(new DeleteRoleCommand({ RoleName: 'AWSServiceRoleForECS' }));
    expect(await errorOf(refused)).toMatchObject({ name: 'UnmodifiableEntityException', status: 400 });
  });
});

describe('a trust policy', () => {
  test.each([
    ['a Resource', [{ ...EC2, Resource: '*' }], 'Has prohibited field Resource'],
    ['no principal', [{ Effect: 'Allow', Action: 'sts:AssumeRole' }], 'Missing required field Principal'],
    ['another service’s action', [{ ...EC2, Action: 's3:GetObject' }], /only specify STS AssumeRole actions/],
    ['a service that is not one', [{ ...EC2, Principal: { Service: 'ec2' } }], /"SERVICE":"ec2"/],
    [
      'a role that does not exist',
      [{ ...EC2, Principal: { AWS: 'arn:aws:iam::111122223333:role/Missing' } }],
      'Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:role/Missing"',
    ],
    ['the ID of a deleted role', [{ ...EC2, Principal: { AWS: 'AROAABCDEFGHIJKLMNOPQ' } }], /"AWS":"AROAABC/],
    ['an effect that is not one', [{ ...EC2, Effect: 'Maybe' }], /Syntax errors in policy/],
  ])('with %s is malformed', async (_, statements, message) => {
    expect(await errorOf(trusting(...statements))).toMatchObject({
      name: 'MalformedPolicyDocumentException',
      status: 400,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
    expect(account.roles.get(RoleName)?.assumeRolePolicyDocument).toEqual(policy(EC2));
  });

  test('that is not JSON is malformed', async () => {
    const broken = iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: '{' }));
    expect(await errorOf(broken)).toMatchObject({ message: 'This policy contains invalid Json' });
  });

  test('can trust existing roles, users, services and other accounts', async () => {
    const roleArn = account.roles.create({
      name: 'Other',
      assumeRolePolicyDocument: trustAccount(account),
    }).arn;
    account.createUser('User');
    const AWS = [roleArn, 'arn:aws:iam::111122223333:user/User', '444455556666', account.rootArn];
    await trusting(EC2, { ...EC2, Principal: { AWS } }, { ...EC2, Principal: '*' });
    expect(account.roles.get(RoleName)?.assumeRolePolicyDocument.Statement).toHaveLength(3);
  });

  test('keeps the ARN of a deleted role, except as a principal', async () => {
    const arn = account.roles.create({
      name: 'Other',
      assumeRolePolicyDocument: trustAccount(account),
    }).arn;
    const Condition = { ArnEquals: { 'aws:PrincipalArn': arn } };
    await trusting({ ...EC2, Principal: { AWS: [arn, account.rootArn] }, Condition });
    await iam.send(new DeleteRoleCommand({ RoleName: 'Other' }));
    expect(account.roles.get(RoleName)?.assumeRolePolicyDocument.Statement).toMatchObject([
      { Principal: { AWS: [expect.stringMatching(/^AROA/), account.rootArn] }, Condition },
    ]);
  });

  test('has at most 2048 characters, white space not counted', async () => {
    const sized = (count: number) => ({
      ...EC2,
      Condition: { StringEquals: { 'aws:SourceAccount': `${'x'.repeat(count)}${' '.repeat(500)}` } },
    });
    const empty = JSON.stringify(policy(sized(0))).replaceAll(/\s/g, '').length;
    await trusting(sized(2048 - empty));
    expect(await errorOf(trusting(sized(2049 - empty)))).toEqual({
      name: 'LimitExceededException',
      status: 409,
      message: 'Cannot exceed quota for ACLSizePerRole: 2048',
    });
  });
});

describe('inline policies', () => {
  test('are listed, returned URL-encoded, replaced and deleted', async () => {
    await putPolicy('B', LIST_CLUSTERS);
    await putPolicy('A', LIST_CLUSTERS);
    await putPolicy('A', { ...LIST_CLUSTERS, Effect: 'Deny' });
    const first = await iam.send(new ListRolePoliciesCommand({ RoleName, MaxItems: 1 }));
    expect(first).toMatchObject({ PolicyNames: ['A'], IsTruncated: true });
    const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'A' }));
    expect(JSON.parse(decodeURIComponent(PolicyDocument))).toEqual(
      policy({ ...LIST_CLUSTERS, Effect: 'Deny' }),
    );
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'A' }));
    expect((await iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames).toEqual(['B']);
    const missing = iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'A' }));
    expect(await errorOf(missing)).toMatchObject({ name: 'NoSuchEntityException', status: 404 });
  });

  test.each([
    ['a principal', { ...LIST_CLUSTERS, Principal: '*' }, 'Policy document should not specify a principal.'],
    ['no resource', { Effect: 'Allow', Action: 'ecs:*' }, 'Policy statement must contain resources.'],
    ['no action', { Effect: 'Allow', Resource: '*' }, 'Policy statement must contain actions.'],
  ])('with %s are malformed', async (_, statement, message) => {
    const refused = await errorOf(putPolicy('Bad', statement));
    expect(refused).toEqual({ name: 'MalformedPolicyDocumentException', status: 400, message });
  });

  test('of a role have at most 10,240 characters together', async () => {
    const sized = (count: number) => ({
      ...LIST_CLUSTERS,
      Resource: Array.from(
        { length: count },
        (_, index) => `arn:aws:ecs:*:*:cluster/${index}-${'x'.repeat(150)}`,
      ),
    });
    await putPolicy('First', sized(40));
    expect(await errorOf(putPolicy('Second', sized(40)))).toEqual({
      name: 'LimitExceededException',
      status: 409,
      message: 'Maximum policy size of 10240 bytes exceeded for role Inst',
    });
    await putPolicy('First', sized(45));
  });
});

test('managed policies are attached once, listed and detached', async () => {
  const attach = (PolicyArn: string) => iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
  const attached = async () =>
    (await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))).AttachedPolicies;
  await attach(ECS_FOR_EC2);
  await attach(ECS_FOR_EC2);
  expect(await attached()).toEqual([
    { PolicyName: 'AmazonEC2ContainerServiceforEC2Role', PolicyArn: ECS_FOR_EC2 },
  ]);
  expect(await errorOf(attach('arn:aws:iam::aws:policy/Missing'))).toMatchObject({
    name: 'NoSuchEntityException',
    message: 'Policy arn:aws:iam::aws:policy/Missing does not exist or is not attachable.',
  });
  const detach = () => iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: ECS_FOR_EC2 }));
  await detach();
  expect(await attached()).toEqual([]);
  expect(await errorOf(detach())).toMatchObject({ name: 'NoSuchEntityException' });
});

describe('tags', () => {
  const tag = (...Tags: { Key: string; Value: string }[]) => iam.send(new TagRoleCommand({ RoleName, Tags }));
  const numbered = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => ({ Key: `key-${from + index}`, Value: 'x' }));

  test('are added, replaced without regard to case, shown and removed', async () => {
    await tag({ Key: 'team', Value: 'blue' }, { Key: 'a', Value: 'b' });
    await tag({ Key: 'Team', Value: 'red' });
    const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
    expect(Role?.Tags).toEqual([
      { Key: 'Team', Value: 'red' },
      { Key: 'a', Value: 'b' },
    ]);
    await iam.send(new UntagRoleCommand({ RoleName, TagKeys: ['team', 'missing'] }));
    expect(account.roles.get(RoleName)?.tags).toEqual({ a: 'b' });
  });

  test('can be none in a request, which then changes nothing', async () => {
    await tag({ Key: 'team', Value: 'blue' });
    await tag();
    await iam.send(new UntagRoleCommand({ RoleName, TagKeys: [] }));
    expect(account.roles.get(RoleName)?.tags).toEqual({ team: 'blue' });
  });

  test('are at most 50', async () => {
    await tag(...numbered(0, 50));
    expect(await errorOf(tag(...numbered(50, 51)))).toMatchObject({
      name: 'LimitExceededException',
      status: 409,
    });
    await tag(...numbered(49, 50));
  });

  test.each([
    [
      'the same key twice',
      [
        { Key: 'a', Value: '1' },
        { Key: 'A', Value: '2' },
      ],
      'InvalidInputException',
    ],
    ['a key that is not valid', [{ Key: '<a>', Value: '1' }], 'ValidationError'],
  ])('with %s are refused', async (_, tags, name) => {
    expect(await errorOf(tag(...tags))).toMatchObject({ name, status: 400 });
  });

  test('of a request can be a condition', async () => {
    const onlyTeam = { 'ForAllValues:StringEquals': { 'aws:TagKeys': 'team' } };
    const statement = { Effect: 'Allow', Action: 'iam:TagRole', Resource: '*', Condition: onlyTeam };
    const user = account.createUser('Tagger', [{ name: 'Tag', document: policy(statement) }]);
    const tagAs = (Key: string) =>
      clients(account, user).iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key, Value: 'x' }] }));
    await tagAs('team');
    expect(await errorOf(tagAs('other'))).toMatchObject({ name: 'AccessDenied' });
  });
});

describe('an instance profile', () => {
  const InstanceProfileName = 'Profile';
  const add = (name = RoleName) =>
    iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName: name }));
  beforeEach(() => iam.send(new CreateInstanceProfileCommand({ InstanceProfileName })));

  test('shows its role', async () => {
    await add();
    const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName }));
    expect(InstanceProfile).toMatchObject({
      Arn: 'arn:aws:iam::111122223333:instance-profile/Profile',
      Roles: [{ RoleName, Arn: 'arn:aws:iam::111122223333:role/team/Inst' }],
    });
  });

  test('has one role, and is deleted only without it', async () => {
    await add();
    expect(await errorOf(add())).toMatchObject({ name: 'LimitExceededException', status: 409 });
    const remove = () => iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName }));
    expect(await errorOf(remove())).toMatchObject({ name: 'DeleteConflictException', status: 409 });
    await iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }));
    await remove();
    expect(await errorOf(remove())).toMatchObject({ name: 'NoSuchEntityException', status: 404 });
  });

  test('with a name that is in use, or a role that does not exist, is refused', async () => {
    const again = iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
    expect(await errorOf(again)).toMatchObject({ name: 'EntityAlreadyExistsException', status: 409 });
    expect(await errorOf(add('Missing'))).toMatchObject({ name: 'NoSuchEntityException' });
  });

  test('requires iam:PassRole for its role', async () => {
    const statement = { Effect: 'Allow', Action: 'iam:AddRoleToInstanceProfile', Resource: '*' };
    const user = account.createUser('Adder', [{ name: 'Add', document: policy(statement) }]);
    const denied = clients(account, user).iam.send(
      new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }),
    );
    expect(await errorOf(denied)).toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('iam:PassRole'),
    });
  });
});
