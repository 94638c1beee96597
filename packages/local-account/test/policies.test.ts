import { LocalAccount } from '../src/account';
import type { PolicyDocument } from '../src/services/iam/documents';
import type { Credentials } from '../src/services/sts/store';
import {
  ALLOW_ALL,
  allow,
  assume,
  clients,
  createRole,
  deny,
  errorOf,
  policy,
  REGION,
  trust,
  userWith,
} from './support';

const name = 'awsvpcTrunking';
const SERVICE = 'resources.cloudformation.amazonaws.com';
const ACCESS_DENIED = { name: 'AccessDenied' };
const equals = (key: string, value: string) => ({ Condition: { StringEquals: { [key]: value } } });

/* IAM's rules and messages. */

let account: LocalAccount;
/** A role that the account's principals can assume under one session name, and that may list and make one setting. */
let roleArn: string;

beforeAll(async () => {
  account = await LocalAccount.start();
  const put = allow('ecs:PutAccountSetting', equals('ecs:account-setting', name));
  roleArn = account.roles.create({
    name: 'Setter',
    assumeRolePolicyDocument: policy(
      trust({ AWS: account.rootArn }, equals('sts:RoleSessionName', 'Agreed')),
    ),
    inlinePolicies: [{ name: 'Set', document: policy(allow('ecs:ListAccountSettings'), put) }],
  }).arn;
});

afterAll(() => account.close());

/** A session of a new role, which may do everything by default. */
function sessionOf(definition: Parameters<typeof createRole>[1]): Credentials {
  return account.sessionFor(createRole(account, definition).arn, 'Session');
}

/** The settings as a caller sees them. */
function ecsOf(caller: Credentials) {
  const { ecs } = clients(account, caller);
  return {
    put: () => ecs.putAccountSetting({ name, value: 'enabled' }),
    remove: () => ecs.deleteAccountSetting({ name }),
    list: () => ecs.listAccountSettings({ name }),
    listClusters: () => ecs.listClusters(),
  };
}

/** What AWS says about a call that it refuses. */
const why = async (call: Promise<unknown>) => (await errorOf(call)).message;
const agreed = (sessionPolicy?: PolicyDocument) => account.sessionFor(roleArn, 'Agreed', sessionPolicy);

