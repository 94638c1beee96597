import { callerFor, json, jsonError } from 'resource-runtime/testing';
import { deleteSetting, findSetting, putSetting } from '../../../src/setting/account-setting';
import { aws } from '../scripted-aws';

const SESSION = callerFor();
const setting = (value?: string, name = 'awsvpcTrunking') => ({ name, value, principalArn: 'arn' });
const listed = (...settings: unknown[]) => aws.answer('ListAccountSettings', json({ settings }));
const malformed = (action: string) => ({ code: 'MalformedResponse', action });

describe('findSetting', () => {
  test.each([
    ['enabled', 'enabled'],
    ['on', 'enabled'],
    ['disabled', 'disabled'],
    ['off', 'disabled'],
  ])('reads %s as %s', async (value, trunking) => {
    listed(setting('enabled', 'containerInsights'), setting(value));
    expect(await findSetting(SESSION)).toBe(trunking);
  });

  test('lists explicit settings of the caller only', async () => {
    listed(setting('enabled'));
    await findSetting(SESSION);
    expect(aws.requests[0]?.parameters).toEqual({ name: 'awsvpcTrunking', effectiveSettings: false });
  });

  test('finds no setting where none is listed, or only others are', async () => {
    listed();
    expect(await findSetting(SESSION)).toBe('absent');
    listed(setting('enabled', 'containerInsights'));
    expect(await findSetting(SESSION)).toBe('absent');
  });

  test.each([
    ['no list', {}],
    ['an object for a list', { settings: { 0: setting('enabled') } }],
    ['a text for a list', { settings: 'enabled' }],
    ['a setting without a name', { settings: [{ value: 'enabled' }] }],
    ['no setting', { settings: [null] }],
    ['another value', { settings: [setting('sometimes')] }],
    ['no value', { settings: [setting()] }],
  ])('rejects an answer with %s', async (_, answer) => {
    aws.answer('ListAccountSettings', json(answer));
    await expect(findSetting(SESSION)).rejects.toMatchObject(malformed('ecs:ListAccountSettings'));
  });
});

test('each call is recorded by its action', async () => {
  listed(setting('enabled'));
  aws.answer('PutAccountSetting', json({ setting: setting('enabled') }));
  aws.answer('DeleteAccountSetting', json({}));
  const session = callerFor();
  await findSetting(session);
  await putSetting(session, 'enabled');
  await deleteSetting(session);
  expect(session.calls.map(({ action }) => action)).toEqual([
    'ecs:ListAccountSettings',
    'ecs:PutAccountSetting',
    'ecs:DeleteAccountSetting',
  ]);
});

describe('putSetting', () => {
  test.each(['enabled', 'disabled'] as const)('puts %s for the caller', async (value) => {
    aws.answer('PutAccountSetting', json({ setting: setting(value) }));
    await putSetting(SESSION, value);
    expect(aws.requests[0]?.parameters).toEqual({ name: 'awsvpcTrunking', value });
  });

  test('accepts on as enabled', async () => {
    aws.answer('PutAccountSetting', json({ setting: setting('on') }));
    await expect(putSetting(SESSION, 'enabled')).resolves.toBeUndefined();
  });

  test.each([
    ['another value', { setting: setting('disabled') }],
    ['no value', { setting: setting() }],
    ['no setting', {}],
  ])('rejects an answer with %s', async (_, answer) => {
    aws.answer('PutAccountSetting', json(answer));
    await expect(putSetting(SESSION, 'enabled')).rejects.toMatchObject(malformed('ecs:PutAccountSetting'));
  });
});

describe('deleteSetting', () => {
  test('deletes the setting of the caller, and needs no setting in the answer', async () => {
    aws.answer('DeleteAccountSetting', json({}));
    await deleteSetting(SESSION);
    expect(aws.requests.map(({ parameters }) => parameters)).toEqual([{ name: 'awsvpcTrunking' }]);
  });

  test('succeeds where ECS refuses because there is no setting', async () => {
    aws.answer('DeleteAccountSetting', jsonError('InvalidParameterException'));
    await expect(deleteSetting(SESSION)).resolves.toBeUndefined();
  });

  test.each([jsonError('AccessDeniedException'), jsonError('ServerException', 500)])(
    'throws any other error: %j',
    async (error) => {
      aws.answer('DeleteAccountSetting', error);
      await expect(deleteSetting(SESSION)).rejects.toMatchObject({ action: 'ecs:DeleteAccountSetting' });
    },
  );
});
