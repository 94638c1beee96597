import type { IAM } from '@aws-sdk/client-iam';
import type { LocalAccount } from '../src/account';
import { allow, clients, deny, errorOf, policy, start, trust, userWith } from './support';

const RoleName = 'Inst';
const EC2 = trust({ Service: 'ec2.amazonaws.com' });
const TRUST = JSON.stringify(policy(EC2));
const LIST_CLUSTERS = allow('ecs:ListClusters');
const ECS_FOR_EC2 = 'arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role';

let account: LocalAccount;
let iam: IAM;

beforeEach(async () => {
  ({ account, iam } = await start());
  await iam.createRole({ RoleName, AssumeRolePolicyDocument: TRUST, Path: '/team/' });
});
afterEach(() => account.close());

const trusting = (...statements: object[]) =>
  iam.updateAssumeRolePolicy({ RoleName, PolicyDocument: JSON.stringify(policy(...statements)) });
const putPolicy = (PolicyName: string, statement: object) =>
  iam.putRolePolicy({ RoleName, PolicyName, PolicyDocument: JSON.stringify(policy(statement)) });
const role = () => account.roles.get(RoleName);
/** The ARN of another role, which trusts EC2. */
const otherRole = () => account.roles.create({ name: 'Other', assumeRolePolicyDocument: policy(EC2) }).arn;
const NO_SUCH_ENTITY = { name: 'NoSuchEntityException' };

