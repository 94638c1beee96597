import { ASSUMED, callerFor, SESSION, xml } from 'resource-runtime/testing';
import { parseRoleArn } from '../../../src/role/role-arn';
import { assumeRole } from '../../../src/role/role-session';
import { aws } from '../scripted-aws';

const ROLE = parseRoleArn('arn:aws:iam::111122223333:role/instances');
const POLICY = { Version: '2012-10-17', Statement: [] };

test('a session has the name that the policies require, the shortest duration and the session policy', async () => {
  aws.answer('AssumeRole', ASSUMED);
  await assumeRole(callerFor(), ROLE, POLICY);
  expect(aws.requests[0]?.parameters).toMatchObject({
    RoleArn: ROLE.arn,
    RoleSessionName: 'EcsRoleTrunking',
    DurationSeconds: '900',
    Policy: JSON.stringify(POLICY),
  });
});

test('the session is a caller with the credentials of the role, and the deadline and records of the handler', async () => {
  aws.answer('AssumeRole', ASSUMED);
  const handler = callerFor();
  const session = await assumeRole(handler, ROLE, POLICY);
  expect(session).toEqual({ ...handler, credentials: SESSION });
  expect(session.calls).toBe(handler.calls);
  expect(handler.calls).toMatchObject([{ action: 'sts:AssumeRole' }]);
});

test('credentials that cannot be sent are secrets, too', async () => {
  const handler = callerFor();
  const parts = '<AccessKeyId>long-key</AccessKeyId><SecretAccessKey>long-secret</SecretAccessKey>';
  const token = '<SessionToken>long token</SessionToken>';
  aws.answer('AssumeRole', xml('AssumeRole', `<Credentials>${parts}${token}</Credentials>`));
  await expect(assumeRole(handler, ROLE, POLICY)).rejects.toMatchObject({ code: 'MalformedResponse' });
  expect(handler.secrets.redact('long-key long-secret long token')).toBe('<REDACTED> <REDACTED> <REDACTED>');
});

test('the credentials of a session are secrets', async () => {
  aws.answer('AssumeRole', ASSUMED);
  const handler = callerFor();
  await assumeRole(handler, ROLE, POLICY);
  const { secrets } = handler;
  const values = [SESSION.secretAccessKey, SESSION.sessionToken, SESSION.accessKeyId];
  expect(values.map((value) => secrets.redact(value))).toEqual(values.map(() => '<REDACTED>'));
});

const KEY = '<AccessKeyId>a</AccessKeyId>';
const SECRET = '<SecretAccessKey>b</SecretAccessKey>';
const TOKEN = '<SessionToken>c</SessionToken>';

test.each([
  ['no credentials', ''],
  ['no access key', `<Credentials>${SECRET}${TOKEN}</Credentials>`],
  ['no secret', `<Credentials>${KEY}${TOKEN}</Credentials>`],
  ['no token', `<Credentials>${KEY}${SECRET}</Credentials>`],
  [
    'a token that cannot be sent',
    `<Credentials>${KEY}${SECRET}${TOKEN.replace('c', 'c&#10;')}</Credentials>`,
  ],
])('an answer with %s is malformed', async (_, result) => {
  aws.answer('AssumeRole', xml('AssumeRole', result));
  await expect(assumeRole(callerFor(), ROLE, POLICY)).rejects.toMatchObject({
    code: 'MalformedResponse',
    action: 'sts:AssumeRole',
  });
});
