import { LocalAccount } from '../src/account';
import { sleep, VirtualClock } from '../src/clock';
import { clients, createRole, errorOf, REGION } from './support';

const NAME = 'awsvpcTrunking';
let clock: VirtualClock;
let account: LocalAccount;
let roleArn: string;

beforeEach(async () => {
  clock = new VirtualClock();
  account = await LocalAccount.start({ clock });
  roleArn = createRole(account, { name: 'Inst', path: '/team/' }).arn;
});
afterEach(() => account.close());

const ecsIn = (region = REGION) => clients(account, account.sessionFor(roleArn, 'Session'), region).ecs;
const set = (principalArn: string, value: string) => account.settings.set(REGION, principalArn, NAME, value);
const list = async (effectiveSettings: boolean, region = REGION) =>
  (await ecsIn(region).listAccountSettings({ name: NAME, effectiveSettings })).settings;

test('a session’s setting is its role’s, path included', async () => {
  const { setting } = await ecsIn().putAccountSetting({ name: NAME, value: 'enabled' });
  expect(setting).toMatchObject({ name: NAME, value: 'enabled', principalArn: roleArn });
  expect(account.settings.get(REGION, 'arn:aws:iam::111122223333:role/team/Inst', NAME)).toBe('enabled');
});

test('without effectiveSettings only the principal’s own values are listed', async () => {
  set(account.rootArn, 'enabled');
  expect(await list(false)).toEqual([]);
  set(roleArn, 'disabled');
  expect(await list(false)).toMatchObject([{ value: 'disabled', principalArn: roleArn }]);
});

test('with effectiveSettings the role’s value overrides root’s, and root’s the service’s', async () => {
  expect(await list(true)).toMatchObject([{ value: 'disabled', principalArn: account.rootArn }]);
  set(account.rootArn, 'enabled');
  expect(await list(true)).toMatchObject([{ value: 'enabled', principalArn: account.rootArn }]);
  set(roleArn, 'off');
  expect(await list(true)).toMatchObject([{ value: 'off', principalArn: roleArn }]);
});

test('a setting applies only in its Region', async () => {
  await ecsIn().putAccountSetting({ name: NAME, value: 'on' });
  expect(await list(false)).toMatchObject([{ value: 'on' }]);
  expect(await list(false, 'us-west-2')).toEqual([]);
});

test('a setting can be deleted, and deleting it again returns the value in effect', async () => {
  set(roleArn, 'enabled');
  const remove = () => ecsIn().deleteAccountSetting({ name: NAME });
  expect((await remove()).setting).toMatchObject({ value: 'enabled', principalArn: roleArn });
  expect(account.settings.entries()).toEqual([]);
  expect((await remove()).setting).toMatchObject({ value: 'disabled', principalArn: account.rootArn });
});

test('other values, other names and other principals are refused', async () => {
  const put = (value: string, name: string, principalArn?: string) =>
    errorOf(ecsIn().putAccountSetting({ name: name as typeof NAME, value, principalArn }));
  expect(await put('yes', NAME)).toMatchObject({ name: 'InvalidParameterException', status: 400 });
  expect(await put('enabled', 'none')).toMatchObject({ name: 'InvalidParameterException', status: 400 });
  expect(await put('enabled', NAME, account.rootArn)).toMatchObject({ name: 'AccessDeniedException' });
  expect(account.settings.entries()).toEqual([]);
});

test('all settings are listed, in pages', async () => {
  const page = (nextToken?: string) =>
    ecsIn().listAccountSettings({ effectiveSettings: true, maxResults: 3, nextToken });
  const first = await page();
  const second = await page(first.nextToken);
  const names = [...(first.settings ?? []), ...(second.settings ?? [])].map((setting) => setting.name);
  expect(names).toContain(NAME);
  expect(new Set(names).size).toBe(names.length);
  expect(second.nextToken).toBeUndefined();
});

describe('lists that are late', () => {
  const values = async () => (await list(false))?.map(({ value }) => value);

  test('show the old value until the lag has passed', async () => {
    account.settings.lag = 4000;
    set(roleArn, 'enabled');
    expect(await values()).toEqual([]);
    await sleep(clock, 2000);
    set(roleArn, 'disabled');
    await sleep(clock, 2000);
    expect(await values()).toEqual(['enabled']);
    account.settings.delete(REGION, roleArn, NAME);
    await sleep(clock, 2000);
    expect(await values()).toEqual(['disabled']);
    await sleep(clock, 2000);
    expect(await values()).toEqual([]);
  });

  test('show an old value in effect as well', async () => {
    account.settings.lag = 4000;
    set(roleArn, 'enabled');
    expect(await list(true)).toMatchObject([{ value: 'disabled', principalArn: account.rootArn }]);
    await sleep(clock, 4000);
    expect(await list(true)).toMatchObject([{ value: 'enabled', principalArn: roleArn }]);
  });

  test('can show the old value permanently, and the old value can be set', async () => {
    set(roleArn, 'enabled');
    account.settings.settle();
    account.settings.lag = Number.POSITIVE_INFINITY;
    set(roleArn, 'disabled');
    await sleep(clock, 1e9);
    expect(await values()).toEqual(['enabled']);
  });
});

test('a delete can answer without the setting, and can refuse to delete a missing setting', async () => {
  set(roleArn, 'enabled');
  account.settings.answersWithoutSetting = true;
  account.settings.refusesToDeleteNothing = true;
  const remove = () => ecsIn().deleteAccountSetting({ name: NAME });
  expect((await remove()).setting).toBeUndefined();
  expect(await errorOf(remove())).toMatchObject({ name: 'InvalidParameterException', status: 400 });
});