describe('a role', () => {
  test('is returned as it was created, with its trust policy URL-encoded', async () => {
    const { Role } = await iam.getRole({ RoleName });
    expect(Role).toMatchObject({
      Arn: 'arn:aws:iam::111122223333:role/team/Inst',
      Path: '/team/',
      MaxSessionDuration: 3600,
      AssumeRolePolicyDocument: expect.stringMatching(/^%7B%22Version%22/),
    });
    expect(JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''))).toEqual(policy(EC2));
  });

  test('has a permissions boundary, from its creation or from later on, which GetRole returns and ListRoles does not', async () => {
    const boundary = async () => (await iam.getRole({ RoleName })).Role?.PermissionsBoundary;
    expect(await boundary()).toBeUndefined();
    const PermissionsBoundary = ECS_FOR_EC2;
    await iam.putRolePermissionsBoundary({ RoleName, PermissionsBoundary });
    const shown = { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: ECS_FOR_EC2 };
    expect(await boundary()).toEqual(shown);
    const { Roles = [] } = await iam.listRoles({ PathPrefix: '/team/' });
    expect(Roles).toMatchObject([{ RoleName }]);
    expect(Roles[0]).not.toHaveProperty('PermissionsBoundary');
    await iam.deleteRolePermissionsBoundary({ RoleName });
    expect(await boundary()).toBeUndefined();
    const limited = { RoleName: 'Limited', AssumeRolePolicyDocument: TRUST, PermissionsBoundary };
    expect((await iam.createRole(limited)).Role?.PermissionsBoundary).toEqual(shown);
  });

  test('cannot be limited by a policy that does not exist, nor lose a policy that limits it', async () => {
    const bound = (PermissionsBoundary: string) =>
      iam.putRolePermissionsBoundary({ RoleName, PermissionsBoundary });
    const missing = await errorOf(bound('arn:aws:iam::111122223333:policy/Missing'));
    expect(missing).toMatchObject(NO_SUCH_ENTITY);
    const PolicyDocument = JSON.stringify(policy(LIST_CLUSTERS));
    const { Policy } = await iam.createPolicy({ PolicyName: 'Limit', PolicyDocument });
    const PolicyArn = Policy?.Arn ?? '';
    await bound(PolicyArn);
    const used = await iam.getPolicy({ PolicyArn });
    expect(used.Policy).toMatchObject({ AttachmentCount: 0, PermissionsBoundaryUsageCount: 1 });
    expect(await errorOf(iam.deletePolicy({ PolicyArn }))).toMatchObject({ name: 'DeleteConflictException' });
  });

  test('with a name that is in use, in upper or lower case, is refused', async () => {
    const again = iam.createRole({ RoleName: 'INST', AssumeRolePolicyDocument: TRUST });
    expect(await errorOf(again)).toMatchObject({ name: 'EntityAlreadyExistsException', status: 409 });
  });

  test.each([
    ['a space', 'a b'],
    ['65 characters', 'x'.repeat(65)],
  ])('with %s in its name is refused', async (_, name) => {
    const refused = iam.createRole({ RoleName: name, AssumeRolePolicyDocument: TRUST });
    expect(await errorOf(refused)).toMatchObject({ name: 'ValidationError', status: 400 });
  });

  test('that does not exist is reported as NoSuchEntity', async () => {
    const missing = iam.updateRole({ RoleName: 'Missing' });
    expect(await errorOf(missing)).toEqual({
      name: 'NoSuchEntityException',
      status: 404,
      message: 'The role with name Missing cannot be found.',
    });
  });

  test('cannot be changed by a caller without permission', async () => {
    const nobody = clients(account, account.createUser('Nobody')).iam;
    const denied = nobody.deleteRole({ RoleName });
    expect(await errorOf(denied)).toMatchObject({ name: 'AccessDenied', status: 403 });
    expect(role()).toBeDefined();
  });

  test('keeps its description and the length of its sessions if UpdateRole has neither', async () => {
    await iam.updateRole({ RoleName, Description: 'Mine', MaxSessionDuration: 7200 });
    expect(role()).toMatchObject({ description: 'Mine', maxSessionDuration: 7200 });
    await iam.updateRole({ RoleName });
    expect(role()).toMatchObject({ description: 'Mine', maxSessionDuration: 7200 });
  });

  test('is deleted only after its policies and without an instance profile', async () => {
    const remove = () => iam.deleteRole({ RoleName });
    const InstanceProfileName = 'Profile';
    await putPolicy('Inline', LIST_CLUSTERS);
    await iam.attachRolePolicy({ RoleName, PolicyArn: ECS_FOR_EC2 });
    await iam.createInstanceProfile({ InstanceProfileName });
    await iam.addRoleToInstanceProfile({ InstanceProfileName, RoleName });
    const expectConflict = async (message: RegExp) =>
      expect(await errorOf(remove())).toEqual({
        name: 'DeleteConflictException',
        status: 409,
        message: expect.stringMatching(message),
      });
    await expectConflict(/instance profile/);
    await iam.removeRoleFromInstanceProfile({ InstanceProfileName, RoleName });
    await expectConflict(/detach all policies/);
    await iam.detachRolePolicy({ RoleName, PolicyArn: ECS_FOR_EC2 });
    await expectConflict(/delete policies/);
    await iam.deleteRolePolicy({ RoleName, PolicyName: 'Inline' });
    await remove();
    expect(role()).toBeUndefined();
  });

  test('that a service owns cannot be changed', async () => {
    const [name, path] = ['AWSServiceRoleForECS', '/aws-service-role/ecs.amazonaws.com/'];
    account.roles.create({ name, path, assumeRolePolicyDocument: policy(EC2) });
    const refused = iam.deleteRole({ RoleName: name });
    expect(await errorOf(refused)).toMatchObject({ name: 'UnmodifiableEntityException', status: 400 });
  });
});

