import { findCallerIdentity } from '../../../src/role/caller-identity';
import { callerFor, identity, ScriptedAws, xml } from '../support/scripted-aws';

let aws: ScriptedAws;

beforeAll(async () => {
  aws = await ScriptedAws.start();
});

afterAll(() => aws.close());

test('the call is recorded by its action', async () => {
  aws.answer('GetCallerIdentity', identity('arn:aws:iam::111122223333:user/tester'));
  const caller = callerFor();
  await findCallerIdentity(caller);
  expect(caller.calls).toMatchObject([{ action: 'sts:GetCallerIdentity' }]);
});

test('an answer without an ARN is malformed', async () => {
  aws.answer('GetCallerIdentity', xml('GetCallerIdentity', '<Arn>x</Arn>'));
  await expect(findCallerIdentity(callerFor())).rejects.toMatchObject({ code: 'MalformedResponse' });
});

const found = (arn: string) => {
  aws.answer('GetCallerIdentity', identity(arn));
  return findCallerIdentity(callerFor());
};

test('a session is a role, whose path STS does not return', async () => {
  const arn = 'arn:aws:sts::111122223333:assumed-role/Handler/session';
  expect(await found(arn)).toEqual({ accountId: '111122223333', arn, kind: 'role', name: 'Handler' });
});

test('a user is named without the path, and its ARN is what conditions compare', async () => {
  const arn = 'arn:aws:iam::111122223333:user/team:a/storage/tester';
  const user = { accountId: '111122223333', arn, kind: 'user', name: 'tester', principalArn: arn };
  expect(await found(arn)).toEqual(user);
});

test.each(['arn:aws:iam::111122223333:root', 'arn:aws:sts::111122223333:federated-user/te:ster'])(
  '%s is neither a role nor a user',
  async (arn) => {
    expect(await found(arn)).toMatchObject({ kind: 'other', name: arn.split(':').slice(5).join(':') });
  },
);

test('an answer without an account is malformed', async () => {
  aws.answer('GetCallerIdentity', xml('GetCallerIdentity', '<UserId>x</UserId>'));
  await expect(findCallerIdentity(callerFor())).rejects.toMatchObject({
    code: 'MalformedResponse',
    iamAction: 'sts:GetCallerIdentity',
  });
});
