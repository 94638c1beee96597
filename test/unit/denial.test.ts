import { AwsError } from 'resource-runtime';
import { callerFor, identity, ScriptedAws, xml, xmlError } from 'resource-runtime/testing';
import { explainDenial } from '../../src/denial';
import { parseRoleArn } from '../../src/role/role-arn';

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

const explain = (action: string, isFinal: boolean, handler = callerFor(), of = role) => {
  const denial = AwsError.from(action, {
    name: 'AccessDenied',
    message: 'Not authorized',
    $metadata: { httpStatusCode: 403 },
  });
  return explainDenial(denial, { role: of }, handler, isFinal);
};
const operations = () => aws.requests.map(({ operation }) => operation).sort();

test('a denied AssumeRole is NotFound where the role does not exist', async () => {
  aws.answer('GetRole', xmlError('NoSuchEntity', 404));
  for (const isFinal of [true, false]) {
    expect(await explain('sts:AssumeRole', isFinal)).toEqual({
      code: 'NotFound',
      message: `There is no role ${role.arn}.`,
    });
  }
});

test('the final message names everything to check, and what AWS said', async () => {
  const { message, ...meaning } = await explain('sts:AssumeRole', true);
  expect(meaning).toEqual({ code: 'AccessDenied', unanswered: undefined });
  expect(message).toMatch(
    /^sts:AssumeRole is denied on arn:aws:iam::111122223333:role\/instances\. Check .* Details: Not authorized$/,
  );
  for (const part of [
    'the tag ecs-role-trunking = managed',
    'trusts the handler role Handler with the session name EcsRoleTrunking',
    'ecs:ListAccountSettings, ecs:PutAccountSetting and ecs:DeleteAccountSetting',
  ]) {
    expect(message).toContain(part);
  }
});

test('the name of the handler role is looked up only for the final message', async () => {
  const { message } = await explain('sts:AssumeRole', false);
  expect(message).toContain('trusts the handler role with');
  expect(operations()).toEqual(['GetRole']);
  await explain('sts:AssumeRole', true);
  expect(operations()).toEqual(['GetCallerIdentity', 'GetRole', 'GetRole']);
});

test('a denied call to ECS is AccessDenied without a look at IAM, since the role exists', async () => {
  expect(await explain('ecs:PutAccountSetting', true)).toMatchObject({ code: 'AccessDenied' });
  expect(operations()).toEqual(['GetCallerIdentity']);
});

test('the message does not name the handler role where STS denies the lookup', async () => {
  aws.answer('GetCallerIdentity', xmlError('AccessDenied', 403));
  expect((await explain('sts:AssumeRole', true)).message).toContain('trusts the handler role with');
});

test('it stays unknown whether the role exists where IAM fails or does not answer in time', async () => {
  aws.answer('GetRole', xmlError('InternalFailure', 500));
  expect(await explain('sts:AssumeRole', true)).toMatchObject({
    code: 'AccessDenied',
    unanswered: { iamAction: 'iam:GetRole', kind: 'server' },
  });
  const invocation = new AbortController();
  const handler = callerFor(60_000, invocation);
  invocation.abort();
  expect(await explain('sts:AssumeRole', true, handler)).toMatchObject({
    unanswered: { iamAction: 'iam:GetRole', code: 'DeadlineExceeded' },
  });
});

test('a denied AssumeRole is AccessDenied where IAM denies the lookup of the role', async () => {
  aws.answer('GetRole', xmlError('AccessDenied', 403));
  expect(await explain('sts:AssumeRole', true)).toMatchObject({
    code: 'AccessDenied',
    unanswered: undefined,
  });
});

test('an error in the code of a lookup is thrown', async () => {
  const broken = { ...callerFor(), calls: null as never };
  await expect(explain('sts:AssumeRole', true, broken)).rejects.toThrow(TypeError);
});

test('the message says what to check even for the longest path and name of a role', async () => {
  const longest = parseRoleArn(`arn:aws:iam::111122223333:role/${'p'.repeat(510)}/${'n'.repeat(64)}`);
  aws.answer(
    'GetCallerIdentity',
    identity(`arn:aws:sts::111122223333:assumed-role/${'h'.repeat(64)}/session`),
  );
  aws.answer('GetRole', xmlError('AccessDenied', 403));
  const { message } = await explain('sts:AssumeRole', true, callerFor(), longest);
  // CloudFormation records 1,024 characters.
  expect(message.slice(0, 1_024)).toMatch(/, as in examples\/roles\.yml\. /);
});
