import { ListAccountSettingsCommand } from '@aws-sdk/client-ecs';
import { GetRoleCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { LocalAccount } from '../src/account';
import { VirtualClock } from '../src/clock';
import { ALLOW_ALL, assume, clients, errorOf, trustAccount } from './support';

let account: LocalAccount;
let roleArn: string;
const LIST = new ListAccountSettingsCommand({});
const WHO = new GetCallerIdentityCommand({});

beforeAll(async () => {
  account = await LocalAccount.start();
  roleArn = account.roles.create({
    name: 'Inst',
    path: '/team/blue/',
    assumeRolePolicyDocument: trustAccount(account),
    inlinePolicies: [ALLOW_ALL],
    tags: { a: 'b <&> c' },
  }).arn;
});
afterAll(() => account.close());

test('GetCallerIdentity distinguishes a user from a session', async () => {
  const admin = account.administrator();
  expect(await clients(account, admin).sts.send(WHO)).toMatchObject({
    Account: '111122223333',
    Arn: 'arn:aws:iam::111122223333:user/Administrator',
  });
  const session = await assume(account, admin, { RoleArn: roleArn });
  expect(await clients(account, session).sts.send(WHO)).toMatchObject({
    Arn: 'arn:aws:sts::111122223333:assumed-role/Inst/EcsRoleTrunking',
    UserId: `${account.roles.get('Inst')?.id}:EcsRoleTrunking`,
  });
});

describe('credentials that are not valid', () => {
  test('are refused as expired after they expire', async () => {
    const session = account.sessionFor(roleArn, 'Session');
    account.sessions.find(session.accessKeyId, session.sessionToken).expiresAt = 0;
    const { sts, ecs } = clients(account, session);
    expect(await errorOf(sts.send(WHO))).toMatchObject({ name: 'ExpiredToken', status: 403 });
    expect(await errorOf(ecs.send(LIST))).toMatchObject({ name: 'ExpiredTokenException', status: 400 });
  });

  test.each([
    ['an unknown access key', { accessKeyId: 'ASIAUNKNOWN' }],
    ['another session’s token', { sessionToken: 'other' }],
    ['no token', { sessionToken: '' }],
  ])('are refused with %s', async (_, change) => {
    const { sts, ecs } = clients(account, { ...account.sessionFor(roleArn, 'Session'), ...change });
    expect(await errorOf(sts.send(WHO))).toMatchObject({ name: 'InvalidClientTokenId', status: 403 });
    expect(await errorOf(ecs.send(LIST))).toMatchObject({ name: 'UnrecognizedClientException', status: 400 });
  });

  test('are required', async () => {
    const answer = await fetch(account.endpoint, { method: 'POST', body: 'Action=GetCallerIdentity' });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('<Code>MissingAuthenticationToken</Code>');
  });
});

describe('AssumeRole', () => {
  test.each([
    ['a duration below 900 s', { DurationSeconds: 899 }, 'ValidationError'],
    ['a duration above the role’s maximum', { DurationSeconds: 7200 }, 'ValidationError'],
    ['a session name with a space', { RoleSessionName: 'a b' }, 'ValidationError'],
    ['a session policy that is not JSON', { Policy: '{' }, 'MalformedPolicyDocumentException'],
    ['a session policy that is not an object', { Policy: 'null' }, 'MalformedPolicyDocumentException'],
    [
      'a session policy without resource',
      { Policy: '{"Statement":{"Effect":"Allow","Action":"*"}}' },
      'MalformedPolicyDocumentException',
    ],
  ])('refuses %s', async (_, input, name) => {
    const refused = assume(account, account.administrator(), { RoleArn: roleArn, ...input });
    expect(await errorOf(refused)).toMatchObject({ name, status: 400 });
  });

  test('from a role is limited to an hour, even if the role allows more', async () => {
    account.roles.update('Inst', { maxSessionDuration: 43_200 });
    const input = { RoleArn: roleArn, DurationSeconds: 7200 };
    await expect(assume(account, account.administrator(), input)).resolves.toBeDefined();
    const chained = assume(account, account.sessionFor(roleArn, 'Session'), input);
    expect((await errorOf(chained)).message).toMatch(/role chaining/);
  });

  test('answers the same for a missing role and a role with another path', async () => {
    const missing = assume(account, account.administrator(), { RoleArn: roleArn.replace('Inst', 'None') });
    expect(await errorOf(missing)).toMatchObject({ name: 'AccessDenied', status: 403 });
    const misplaced = assume(account, account.administrator(), { RoleArn: roleArn.replace('/blue', '') });
    expect(await errorOf(misplaced)).toMatchObject({ name: 'AccessDenied', status: 403 });
  });
});

test('GetSessionToken gives users their own permissions, and refuses sessions', async () => {
  const { Credentials: made } = await clients(account, account.administrator()).sts.send(
    new GetSessionTokenCommand({}),
  );
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = made ?? {};
  const credentials = {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
  };
  expect(await clients(account, credentials).sts.send(WHO)).toMatchObject({
    Arn: 'arn:aws:iam::111122223333:user/Administrator',
  });
  const again = clients(account, credentials).sts.send(new GetSessionTokenCommand({}));
  expect(await errorOf(again)).toMatchObject({ name: 'AccessDenied' });
});

describe('IAM', () => {
  test('GetRole returns path, tags and the trust policy, URL-encoded', async () => {
    const { iam } = clients(account, account.administrator());
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'Inst' }));
    expect(Role).toMatchObject({ Arn: roleArn, Path: '/team/blue/', Tags: [{ Key: 'a', Value: 'b <&> c' }] });
    expect(Role?.AssumeRolePolicyDocument).not.toMatch(/[{}!'()*]/);
    expect(JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''))).toEqual(
      trustAccount(account),
    );
  });

  test('GetRole of a missing role returns NoSuchEntity, 404', async () => {
    const { iam } = clients(account, account.administrator());
    expect(await errorOf(iam.send(new GetRoleCommand({ RoleName: 'None' })))).toMatchObject({
      name: 'NoSuchEntityException',
      status: 404,
    });
  });

  test('ListRoles returns each role once, sorted, in pages, without tags', async () => {
    const names = Array.from({ length: 120 }, (_, index) => `Role${String(index).padStart(3, '0')}`);
    for (const roleName of names) {
      account.roles.create({
        name: roleName,
        path: '/paged/',
        assumeRolePolicyDocument: trustAccount(account),
        tags: { a: 'b' },
      });
    }
    const { iam } = clients(account, account.administrator());
    const first = await iam.send(new ListRolesCommand({ PathPrefix: '/paged/' }));
    expect(first.Roles).toHaveLength(100);
    expect(first.IsTruncated).toBe(true);
    expect(first.Roles?.[0]?.Tags).toBeUndefined();
    const second = await iam.send(
      new ListRolesCommand({ PathPrefix: '/paged/', Marker: first.Marker, MaxItems: 50 }),
    );
    expect(second.IsTruncated).toBe(false);
    expect(second.Marker).toBeUndefined();
    expect([...(first.Roles ?? []), ...(second.Roles ?? [])].map((role) => role.RoleName)).toEqual(names);
  });

  test.each(['unknown', Buffer.from('Inst').toString('base64')])(
    'ListRoles refuses the marker %s, which no page returned',
    async (Marker) => {
      const { iam } = clients(account, account.administrator());
      expect(await errorOf(iam.send(new ListRolesCommand({ Marker })))).toMatchObject({
        name: 'ValidationError',
        status: 400,
      });
    },
  );

  test('ListRoles allows at most 1000 items in a page', async () => {
    const { iam } = clients(account, account.administrator());
    expect(await errorOf(iam.send(new ListRolesCommand({ MaxItems: 1001 })))).toMatchObject({
      name: 'ValidationError',
      status: 400,
    });
  });
});

test('every call is recorded with its caller and outcome', async () => {
  account.calls.length = 0;
  const { ecs } = clients(account, account.sessionFor(roleArn, 'Session'), 'ap-south-1');
  await ecs.send(LIST);
  await errorOf(assume(account, account.administrator(), { RoleArn: `${roleArn}x` }));
  expect(account.calls).toMatchObject([
    { service: 'ecs', operation: 'ListAccountSettings', region: 'ap-south-1', caller: roleArn, status: 200 },
    {
      service: 'sts',
      operation: 'AssumeRole',
      status: 403,
      errorCode: 'AccessDenied',
      parameters: { RoleArn: `${roleArn}x` },
    },
  ]);
});

test('a call takes the latency of the account', async () => {
  const clock = new VirtualClock();
  const slow = await LocalAccount.start({ latencyMs: 40, clock });
  const { sts } = clients(slow, slow.administrator());
  for (let call = 0; call < 6; call += 1) {
    await sts.send(WHO);
  }
  expect(clock.now()).toBe(6 * 40);
  await slow.close();
});
