import type { IAM } from '@aws-sdk/client-iam';
import { LocalAccount } from '../src/account';
import { VirtualClock } from '../src/clock';
import type { Credentials } from '../src/services/sts/store';
import { assume, clients, createRole, credentialsOf, errorOf, policy, start, trust } from './support';

let account: LocalAccount;
let admin: Credentials;
let iam: IAM;
let roleArn: string;

beforeAll(async () => {
  ({ account, administrator: admin, iam } = await start());
  roleArn = createRole(account, { name: 'Inst', path: '/team/blue/', tags: { a: 'b <&> c' } }).arn;
});
afterAll(() => account.close());

test('GetCallerIdentity distinguishes a user from a session', async () => {
  expect(await clients(account, admin).sts.getCallerIdentity({})).toMatchObject({
    Account: '111122223333',
    Arn: 'arn:aws:iam::111122223333:user/Administrator',
  });
  const session = await assume(account, admin, { RoleArn: roleArn });
  expect(await clients(account, session).sts.getCallerIdentity({})).toMatchObject({
    Arn: 'arn:aws:sts::111122223333:assumed-role/Inst/EcsRoleTrunking',
    UserId: `${account.roles.get('Inst')?.id}:EcsRoleTrunking`,
  });
});

describe('credentials that are not valid', () => {
  test('are refused as expired after they expire', async () => {
    const session = account.sessionFor(roleArn, 'Session');
    account.sessions.find(session.accessKeyId, session.sessionToken).expiresAt = 0;
    const { sts, ecs } = clients(account, session);
    expect(await errorOf(sts.getCallerIdentity({}))).toMatchObject({ name: 'ExpiredToken', status: 403 });
    expect(await errorOf(ecs.listAccountSettings())).toMatchObject({
      name: 'ExpiredTokenException',
      status: 400,
    });
  });

  test.each([
    ['an unknown access key', { accessKeyId: 'ASIAUNKNOWN' }],
    ['another session’s token', { sessionToken: 'other' }],
    ['no token', { sessionToken: '' }],
  ])('are refused with %s', async (_, change) => {
    const { sts, ecs } = clients(account, { ...account.sessionFor(roleArn, 'Session'), ...change });
    expect(await errorOf(sts.getCallerIdentity({}))).toMatchObject({
      name: 'InvalidClientTokenId',
      status: 403,
    });
    expect(await errorOf(ecs.listAccountSettings())).toMatchObject({
      name: 'UnrecognizedClientException',
      status: 400,
    });
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
    const refused = await errorOf(assume(account, admin, { RoleArn: roleArn, ...input }));
    expect(refused).toMatchObject({ name, status: 400 });
  });

  test('from a role is limited to an hour, even if the role allows more', async () => {
    account.roles.update('Inst', { maxSessionDuration: 43_200 });
    const input = { RoleArn: roleArn, DurationSeconds: 7200 };
    await expect(assume(account, admin, input)).resolves.toBeDefined();
    const chained = assume(account, account.sessionFor(roleArn, 'Session'), input);
    expect((await errorOf(chained)).message).toMatch(/role chaining/);
  });

  test.each([
    ['a missing role', 'Inst', 'None'],
    ['a role with another path', '/blue', ''],
  ])('answers the same for %s', async (_, part, other) => {
    const refused = await errorOf(assume(account, admin, { RoleArn: roleArn.replace(part, other) }));
    expect(refused).toMatchObject({ name: 'AccessDenied', status: 403 });
  });
});

test('GetSessionToken gives users their own permissions, and refuses sessions', async () => {
  const made = await clients(account, admin).sts.getSessionToken();
  const { sts } = clients(account, credentialsOf(made));
  expect(await sts.getCallerIdentity({})).toMatchObject({
    Arn: 'arn:aws:iam::111122223333:user/Administrator',
  });
  expect(await errorOf(sts.getSessionToken())).toMatchObject({ name: 'AccessDenied' });
});

describe('IAM', () => {
  test('GetRole returns path, tags and the trust policy, URL-encoded', async () => {
    const { Role } = await iam.getRole({ RoleName: 'Inst' });
    expect(Role).toMatchObject({ Arn: roleArn, Path: '/team/blue/', Tags: [{ Key: 'a', Value: 'b <&> c' }] });
    const { AssumeRolePolicyDocument = '' } = Role ?? {};
    expect(AssumeRolePolicyDocument).not.toMatch(/[{}!'()*]/);
    const document = JSON.parse(decodeURIComponent(AssumeRolePolicyDocument));
    expect(document).toEqual(policy(trust({ AWS: account.rootArn })));
  });

  test('GetRole of a missing role returns NoSuchEntity, 404', async () => {
    const missing = await errorOf(iam.getRole({ RoleName: 'None' }));
    expect(missing).toMatchObject({ name: 'NoSuchEntityException', status: 404 });
  });

  test('ListRoles returns each role once, sorted, in pages, without tags', async () => {
    const names = Array.from({ length: 120 }, (_, index) => `Role${String(index).padStart(3, '0')}`);
    for (const name of names) {
      createRole(account, { name, path: '/paged/', tags: { a: 'b' } });
    }
    const first = await iam.listRoles({ PathPrefix: '/paged/' });
    expect(first.Roles).toHaveLength(100);
    expect(first.IsTruncated).toBe(true);
    expect(first.Roles?.[0]?.Tags).toBeUndefined();
    const second = await iam.listRoles({ PathPrefix: '/paged/', Marker: first.Marker, MaxItems: 50 });
    expect(second.IsTruncated).toBe(false);
    expect(second.Marker).toBeUndefined();
    expect([...(first.Roles ?? []), ...(second.Roles ?? [])].map((role) => role.RoleName)).toEqual(names);
  });

  test.each(['unknown', Buffer.from('Inst').toString('base64')])(
    'ListRoles refuses the marker %s, which no page returned',
    async (Marker) => {
      const refused = await errorOf(iam.listRoles({ Marker }));
      expect(refused).toMatchObject({ name: 'ValidationError', status: 400 });
    },
  );

  test('ListRoles allows at most 1000 items in a page', async () => {
    const refused = await errorOf(iam.listRoles({ MaxItems: 1001 }));
    expect(refused).toMatchObject({ name: 'ValidationError', status: 400 });
  });
});

test('every call is recorded with its caller and outcome', async () => {
  account.calls.length = 0;
  const { ecs } = clients(account, account.sessionFor(roleArn, 'Session'), 'ap-south-1');
  await ecs.listAccountSettings();
  const parameters = { RoleArn: `${roleArn}x` };
  await errorOf(assume(account, admin, parameters));
  expect(account.calls).toMatchObject([
    { service: 'ecs', operation: 'ListAccountSettings', region: 'ap-south-1', caller: roleArn, status: 200 },
    { service: 'sts', operation: 'AssumeRole', status: 403, errorCode: 'AccessDenied', parameters },
  ]);
});

test('a call takes the latency of the account', async () => {
  const clock = new VirtualClock();
  const slow = await LocalAccount.start({ latencyMs: 40, clock });
  const { sts } = clients(slow, slow.administrator());
  for (let call = 0; call < 6; call += 1) {
    await sts.getCallerIdentity({});
  }
  expect(clock.now()).toBe(6 * 40);
  await slow.close();
});
