import { LocalAccount } from '../src/account';
import { sleep, VirtualClock } from '../src/clock';
import type { Fault, FaultRule } from '../src/gateway/faults';
import { EMPTY, HALF, OTHER_MEMBERS, WEB_PAGE } from '../src/testing/garbled-answers';
import { clients, createRole, errorOf, REGION } from './support';

const clock = new VirtualClock();
let account: LocalAccount;
let roleArn: string;

beforeAll(async () => {
  account = await LocalAccount.start({ clock });
  roleArn = createRole(account, { name: 'Inst' }).arn;
});
afterEach(() => {
  account.faults.clear();
  account.settings.delete(REGION, roleArn, 'awsvpcTrunking');
});
afterAll(() => account.close());

const client = () => clients(account, account.sessionFor(roleArn, 'Session'));
const put = (options = {}) =>
  client().ecs.putAccountSetting({ name: 'awsvpcTrunking', value: 'enabled' }, options);
const who = () => client().sts.getCallerIdentity({});
/** The role, if the client finds one in the answer. */
const readableRole = async () => {
  const answer = await client()
    .iam.getRole({ RoleName: 'Inst' })
    .catch(() => undefined);
  return answer?.Role;
};
const isSet = () => account.settings.get(REGION, roleArn, 'awsvpcTrunking') !== undefined;

describe('each service has its own errors', () => {
  const errors: [Fault, string, string, number, number][] = [
    [{ kind: 'throttle' }, 'Throttling', 'ThrottlingException', 400, 400],
    [{ kind: 'error', status: 500 }, 'InternalFailure', 'ServerException', 500, 500],
    [{ kind: 'error', status: 503 }, 'ServiceUnavailable', 'ServiceUnavailable', 503, 503],
    [{ kind: 'deny' }, 'AccessDenied', 'AccessDeniedException', 403, 400],
    [{ kind: 'expire' }, 'ExpiredToken', 'ExpiredTokenException', 403, 400],
  ];
  test.each(errors)('%j', async (fault, stsName, ecsName, stsStatus, ecsStatus) => {
    account.faults.add({ times: 2, fault });
    expect(await errorOf(who())).toMatchObject({ name: stsName, status: stsStatus });
    expect(await errorOf(put())).toMatchObject({ name: ecsName, status: ecsStatus });
    expect(isSet()).toBe(false);
    await expect(put()).resolves.toBeDefined();
  });
});

test('a denial names the action as IAM does', async () => {
  account.faults.add({ service: 'monitoring', fault: { kind: 'deny' } });
  const input = { Namespace: 'N', MetricData: [{ MetricName: 'm', Value: 1 }] };
  const { message } = await errorOf(client().cloudwatch.putMetricData(input));
  expect(message).toMatch(/ cloudwatch:PutMetricData$/);
});

test.each([
  ['has no effect if its connection is cut before it', 'before', false],
  ['has its effect if its connection is cut after it', 'after', true],
] as const)('a call %s', async (_, when, isThere) => {
  account.faults.add({ service: 'ecs', fault: { kind: 'drop', when } });
  expect(await errorOf(put())).toMatchObject({ name: 'Error', status: 0 });
  expect(isSet()).toBe(isThere);
  expect(account.calls.at(-1)).toMatchObject({ status: 0, fault: 'drop' });
});

test('a hanging call neither answers nor takes effect', async () => {
  account.faults.add({ service: 'ecs', fault: { kind: 'hang' } });
  const aborted = await errorOf(put({ abortSignal: AbortSignal.timeout(200) }));
  expect(aborted).toMatchObject({ name: 'AbortError' });
  expect(isSet()).toBe(false);
});

test('a delayed call takes effect and is answered late', async () => {
  account.faults.add({ service: 'ecs', fault: { kind: 'delay', ms: 150 } });
  const start = clock.now();
  await put();
  expect(clock.now() - start).toBe(150);
  expect(isSet()).toBe(true);
});

describe('an invalid answer', () => {
  test.each([
    ['a web page', WEB_PAGE],
    ['half', HALF],
  ] as const)('%s cannot be read by a client, and the call took effect', async (_, fault) => {
    account.faults.add({ service: 'ecs', fault });
    expect(await errorOf(put())).toMatchObject({ name: 'SyntaxError' });
    expect(isSet()).toBe(true);
    account.faults.add({ service: 'iam', fault });
    // A web page can be read as XML; it contains no role.
    expect(await readableRole()).toBeUndefined();
  });

  test.each([
    ['empty', EMPTY],
    ['other members', OTHER_MEMBERS],
  ] as const)('%s has none of the members', async (_, fault) => {
    account.faults.add({ service: 'ecs', fault });
    expect((await put()).setting).toBeUndefined();
    expect(isSet()).toBe(true);
    account.faults.add({ service: 'iam', fault });
    expect(await readableRole()).toBeUndefined();
  });
});

describe('a rule', () => {
  const throttled = (rule: Omit<FaultRule, 'fault'>) =>
    account.faults.add({ ...rule, fault: { kind: 'throttle' } });

  test('applies to its operation, as many times as it says, after the calls that it skips', async () => {
    throttled({ service: 'ecs', operation: 'PutAccountSetting', skip: 1, times: 2 });
    await client().ecs.listAccountSettings({});
    await put();
    await errorOf(put());
    await errorOf(put());
    await put();
    expect(account.faults.made).toBe(2);
  });

  test('applies to its role, as the caller or as the role that is named', async () => {
    throttled({ roleArn, times: Number.POSITIVE_INFINITY });
    const { iam, sts } = clients(account, account.administrator());
    for (const throttledCall of [iam.getRole({ RoleName: 'Inst' }), who()]) {
      expect(await errorOf(throttledCall)).toMatchObject({ name: 'Throttling' });
    }
    await expect(sts.getCallerIdentity({})).resolves.toBeDefined();
  });

  test('can be removed', async () => {
    const remove = throttled({ times: Number.POSITIVE_INFINITY });
    await errorOf(put());
    remove();
    await expect(put()).resolves.toBeDefined();
  });
});

test('a rate limit throttles only the calls above it', async () => {
  account.faults.rateLimit('ecs', 5);
  const { ecs } = client();
  const list = () => ecs.listAccountSettings();
  const outcomes = await Promise.allSettled(Array.from({ length: 30 }, list));
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? outcome.reason.name : []));
  expect(refused).toEqual(Array(25).fill('ThrottlingException'));
  await sleep(clock, 200);
  await expect(list()).resolves.toBeDefined();
  expect(await errorOf(list())).toMatchObject({ name: 'ThrottlingException' });
});

describe('an observer', () => {
  test('is called before and after the effect, and calls wait for it', async () => {
    const seen: string[] = [];
    const stop = account.observe(async ({ phase, call }) => {
      await sleep(clock, 20);
      seen.push(`${phase} ${call.operation} ${isSet()} ${call.status}`);
    });
    await put();
    stop();
    await put();
    expect(seen).toEqual(['before PutAccountSetting false 0', 'after PutAccountSetting true 0']);
  });

  test.each(['before', 'after'] as const)(
    'can cut the connection %s the call takes effect',
    async (moment) => {
      const stop = account.observe(({ phase }) => (phase === moment ? 'drop' : undefined));
      await errorOf(put());
      stop();
      expect(isSet()).toBe(moment === 'after');
    },
  );
});