describe('a trust policy', () => {
  const sourceArn = `arn:aws:cloudformation:${REGION}:111122223333:type/resource/Other-Some-Type/00000001`;

  test('lets a service assume the role only for the source that it names', async () => {
    const Condition = {
      StringEquals: { 'aws:SourceAccount': '111122223333' },
      ArnLike: { 'aws:SourceArn': sourceArn.replace(/\d+$/, '*') },
    };
    const assumeRolePolicyDocument = policy(trust({ Service: SERVICE }, { Condition }));
    const { arn } = account.roles.create({ name: 'OfService', assumeRolePolicyDocument });
    const source = { sourceAccount: '111122223333', sourceArn };
    await expect(account.assumeAsService(SERVICE, arn, source)).resolves.toHaveProperty('sessionToken');
    for (const [service, other] of [
      [SERVICE, { ...source, sourceAccount: '444455556666' }],
      [SERVICE, { ...source, sourceArn: sourceArn.replace('Some', 'Another') }],
      [SERVICE, {}],
      ['ecs.amazonaws.com', source],
    ] as const) {
      const refused = account.assumeAsService(service, arn, other);
      await expect(refused).rejects.toMatchObject({ code: 'AccessDenied' });
    }
  });

  test('lets principals of the account assume the role under the session name that it names only', async () => {
    const caller = sessionOf({ name: 'Assuming' });
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
    const { ecs } = clients(account, agreed());
    await expect(ecs.putAccountSetting({ name, value: 'enabled' })).resolves.toBeDefined();
    const other = ecs.putAccountSetting({ name: 'containerInsights', value: 'enabled' });
    expect(await errorOf(other)).toEqual({
      name: 'AccessDeniedException',
      status: 400,
      message:
        'User: arn:aws:sts::111122223333:assumed-role/Setter/Agreed is not authorized to perform: ' +
        'ecs:PutAccountSetting on resource: * because no identity-based policy allows the ecs:PutAccountSetting action',
    });
  });

  test('is limited by its session policy as well', async () => {
    const Policy = JSON.stringify(policy(allow('ecs:ListAccountSettings')));
    const input = { RoleArn: roleArn, RoleSessionName: 'Agreed', Policy };
    const ecs = ecsOf(await assume(account, sessionOf({ name: 'Limiting' }), input));
    await expect(ecs.list()).resolves.toBeDefined();
    expect(await why(ecs.put())).toMatch(
      /because no session policy allows the ecs:PutAccountSetting action$/,
    );
  });

  test('is denied by its session policy, as the message says', async () => {
    const ecs = ecsOf(agreed(policy(allow('*'), deny('ecs:PutAccountSetting'))));
    expect(await why(ecs.put())).toMatch(/with an explicit deny in a session policy$/);
  });

  test('is limited by its role’s permissions boundary, which gives no permission itself', async () => {
    const { iam } = clients(account, account.administrator());
    const limits = policy(allow(['ecs:Put*', 'ecs:Delete*']), deny('ecs:DeleteAccountSetting'));
    await iam.createPolicy({ PolicyName: 'Boundary', PolicyDocument: JSON.stringify(limits) });
    const own = policy(allow(['ecs:ListAccountSettings', 'ecs:Delete*']));
    const bounded = {
      name: 'Bounded',
      inlinePolicies: [{ name: 'Own', document: own }],
      permissionsBoundary: 'arn:aws:iam::111122223333:policy/Boundary',
    };
    const ecs = ecsOf(sessionOf(bounded));
    expect(await why(ecs.list())).toMatch(
      /because no permissions boundary allows the ecs:ListAccountSettings action$/,
    );
    expect(await why(ecs.put())).toMatch(/because no identity-based policy allows/);
    expect(await why(ecs.remove())).toMatch(/with an explicit deny in a permissions boundary$/);
    account.roles.update('Bounded', { permissionsBoundary: undefined });
    await expect(ecs.list()).resolves.toBeDefined();
  });

  test('gets nothing from a session policy that its role does not have', async () => {
    const ecs = ecsOf(agreed(ALLOW_ALL.document));
    expect(await why(ecs.remove())).toMatch(/no identity-based policy allows/);
  });

  test('is denied even what the local account does not support', async () => {
    const { listClusters } = ecsOf(agreed());
    expect(await errorOf(listClusters())).toMatchObject({ name: 'AccessDeniedException' });
    const { listClusters: allowed } = ecsOf(account.administrator());
    expect(await errorOf(allowed())).toMatchObject({ name: 'UnknownOperationException' });
  });

  test('loses its permissions with its role, even when another role takes the name', async () => {
    const ecs = ecsOf(sessionOf({ name: 'Replaced' }));
    await expect(ecs.list()).resolves.toBeDefined();
    account.roles.delete('Replaced');
    createRole(account, { name: 'Replaced' });
    expect(await errorOf(ecs.list())).toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('IAM’s rules', () => {
  const roleTrusting = (user: string) => {
    const assumeRolePolicyDocument = policy(trust({ AWS: `arn:aws:iam::111122223333:user/${user}` }));
    return account.roles.create({ name: `Names${user}`, assumeRolePolicyDocument }).arn;
  };

  test('a role that names a caller of the same account requires no policy of the caller', async () => {
    const bob = userWith(account, 'Bob');
    const RoleArn = roleTrusting('Bob');
    await expect(assume(account, bob, { RoleArn })).resolves.toBeDefined();
    expect(await errorOf(assume(account, userWith(account, 'Eve'), { RoleArn }))).toMatchObject(
      ACCESS_DENIED,
    );
  });

  test('an explicit deny of the caller’s overrides a trust policy that names the caller', async () => {
    const dan = userWith(account, 'Dan', deny('sts:AssumeRole'));
    const refused = assume(account, dan, { RoleArn: roleTrusting('Dan') });
    expect(await errorOf(refused)).toMatchObject(ACCESS_DENIED);
  });

  test.each(['iam:ResourceTag/team', 'aws:ResourceTag/team'])(
    'a condition can be on a role’s tag, as %s',
    async (key) => {
      const { arn: RoleArn } = createRole(account, {
        name: `Tagged-${key.slice(0, 3)}`,
        tags: { team: 'blue' },
      });
      const may = (team: string) =>
        assume(account, userWith(account, `${team} ${key}`, allow('sts:AssumeRole', equals(key, team))), {
          RoleArn,
        });
      await expect(may('blue')).resolves.toBeDefined();
      expect(await errorOf(may('red'))).toMatchObject(ACCESS_DENIED);
    },
  );

  test('a condition on the permissions boundary applies to the boundary of a request, and to the role’s', async () => {
    const boundary = 'arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role';
    const { iam } = clients(
      account,
      userWith(account, 'Bound', allow('*', equals('iam:PermissionsBoundary', boundary))),
    );
    const { name: RoleName } = createRole(account, { name: 'ToBound' });
    const bind = (PermissionsBoundary: string) =>
      iam.putRolePermissionsBoundary({ RoleName, PermissionsBoundary });
    const PolicyDocument = JSON.stringify(ALLOW_ALL.document);
    const put = () => iam.putRolePolicy({ RoleName, PolicyName: 'All', PolicyDocument });
    const other = boundary.replace('aws:policy', '111122223333:policy');
    expect(await errorOf(bind(other))).toMatchObject(ACCESS_DENIED);
    expect(await errorOf(put())).toMatchObject(ACCESS_DENIED);
    await bind(boundary);
    await expect(put()).resolves.toBeDefined();
  });

  test('a condition on the time is evaluated on each call', async () => {
    const until = Date.now() + 3_600_000;
    const Condition = { DateLessThan: { 'aws:CurrentTime': new Date(until).toISOString() } };
    const { iam } = clients(account, userWith(account, 'Temporary', allow('iam:ListRoles', { Condition })));
    await expect(iam.listRoles()).resolves.toBeDefined();
    const date = jest.spyOn(Date, 'now').mockReturnValue(until + 1000);
    expect(await errorOf(iam.listRoles())).toMatchObject(ACCESS_DENIED);
    date.mockRestore();
  });

  test('a changed policy applies to existing sessions', async () => {
    const ecs = ecsOf(sessionOf({ name: 'Changing' }));
    await expect(ecs.list()).resolves.toBeDefined();
    account.roles.update('Changing', { inlinePolicies: [] });
    expect(await errorOf(ecs.list())).toMatchObject({ name: 'AccessDeniedException' });
  });
});
