import {
  DeleteAccountSettingCommand,
  ListAccountSettingsCommand,
  ListClustersCommand,
  PutAccountSettingCommand,
} from '@aws-sdk/client-ecs';
import {
  CreatePolicyCommand,
  ListRolesCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { LocalAccount } from '../src/account';
import type { Credentials } from '../src/services/sts/store';
import { ALLOW_ALL, assume, clients, errorOf, policy, REGION, trustAccount } from './support';

const PUT = new PutAccountSettingCommand({ name: 'awsvpcTrunking', value: 'enabled' });
const DELETE = new DeleteAccountSettingCommand({ name: 'awsvpcTrunking' });
const LIST = new ListAccountSettingsCommand({ name: 'awsvpcTrunking' });
const SERVICE = 'resources.cloudformation.amazonaws.com';

/* IAM's rules and messages. */

let account: LocalAccount;
/** A role that the account's principals can assume under one session name, and that may list and make one setting. */
let roleArn: string;

beforeAll(async () => {
  account = await LocalAccount.start();
  const trust = { Effect: 'Allow', Principal: { AWS: account.rootArn }, Action: 'sts:AssumeRole' };
  const Condition = { StringEquals: { 'sts:RoleSessionName': 'Agreed' } };
  const put = { Effect: 'Allow', Action: 'ecs:PutAccountSetting', Resource: '*' };
  roleArn = account.roles.create({
    name: 'Setter',
    assumeRolePolicyDocument: policy({ ...trust, Condition }),
    inlinePolicies: [
      {
        name: 'Set',
        document: policy(
          { Effect: 'Allow', Action: 'ecs:ListAccountSettings', Resource: '*' },
          { ...put, Condition: { StringEquals: { 'ecs:account-setting': 'awsvpcTrunking' } } },
        ),
      },
    ],
  }).arn;
});

afterAll(() => account.close());

/** A session of a new role that may do everything. */
function sessionOf(name: string): Credentials {
  const assumeRolePolicyDocument = trustAccount(account);
  const { arn } = account.roles.create({ name, assumeRolePolicyDocument, inlinePolicies: [ALLOW_ALL] });
  return account.sessionFor(arn, 'Session');
}

describe('a trust policy', () => {
  const sourceArn = `arn:aws:cloudformation:${REGION}:111122223333:type/resource/Other-Some-Type/00000001`;

  test('lets a service assume the role only for the source that it names', async () => {
    const { arn } = account.roles.create({
      name: 'OfService',
      assumeRolePolicyDocument: policy({
        Effect: 'Allow',
        Principal: { Service: SERVICE },
        Action: 'sts:AssumeRole',
        Condition: {
          StringEquals: { 'aws:SourceAccount': '111122223333' },
          ArnLike: { 'aws:SourceArn': sourceArn.replace(/\d+$/, '*') },
        },
      }),
    });
    const source = { sourceAccount: '111122223333', sourceArn };
    await expect(account.assumeAsService(SERVICE, arn, source)).resolves.toHaveProperty('sessionToken');
    for (const [service, other] of [
      [SERVICE, { ...source, sourceAccount: '444455556666' }],
      [SERVICE, { ...source, sourceArn: sourceArn.replace('Some', 'Another') }],
      [SERVICE, {}],
      ['ecs.amazonaws.com', source],
    ] as const) {
      await expect(account.assumeAsService(service, arn, other)).rejects.toMatchObject({
        code: 'AccessDenied',
      });
    }
  });

  test('lets principals of the account assume the role under the session name that it names only', async () => {
    const caller = sessionOf('Assuming');
    const named = { RoleArn: roleArn, RoleSessionName: 'Agreed' };
    await expect(assume(account, caller, named)).resolves.toBeDefined();
    const other = assume(account, caller, { ...named, RoleSessionName: 'Other' });
    expect(await errorOf(other)).toEqual({
      name: 'AccessDenied',
      status: 403,
      message:
        'User: arn:aws:sts::111122223333:assumed-role/Assuming/Session is not authorized to perform: ' +
        `sts:AssumeRole on resource: ${roleArn}`,
    });
  });
});

describe('a session of a role', () => {
  test('may do what its role may, and is denied the rest with IAM’s message', async () => {
    const { ecs } = clients(account, account.sessionFor(roleArn, 'Agreed'));
    await expect(ecs.send(PUT)).resolves.toBeDefined();
    const other = ecs.send(new PutAccountSettingCommand({ name: 'containerInsights', value: 'enabled' }));
    expect(await errorOf(other)).toEqual({
      name: 'AccessDeniedException',
      status: 400,
      message:
        'User: arn:aws:sts::111122223333:assumed-role/Setter/Agreed is not authorized to perform: ' +
        'ecs:PutAccountSetting on resource: * because no identity-based policy allows the ecs:PutAccountSetting action',
    });
  });

  test('is limited by its session policy as well', async () => {
    const sessionPolicy = policy({ Effect: 'Allow', Action: 'ecs:ListAccountSettings', Resource: '*' });
    const made = await assume(account, sessionOf('Limiting'), {
      RoleArn: roleArn,
      RoleSessionName: 'Agreed',
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
    const { ecs } = clients(account, account.sessionFor(roleArn, 'Agreed', deny));
    expect((await errorOf(ecs.send(PUT))).message).toMatch(/with an explicit deny in a session policy$/);
  });

  test('is limited by its role’s permissions boundary, which gives no permission itself', async () => {
    const may = (Action: string, Effect = 'Allow') => ({ Effect, Action, Resource: '*' });
    const boundary = 'arn:aws:iam::111122223333:policy/Boundary';
    const administrator = clients(account, account.administrator()).iam;
    const limits = policy(may('ecs:Put*'), may('ecs:Delete*'), may('ecs:DeleteAccountSetting', 'Deny'));
    await administrator.send(
      new CreatePolicyCommand({ PolicyName: 'Boundary', PolicyDocument: JSON.stringify(limits) }),
    );
    const { arn } = account.roles.create({
      name: 'Bounded',
      assumeRolePolicyDocument: trustAccount(account),
      inlinePolicies: [{ name: 'Own', document: policy(may('ecs:ListAccountSettings'), may('ecs:Delete*')) }],
      permissionsBoundary: boundary,
    });
    const { ecs } = clients(account, account.sessionFor(arn, 'Session'));
    const why = async (call: Promise<unknown>) => (await errorOf(call)).message;
    expect(await why(ecs.send(LIST))).toMatch(
      /because no permissions boundary allows the ecs:ListAccountSettings action$/,
    );
    expect(await why(ecs.send(PUT))).toMatch(/because no identity-based policy allows/);
    expect(await why(ecs.send(DELETE))).toMatch(/with an explicit deny in a permissions boundary$/);
    account.roles.update('Bounded', { permissionsBoundary: undefined });
    await expect(ecs.send(LIST)).resolves.toBeDefined();
  });

  test('gets nothing from a session policy that its role does not have', async () => {
    const { document } = ALLOW_ALL;
    const { ecs } = clients(account, account.sessionFor(roleArn, 'Agreed', document));
    expect((await errorOf(ecs.send(DELETE))).message).toMatch(/no identity-based policy allows/);
  });

  test('is denied even what the local account does not support', async () => {
    const { ecs } = clients(account, account.sessionFor(roleArn, 'Agreed'));
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
  const roleTrusting = (name: string, principal: string) =>
    account.roles.create({
      name,
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

  test('a condition on the permissions boundary applies to the boundary of a request, and to the role’s', async () => {
    const boundary = 'arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role';
    const Condition = { StringEquals: { 'iam:PermissionsBoundary': boundary } };
    const { iam } = clients(
      account,
      caller('Bound', { Effect: 'Allow', Action: '*', Resource: '*', Condition }),
    );
    account.roles.create({ name: 'ToBound', assumeRolePolicyDocument: trustAccount(account) });
    const put = (PermissionsBoundary: string) =>
      iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: 'ToBound', PermissionsBoundary }));
    const inline = {
      RoleName: 'ToBound',
      PolicyName: 'All',
      PolicyDocument: JSON.stringify(ALLOW_ALL.document),
    };
    const denied = { name: 'AccessDenied' };
    expect(await errorOf(put(boundary.replace('aws:policy', '111122223333:policy')))).toMatchObject(denied);
    expect(await errorOf(iam.send(new PutRolePolicyCommand(inline)))).toMatchObject(denied);
    await put(boundary);
    await expect(iam.send(new PutRolePolicyCommand(inline))).resolves.toBeDefined();
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
