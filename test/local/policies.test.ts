import {
  DeleteAccountSettingCommand,
  ListAccountSettingsCommand,
  ListClustersCommand,
  PutAccountSettingCommand,
} from '@aws-sdk/client-ecs';
import { GetRoleCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import { LocalAccount } from '../../local/account';
import type { Credentials } from '../../local/services/sts/store';
import {
  ALLOW_ALL,
  assume,
  clients,
  cloudFormation,
  errorOf,
  policy,
  REGION,
  ROLES_TEMPLATE,
  trustAccount,
} from './support';

const PUT = new PutAccountSettingCommand({ name: 'awsvpcTrunking', value: 'enabled' });
const LIST = new ListAccountSettingsCommand({ name: 'awsvpcTrunking' });
const SERVICE = 'resources.cloudformation.amazonaws.com';

let account: LocalAccount;
let handlerRoleArn: string;
let instanceRoleArn: string;

beforeAll(async () => {
  account = await LocalAccount.start();
  const { outputs } = await cloudFormation(account, account.functions as never).deploy(
    'roles',
    ROLES_TEMPLATE,
  );
  handlerRoleArn = outputs.HandlerRoleArn as string;
  instanceRoleArn = outputs.InstanceRoleArn as string;
});

afterAll(() => account.close());

const source = (accountId: string, type = 'Custom-Ecs-RoleTrunking') => ({
  sourceAccount: accountId,
  sourceArn: `arn:aws:cloudformation:${REGION}:${accountId}:type/resource/${type}/00000001`,
});
const asHandler = () => account.assumeAsService(SERVICE, handlerRoleArn, source(account.accountId));

describe('the sample stack’s trust policies', () => {
  test('let CloudFormation assume the handler role for this account and type', async () => {
    await expect(asHandler()).resolves.toHaveProperty('sessionToken');
  });

  test.each([
    ['another account’s type', source('444455556666')],
    ['another type of this account', source('111122223333', 'Other-Some-Type')],
    ['nobody in particular', {}],
  ])('deny CloudFormation that acts for %s the handler role', async (_, options) => {
    await expect(account.assumeAsService(SERVICE, handlerRoleArn, options)).rejects.toMatchObject({
      code: 'AccessDenied',
    });
  });

  test('let EC2, and no other service, assume the instance role', async () => {
    await expect(account.assumeAsService('ec2.amazonaws.com', instanceRoleArn)).resolves.toBeDefined();
    await expect(account.assumeAsService('ecs.amazonaws.com', instanceRoleArn)).rejects.toMatchObject({
      code: 'AccessDenied',
    });
  });

  test('let the handler role assume the instance role under the agreed session name only', async () => {
    const handler = await asHandler();
    await expect(assume(account, handler, { RoleArn: instanceRoleArn })).resolves.toBeDefined();
    const other = assume(account, handler, { RoleArn: instanceRoleArn, RoleSessionName: 'Other' });
    const session = handlerRoleArn.slice(handlerRoleArn.lastIndexOf('/') + 1);
    expect(await errorOf(other)).toEqual({
      name: 'AccessDenied',
      status: 403,
      message:
        `User: arn:aws:sts::111122223333:assumed-role/${session}/resources is not authorized to perform: ` +
        `sts:AssumeRole on resource: ${instanceRoleArn}`,
    });
  });

  test('keep an administrator of the account out of the instance role', async () => {
    const stranger = assume(account, account.administrator(), { RoleArn: instanceRoleArn });
    expect(await errorOf(stranger)).toMatchObject({ name: 'AccessDenied', status: 403 });
  });
});

describe('the handler role', () => {
  test('may not assume a role without the tag that trusts the account', async () => {
    const { arn } = account.roles.create({
      name: 'Untagged',
      assumeRolePolicyDocument: trustAccount(account),
    });
    const handler = await asHandler();
    expect(await errorOf(assume(account, handler, { RoleArn: arn }))).toMatchObject({ name: 'AccessDenied' });
    account.roles.update('Untagged', { tags: { 'ecs-role-trunking': 'managed' } });
    await expect(assume(account, handler, { RoleArn: arn })).resolves.toBeDefined();
  });

  test('may find roles and nothing else', async () => {
    const { iam, ecs } = clients(account, await asHandler());
    await expect(iam.send(new GetRoleCommand({ RoleName: 'Untagged' }))).resolves.toBeDefined();
    await expect(iam.send(new ListRolesCommand({}))).resolves.toBeDefined();
    expect(await errorOf(ecs.send(PUT))).toMatchObject({ name: 'AccessDeniedException', status: 400 });
  });
});

describe('a session of the instance role', () => {
  const session = (name: string) => account.sessionFor(instanceRoleArn, name);

  test('of the handler puts, lists and deletes awsvpcTrunking', async () => {
    const { ecs } = clients(account, session('EcsRoleTrunking'));
    await ecs.send(PUT);
    expect((await ecs.send(LIST)).settings).toMatchObject([
      { value: 'enabled', principalArn: instanceRoleArn },
    ]);
    await ecs.send(new DeleteAccountSettingCommand({ name: 'awsvpcTrunking' }));
    expect((await ecs.send(LIST)).settings).toEqual([]);
  });

  test('of the handler puts no other setting', async () => {
    const { ecs } = clients(account, session('EcsRoleTrunking'));
    const other = ecs.send(new PutAccountSettingCommand({ name: 'containerInsights', value: 'enabled' }));
    const { name, message } = await errorOf(other);
    expect(name).toBe('AccessDeniedException');
    expect(message).toMatch(
      /^User: arn:aws:sts::111122223333:assumed-role\/roles-InstanceRole-\w+\/EcsRoleTrunking is not authorized to perform: ecs:PutAccountSetting on resource: \* because no identity-based policy allows the ecs:PutAccountSetting action$/,
    );
  });

  test('of an instance changes nothing', async () => {
    const { ecs } = clients(account, session('i-0123456789abcdef0'));
    expect(await errorOf(ecs.send(PUT))).toMatchObject({ name: 'AccessDeniedException' });
    expect(account.settings.entries()).toEqual([]);
  });

  test('is limited by its session policy as well', async () => {
    const sessionPolicy = policy({ Effect: 'Allow', Action: 'ecs:ListAccountSettings', Resource: '*' });
    const made = await assume(account, await asHandler(), {
      RoleArn: instanceRoleArn,
      Policy: JSON.stringify(sessionPolicy),
    });
    const { ecs } = clients(account, made);
    await expect(ecs.send(LIST)).resolves.toBeDefined();
    const { message } = await errorOf(ecs.send(PUT));
    expect(message).toMatch(/because no session policy allows the ecs:PutAccountSetting action$/);
  });

  test('is denied by its session policy, as the message says', async () => {
    const deny = policy(
      { Effect: 'Allow', Action: '*', Resource: '*' },
      { Effect: 'Deny', Action: 'ecs:PutAccountSetting', Resource: '*' },
    );
    const { ecs } = clients(account, account.sessionFor(instanceRoleArn, 'EcsRoleTrunking', deny));
    expect((await errorOf(ecs.send(PUT))).message).toMatch(/with an explicit deny in a session policy$/);
  });

  test('gets nothing from a session policy that its role does not have', async () => {
    const { document } = ALLOW_ALL;
    const { ecs } = clients(account, account.sessionFor(instanceRoleArn, 'i-0123456789abcdef0', document));
    expect((await errorOf(ecs.send(PUT))).message).toMatch(/no identity-based policy allows/);
  });

  test('is denied even what the local account does not support', async () => {
    const { ecs } = clients(account, session('EcsRoleTrunking'));
    expect(await errorOf(ecs.send(new ListClustersCommand({})))).toMatchObject({
      name: 'AccessDeniedException',
    });
    const allowed = clients(account, account.administrator()).ecs.send(new ListClustersCommand({}));
    expect(await errorOf(allowed)).toMatchObject({ name: 'UnknownOperationException' });
  });

  test('loses its permissions with its role, even when another role takes the name', async () => {
    const definition = {
      name: 'Replaced',
      assumeRolePolicyDocument: trustAccount(account),
      inlinePolicies: [ALLOW_ALL],
    };
    const { ecs } = clients(account, account.sessionFor(account.roles.create(definition).arn, 'Session'));
    await expect(ecs.send(LIST)).resolves.toBeDefined();
    account.roles.delete('Replaced');
    account.roles.create(definition);
    expect(await errorOf(ecs.send(LIST))).toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('IAM’s rules', () => {
  const roleTrusting = (roleName: string, principal: string) =>
    account.roles.create({
      name: roleName,
      assumeRolePolicyDocument: policy({
        Effect: 'Allow',
        Principal: { AWS: principal },
        Action: 'sts:AssumeRole',
      }),
    }).arn;
  const caller = (name: string, ...statements: Record<string, unknown>[]): Credentials =>
    account.createUser(name, [{ name: 'Own', document: policy(...statements) }]);

  test('a role that names a caller of the same account requires no policy of the caller', async () => {
    const arn = roleTrusting('NamesBob', 'arn:aws:iam::111122223333:user/Bob');
    await expect(assume(account, caller('Bob'), { RoleArn: arn })).resolves.toBeDefined();
    expect(await errorOf(assume(account, caller('Eve'), { RoleArn: arn }))).toMatchObject({
      name: 'AccessDenied',
    });
  });

  test('an explicit deny of the caller’s overrides a trust policy that names the caller', async () => {
    const arn = roleTrusting('NamesDan', 'arn:aws:iam::111122223333:user/Dan');
    const dan = caller('Dan', { Effect: 'Deny', Action: 'sts:AssumeRole', Resource: '*' });
    expect(await errorOf(assume(account, dan, { RoleArn: arn }))).toMatchObject({ name: 'AccessDenied' });
  });

  test('conditions support both forms of a role’s tags', async () => {
    const { arn } = account.roles.create({
      name: 'Tagged',
      assumeRolePolicyDocument: trustAccount(account),
      tags: { team: 'blue' },
    });
    for (const key of ['iam:ResourceTag/team', 'aws:ResourceTag/team']) {
      const may = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' };
      const blue = caller(`Blue ${key}`, { ...may, Condition: { StringEquals: { [key]: 'blue' } } });
      const red = caller(`Red ${key}`, { ...may, Condition: { StringEquals: { [key]: 'red' } } });
      await expect(assume(account, blue, { RoleArn: arn })).resolves.toBeDefined();
      expect(await errorOf(assume(account, red, { RoleArn: arn }))).toMatchObject({ name: 'AccessDenied' });
    }
  });

  test('a condition on the time is evaluated on each call', async () => {
    const until = Date.now() + 3_600_000;
    const { iam } = clients(
      account,
      caller('Temporary', {
        Effect: 'Allow',
        Action: 'iam:ListRoles',
        Resource: '*',
        Condition: { DateLessThan: { 'aws:CurrentTime': new Date(until).toISOString() } },
      }),
    );
    await expect(iam.send(new ListRolesCommand({}))).resolves.toBeDefined();
    const date = jest.spyOn(Date, 'now').mockReturnValue(until + 1000);
    expect(await errorOf(iam.send(new ListRolesCommand({})))).toMatchObject({ name: 'AccessDenied' });
    date.mockRestore();
  });

  test('a changed policy applies to existing sessions', async () => {
    const { arn } = account.roles.create({
      name: 'Changing',
      assumeRolePolicyDocument: trustAccount(account),
      inlinePolicies: [ALLOW_ALL],
    });
    const { ecs } = clients(account, account.sessionFor(arn, 'Session'));
    await expect(ecs.send(LIST)).resolves.toBeDefined();
    account.roles.update('Changing', { inlinePolicies: [] });
    expect(await errorOf(ecs.send(LIST))).toMatchObject({ name: 'AccessDeniedException' });
  });
});
