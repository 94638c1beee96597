import { ASSUMED, callerFor } from 'resource-runtime/testing';
import { parseRoleArn } from '../../../src/role/role-arn';
import { openSession, type SettingAction } from '../../../src/setting/setting-session';
import { aws } from '../scripted-aws';

const ROLE = parseRoleArn('arn:aws:iam::111122223333:role/instances');

const policyFor = async (...actions: [SettingAction, ...SettingAction[]]) => {
  aws.answer('AssumeRole', ASSUMED);
  await openSession(callerFor(), ROLE, ...actions);
  return JSON.parse(String(aws.requests.at(-1)?.parameters.Policy));
};

test('a session allows the actions that it is for, and no others', async () => {
  expect(await policyFor('ecs:ListAccountSettings')).toEqual({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'ecs:ListAccountSettings', Resource: '*' }],
  });
});

test('a session can change no other setting', async () => {
  const condition = { Condition: { StringEquals: { 'ecs:account-setting': 'awsvpcTrunking' } } };
  for (const action of ['ecs:PutAccountSetting', 'ecs:DeleteAccountSetting'] as const) {
    expect((await policyFor('ecs:ListAccountSettings', action)).Statement).toEqual([
      { Effect: 'Allow', Action: 'ecs:ListAccountSettings', Resource: '*' },
      { Effect: 'Allow', Action: action, Resource: '*', ...condition },
    ]);
  }
});
