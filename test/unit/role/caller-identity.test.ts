import { callerFor, identity, xml } from 'resource-runtime/testing';
import { findCallerIdentity } from '../../../src/role/caller-identity';
import { aws } from '../scripted-aws';

test('the call is recorded by its action', async () => {
  aws.answer('GetCallerIdentity', identity('arn:aws:iam::111122223333:user/tester'));
  const caller = callerFor();
  await findCallerIdentity(caller);
  expect(caller.calls).toMatchObject([{ action: 'sts:GetCallerIdentity' }]);
});

const found = (arn: string) => {
  aws.answer('GetCallerIdentity', identity(arn));
  return findCallerIdentity(callerFor());
};

test('a session is a role, whose path STS does not return', async () => {
  const arn = 'arn:aws:sts::111122223333:assumed-role/Handler/session';
  expect(await found(arn)).toEqual({ accountId: '111122223333', arn, kind: 'role', name: 'Handler' });
});

test.each(['team:a/storage', 'a/'])('a user is named without the path %s', async (path) => {
  const arn = `arn:aws:iam::111122223333:user/${path}/tester`;
  const user = { accountId: '111122223333', arn, kind: 'user', name: 'tester' };
  expect(await found(arn)).toEqual(user);
});

test.each([
  'arn:aws:iam::111122223333:root',
  'arn:aws-us-gov:iam::111122223333:root',
  'arn:aws:sts::111122223333:federated-user/te:ster',
])('%s is neither a role nor a user', async (arn) => {
  expect(await found(arn)).toMatchObject({ kind: 'other', name: arn.split(':').slice(5).join(':') });
});

test.each([
  ['no ARN', '<UserId>x</UserId>'],
  ['a word', '<Arn>x</Arn>'],
  ['another service', '<Arn>arn:aws:ec2::111122223333:user/x</Arn>'],
  ['a partition in upper case', '<Arn>arn:AWS:iam::111122223333:user/x</Arn>'],
  ['a Region', '<Arn>arn:aws:sts:us-east-1:111122223333:assumed-role/Handler/session</Arn>'],
  ['no account', '<Arn>arn:aws:iam:::user/x</Arn>'],
  ['thirteen digits', '<Arn>arn:aws:iam::1111222233334:user/x</Arn>'],
  ['an empty name', '<Arn>arn:aws:sts::111122223333:assumed-role/</Arn>'],
  ['no name', '<Arn>arn:aws:sts::111122223333:assumed-role</Arn>'],
  ['half a character', '<Arn>arn:aws:sts::111122223333:assumed-role/h&#xD800;/session</Arn>'],
  ['a space', '<Arn>arn:aws:sts::111122223333:assumed-role/h /session</Arn>'],
  ['text before it', '<Arn>x arn:aws:iam::111122223333:root</Arn>'],
  ['text after it', '<Arn>arn:aws:iam::111122223333:rooted</Arn>'],
])('an answer with %s is malformed', async (_, result) => {
  aws.answer('GetCallerIdentity', xml('GetCallerIdentity', result));
  await expect(findCallerIdentity(callerFor())).rejects.toMatchObject({
    code: 'MalformedResponse',
    action: 'sts:GetCallerIdentity',
  });
});
