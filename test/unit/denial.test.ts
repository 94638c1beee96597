import { explainDenial } from '../../src/denial';
import { parseRoleArn } from '../../src/role/role-arn';
import { AwsError, TimeIsUp } from '../../src/runtime';
import { callerFor, identity, ScriptedAws, xml, xmlError } from './support/scripted-aws';

const role = parseRoleArn('arn:aws:iam::111122223333:role/instances');

let aws: ScriptedAws;

beforeAll(async () => {
  aws = await ScriptedAws.start();
});

afterAll(() => aws.close());

beforeEach(() => {
  aws.reset();
  aws.answer('GetRole', xml('GetRole', `<Role><Arn>${role.arn}</Arn></Role>`));
  aws.answer('GetCallerIdentity', identity('arn:aws:sts::111122223333:assumed-role/Handler/session'));
});

const explain = (action: string, isFinal: boolean, handler = callerFor()) => {
  const denial = AwsError.from(action, {
    name: 'AccessDenied',
    message: 'Not authorized',
    $metadata: { httpStatusCode: 403 },
  });
  return explainDenial(denial, { role }, handler, isFinal);
};
const operations = () => aws.requests.map(({ operation }) => operation).sort();

test('a denied AssumeRole of a role that does not exist is NotFound', async () => {
  aws.answer('GetRole', xmlError('NoSuchEntity', 404));
  for (const isFinal of [true, false]) {
    expect(await explain('sts:AssumeRole', isFinal)).toEqual({
      code: 'NotFound',
      message: `There is no role ${role.arn}.`,
    });
  }
});

test('the final message names everything that has to be right, and what AWS said', async () => {
  const { code, message, unanswered } = await explain('sts:AssumeRole', true);
  expect({ code, unanswered }).toEqual({ code: 'AccessDenied', unanswered: undefined });
  expect(message).toMatch(/^sts:AssumeRole is denied on arn:aws:iam::111122223333:role\/instances\. /);
  for (const part of [
    'the tag ecs-role-trunking = managed',
    'lets the handler role Handler assume it with the session name EcsRoleTrunking',
    'ecs:ListAccountSettings, ecs:PutAccountSetting and ecs:DeleteAccountSetting',
    'AWS said: Not authorized',
  ]) {
    expect(message).toContain(part);
  }
});

test('the name of the handler role is asked for only in the end', async () => {
  await explain('sts:AssumeRole', false);
  expect(operations()).toEqual(['GetRole']);
  await explain('sts:AssumeRole', true);
  expect(operations()).toEqual(['GetCallerIdentity', 'GetRole', 'GetRole']);
});

test('a role that denies a call of ECS exists', async () => {
  expect(await explain('ecs:PutAccountSetting', true)).toMatchObject({ code: 'AccessDenied' });
  expect(operations()).toEqual(['GetCallerIdentity']);
});

test('the handler role has no name where STS does not answer', async () => {
  aws.answer('GetCallerIdentity', xmlError('AccessDenied', 403));
  expect((await explain('sts:AssumeRole', true)).message).toContain('lets the handler role assume it');
});

test('whether the role exists stays open where IAM fails, or does not answer in time', async () => {
  aws.answer('GetRole', xmlError('InternalFailure', 500));
  expect(await explain('sts:AssumeRole', true)).toMatchObject({
    code: 'AccessDenied',
    unanswered: { action: 'iam:GetRole', kind: 'server' },
  });
  const invocation = new AbortController();
  const handler = callerFor(60_000, invocation);
  invocation.abort();
  expect((await explain('sts:AssumeRole', true, handler)).unanswered).toBeInstanceOf(TimeIsUp);
});

test('where IAM denies the question, the role is taken to exist', async () => {
  aws.answer('GetRole', xmlError('AccessDenied', 403));
  expect(await explain('sts:AssumeRole', true)).toMatchObject({
    code: 'AccessDenied',
    unanswered: undefined,
  });
});