describe('a trust policy', () => {
  test.each([
    ['a Resource', { ...EC2, Resource: '*' }, 'Has prohibited field Resource'],
    ['no principal', { Effect: 'Allow', Action: 'sts:AssumeRole' }, 'Missing required field Principal'],
    ['another service’s action', { ...EC2, Action: 's3:GetObject' }, /only specify STS AssumeRole actions/],
    ['a service that is not one', trust({ Service: 'ec2' }), /"SERVICE":"ec2"/],
    [
      'a role that does not exist',
      trust({ AWS: 'arn:aws:iam::111122223333:role/Missing' }),
      'Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:role/Missing"',
    ],
    ['the ID of a deleted role', trust({ AWS: 'AROAABCDEFGHIJKLMNOPQ' }), /"AWS":"AROAABC/],
    ['an effect that is not one', { ...EC2, Effect: 'Maybe' }, /Syntax errors in policy/],
  ])('with %s is malformed', async (_, statement, message) => {
    expect(await errorOf(trusting(statement))).toMatchObject({
      name: 'MalformedPolicyDocumentException',
      status: 400,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
    expect(role()?.assumeRolePolicyDocument).toEqual(policy(EC2));
  });

  test('that is not JSON is malformed', async () => {
    const broken = iam.updateAssumeRolePolicy({ RoleName, PolicyDocument: '{' });
    expect(await errorOf(broken)).toMatchObject({ message: 'This policy contains invalid Json' });
  });

  test('can trust existing roles, users, services and other accounts', async () => {
    account.createUser('User');
    const AWS = [otherRole(), 'arn:aws:iam::111122223333:user/User', '444455556666', account.rootArn];
    await trusting(EC2, trust({ AWS }), trust('*'));
    expect(role()?.assumeRolePolicyDocument.Statement).toHaveLength(3);
  });

  test('keeps the ARN of a deleted role, except as a principal', async () => {
    const arn = otherRole();
    const Condition = { ArnEquals: { 'aws:PrincipalArn': arn } };
    await trusting(trust({ AWS: [arn, account.rootArn] }, { Condition }));
    await iam.deleteRole({ RoleName: 'Other' });
    expect(role()?.assumeRolePolicyDocument.Statement).toMatchObject([
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
    await putPolicy('A', deny('ecs:ListClusters'));
    const first = await iam.listRolePolicies({ RoleName, MaxItems: 1 });
    expect(first).toMatchObject({ PolicyNames: ['A'], IsTruncated: true });
    const { PolicyDocument = '' } = await iam.getRolePolicy({ RoleName, PolicyName: 'A' });
    expect(JSON.parse(decodeURIComponent(PolicyDocument))).toEqual(policy(deny('ecs:ListClusters')));
    await iam.deleteRolePolicy({ RoleName, PolicyName: 'A' });
    expect((await iam.listRolePolicies({ RoleName })).PolicyNames).toEqual(['B']);
    const missing = iam.getRolePolicy({ RoleName, PolicyName: 'A' });
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
    const named = (index: number) => `arn:aws:ecs:*:*:cluster/${index}-${'x'.repeat(150)}`;
    const sized = (length: number) =>
      allow('ecs:ListClusters', { Resource: Array.from({ length }, (_, index) => named(index)) });
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
  const attach = (PolicyArn: string) => iam.attachRolePolicy({ RoleName, PolicyArn });
  const attached = async () => (await iam.listAttachedRolePolicies({ RoleName })).AttachedPolicies;
  await attach(ECS_FOR_EC2);
  await attach(ECS_FOR_EC2);
  const only = { PolicyName: 'AmazonEC2ContainerServiceforEC2Role', PolicyArn: ECS_FOR_EC2 };
  expect(await attached()).toEqual([only]);
  expect(await errorOf(attach('arn:aws:iam::aws:policy/Missing'))).toMatchObject({
    ...NO_SUCH_ENTITY,
    message: 'Policy arn:aws:iam::aws:policy/Missing does not exist or is not attachable.',
  });
  const detach = () => iam.detachRolePolicy({ RoleName, PolicyArn: ECS_FOR_EC2 });
  await detach();
  expect(await attached()).toEqual([]);
  expect(await errorOf(detach())).toMatchObject({ name: 'NoSuchEntityException' });
});

describe('tags', () => {
  const tag = (tags: Record<string, string>) =>
    iam.tagRole({ RoleName, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) });
  const numbered = (from: number, to: number) =>
    tag(Object.fromEntries(Array.from({ length: to - from }, (_, index) => [`key-${from + index}`, 'x'])));

  test('are added, replaced without regard to case, shown and removed', async () => {
    await tag({ team: 'blue', a: 'b' });
    await tag({ Team: 'red' });
    const { Role } = await iam.getRole({ RoleName });
    expect(Role?.Tags).toEqual([
      { Key: 'Team', Value: 'red' },
      { Key: 'a', Value: 'b' },
    ]);
    await iam.untagRole({ RoleName, TagKeys: ['team', 'missing'] });
    expect(role()?.tags).toEqual({ a: 'b' });
  });

  test('can be none in a request, which then changes nothing', async () => {
    await tag({ team: 'blue' });
    await tag({});
    await iam.untagRole({ RoleName, TagKeys: [] });
    expect(role()?.tags).toEqual({ team: 'blue' });
  });

  test('are at most 50', async () => {
    await numbered(0, 50);
    const refused = await errorOf(numbered(50, 51));
    expect(refused).toMatchObject({ name: 'LimitExceededException', status: 409 });
    await numbered(49, 50);
  });

  test.each([
    ['the same key twice', { a: '1', A: '2' }, 'InvalidInputException'],
    ['a key that is not valid', { '<a>': '1' }, 'ValidationError'],
  ])('with %s are refused', async (_, tags, name) => {
    expect(await errorOf(tag(tags as Record<string, string>))).toMatchObject({ name, status: 400 });
  });

  test('of a request can be a condition', async () => {
    const Condition = { 'ForAllValues:StringEquals': { 'aws:TagKeys': 'team' } };
    const { iam: tagger } = clients(
      account,
      userWith(account, 'Tagger', allow('iam:TagRole', { Condition })),
    );
    const tagAs = (Key: string) => tagger.tagRole({ RoleName, Tags: [{ Key, Value: 'x' }] });
    await tagAs('team');
    expect(await errorOf(tagAs('other'))).toMatchObject({ name: 'AccessDenied' });
  });
});

describe('an instance profile', () => {
  const InstanceProfileName = 'Profile';
  const add = (name = RoleName) => iam.addRoleToInstanceProfile({ InstanceProfileName, RoleName: name });
  beforeEach(() => iam.createInstanceProfile({ InstanceProfileName }));

  test('shows its role', async () => {
    await add();
    const { InstanceProfile } = await iam.getInstanceProfile({ InstanceProfileName });
    expect(InstanceProfile).toMatchObject({
      Arn: 'arn:aws:iam::111122223333:instance-profile/Profile',
      Roles: [{ RoleName, Arn: 'arn:aws:iam::111122223333:role/team/Inst' }],
    });
  });

  test('has one role, and is deleted only without it', async () => {
    await add();
    expect(await errorOf(add())).toMatchObject({ name: 'LimitExceededException', status: 409 });
    const remove = () => iam.deleteInstanceProfile({ InstanceProfileName });
    expect(await errorOf(remove())).toMatchObject({ name: 'DeleteConflictException', status: 409 });
    await iam.removeRoleFromInstanceProfile({ InstanceProfileName, RoleName });
    await remove();
    expect(await errorOf(remove())).toMatchObject({ name: 'NoSuchEntityException', status: 404 });
  });

  test('with a name that is in use, or a role that does not exist, is refused', async () => {
    const again = iam.createInstanceProfile({ InstanceProfileName });
    expect(await errorOf(again)).toMatchObject({ name: 'EntityAlreadyExistsException', status: 409 });
    expect(await errorOf(add('Missing'))).toMatchObject({ name: 'NoSuchEntityException' });
  });

  test('requires iam:PassRole for its role', async () => {
    const user = userWith(account, 'Adder', allow('iam:AddRoleToInstanceProfile'));
    const denied = clients(account, user).iam.addRoleToInstanceProfile({ InstanceProfileName, RoleName });
    expect(await errorOf(denied)).toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('iam:PassRole'),
    });
  });
});
