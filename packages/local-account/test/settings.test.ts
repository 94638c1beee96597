import {
  DeleteAccountSettingCommand,
  ListAccountSettingsCommand,
  PutAccountSettingCommand,
} from '@aws-sdk/client-ecs';
import { LocalAccount } from '../src/account';
import { sleep, VirtualClock } from '../src/clock';
import { ALLOW_ALL, clients, errorOf, REGION, trustAccount } from './support';

const NAME = 'awsvpcTrunking';
let clock: VirtualClock;
let account: LocalAccount;
let roleArn: string;

beforeEach(async () => {
  clock = new VirtualClock();
  account = await LocalAccount.start({ clock });
  roleArn = account.roles.create({
    name: 'Inst',
    path: '/team/',
    assumeRolePolicyDocument: trustAccount(account),
    inlinePolicies: [ALLOW_ALL],
  }).arn;
});
afterEach(() => account.close());

const ecsIn = (region = REGION) => clients(account, account.sessionFor(roleArn, 'Session'), region).ecs;
const list = async (effectiveSettings: boolean, region = REGION) =>
  (await ecsIn(region).send(new ListAccountSettingsCommand({ name: NAME, effectiveSettings }))).settings;

test('a session’s setting is its role’s, path included', async () => {
  const { setting } = await ecsIn().send(new PutAccountSettingCommand({ name: NAME, value: 'enabled' }));
  expect(setting).toMatchObject({ name: NAME, value: 'enabled', principalArn: roleArn });
  expect(account.settings.get(REGION, 'arn:aws:iam::111122223333:role/team/Inst', NAME)).toBe('enabled');
});

test('without effectiveSettings only the principal’s own values are listed', async () => {
  account.settings.set(REGION, account.rootArn, NAME, 'enabled');
  expect(await list(false)).toEqual([]);
  account.settings.set(REGION, roleArn, NAME, 'disabled');
  expect(await list(false)).toMatchObject([{ value: 'disabled', principalArn: roleArn }]);
});

test('with effectiveSettings the role’s value overrides root’s, and root’s the service’s', async () => {
  expect(await list(true)).toMatchObject([{ value: 'disabled', principalArn: account.rootArn }]);
  account.settings.set(REGION, account.rootArn, NAME, 'enabled');
  expect(await list(true)).toMatchObject([{ value: 'enabled', principalArn: account.rootArn }]);
  account.settings.set(REGION, roleArn, NAME, 'off');
  expect(await list(true)).toMatchObject([{ value: 'off', principalArn: roleArn }]);
});

test('a setting applies only in its Region', async () => {
  await ecsIn().send(new PutAccountSettingCommand({ name: NAME, value: 'on' }));
  expect(await list(false)).toMatchObject([{ value: 'on' }]);
  expect(await list(false, 'us-west-2')).toEqual([]);
});

test('a setting can be deleted, and deleting it again returns the value in effect', async () => {
  account.settings.set(REGION, roleArn, NAME, 'enabled');
  const remove = () => ecsIn().send(new DeleteAccountSettingCommand({ name: NAME }));
  expect((await remove()).setting).toMatchObject({ value: 'enabled', principalArn: roleArn });
  expect(account.settings.entries()).toEqual([]);
  expect((await remove()).setting).toMatchObject({ value: 'disabled', principalArn: account.rootArn });
});

test('other values, other names and other principals are refused', async () => {
  const put = (value: string, name: string, principalArn?: string) =>
    errorOf(ecsIn().send(new PutAccountSettingCommand({ name: name as typeof NAME, value, principalArn })));
  expect(await put('yes', NAME)).toMatchObject({ name: 'InvalidParameterException', status: 400 });
  expect(await put('enabled', 'none')).toMatchObject({ name: 'InvalidParameterException', status: 400 });
  expect(await put('enabled', NAME, account.rootArn)).toMatchObject({ name: 'AccessDeniedException' });
  expect(account.settings.entries()).toEqual([]);
});

test('all settings are listed, in pages', async () => {
  const first = await ecsIn().send(
    new ListAccountSettingsCommand({ effectiveSettings: true, maxResults: 3 }),
  );
  const second = await ecsIn().send(
    new ListAccountSettingsCommand({ effectiveSettings: true, maxResults: 3, nextToken: first.nextToken }),
  );
  const names = [...(first.settings ?? []), ...(second.settings ?? [])].map((setting) => setting.name);
  expect(names).toContain(NAME);
  expect(new Set(names).size).toBe(names.length);
  expect(second.nextToken).toBeUndefined();
});

describe('lists that are late', () => {
  const values = async () => (await list(false))?.map(({ value }) => value);

  test('show the old value until the lag has passed', async () => {
    account.settings.lag = 4000;
    account.settings.set(REGION, roleArn, NAME, 'enabled');
    expect(await values()).toEqual([]);
    await sleep(clock, 2000);
    account.settings.set(REGION, roleArn, NAME, 'disabled');
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
    account.settings.set(REGION, roleArn, NAME, 'enabled');
    expect(await list(true)).toMatchObject([{ value: 'disabled', principalArn: account.rootArn }]);
    await sleep(clock, 4000);
    expect(await list(true)).toMatchObject([{ value: 'enabled', principalArn: roleArn }]);
  });

  test('can show the old value permanently, and the old value can be set', async () => {
    account.settings.set(REGION, roleArn, NAME, 'enabled');
    account.settings.settle();
    account.settings.lag = Number.POSITIVE_INFINITY;
    account.settings.set(REGION, roleArn, NAME, 'disabled');
    await sleep(clock, 1e9);
    expect(await values()).toEqual(['enabled']);
  });
});

test('a delete can answer without the setting, and can refuse to delete a missing setting', async () => {
  account.settings.set(REGION, roleArn, NAME, 'enabled');
  account.settings.answersWithoutSetting = true;
  account.settings.refusesToDeleteNothing = true;
  const remove = () => ecsIn().send(new DeleteAccountSettingCommand({ name: NAME }));
  expect((await remove()).setting).toBeUndefined();
  expect(await errorOf(remove())).toMatchObject({ name: 'InvalidParameterException', status: 400 });
});
