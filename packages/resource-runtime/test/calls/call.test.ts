import { ECSClient, ListAccountSettingsCommand } from '@aws-sdk/client-ecs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { call, clientConfiguration } from '../../src/calls/call';
import type { Caller } from '../../src/calls/caller';
import { shortenWaits } from '../../src/testing/brief-waits';
import { CREDENTIALS, callerFor, identity, json, xmlError } from '../../src/testing/scripted-aws';
import { aws } from '../scripted-aws';

beforeEach(() => {
  shortenWaits();
});

afterEach(() => jest.restoreAllMocks());

const getIdentity = (caller: Caller) => {
  const sts = new STSClient(clientConfiguration(caller));
  return call(caller, 'sts:GetCallerIdentity', (options) =>
    sts.send(new GetCallerIdentityCommand({}), options),
  );
};
const ANSWER = identity('arn:aws:iam::111122223333:user/tester');

test('a call is signed with the credentials and the Region of the caller', async () => {
  aws.answer('GetCallerIdentity', ANSWER);
  await getIdentity(callerFor());
  const [{ headers }] = aws.requests as [(typeof aws.requests)[0]];
  expect(headers.authorization).toContain(`Credential=${CREDENTIALS.accessKeyId}/`);
  expect(headers.authorization).toContain('/us-east-1/sts/aws4_request');
  expect(headers['x-amz-security-token']).toBe(CREDENTIALS.sessionToken);
});

test('a call is recorded with its request ID, attempts and duration', async () => {
  aws.answer('GetCallerIdentity', ANSWER);
  const caller = callerFor();
  await getIdentity(caller);
  expect(caller.calls).toEqual([
    {
      action: 'sts:GetCallerIdentity',
      requestId: 'request-id',
      attempts: 1,
      milliseconds: expect.any(Number),
    },
  ]);
});

test.each([
  ['a 500', xmlError('InternalFailure', 500)],
  ['throttling', xmlError('Throttling', 400)],
])('a call is made up to three times after %s', async (_, failure) => {
  const caller = callerFor();
  aws.answer('GetCallerIdentity', failure, failure, ANSWER);
  await expect(getIdentity(caller)).resolves.toMatchObject({ Account: '111122223333' });
  aws.answer('GetCallerIdentity', failure);
  await expect(getIdentity(caller)).rejects.toMatchObject({ action: 'sts:GetCallerIdentity' });
  expect(aws.requests).toHaveLength(6);
  expect(caller.calls).toMatchObject([{ attempts: 3 }, { error: expect.any(String) }]);
});

test('a call is made up to three times over a connection that is cut', async () => {
  aws.answer('GetCallerIdentity', 'cut', 'cut', ANSWER);
  await expect(getIdentity(callerFor())).resolves.toMatchObject({ Account: '111122223333' });
  aws.answer('GetCallerIdentity', 'cut');
  // Within jest, Node's errors are not instances of Error, so the SDK wraps them and drops their code.
  await expect(getIdentity(callerFor())).rejects.toThrow();
  expect(aws.requests).toHaveLength(6);
});

test('a call whose signature was stale is made once more, at once, with a new signature', async () => {
  const stale = xmlError(
    'SignatureDoesNotMatch',
    403,
    'Signature expired: 20260101T000000Z is now earlier than …',
  );
  const caller = callerFor();
  aws.answer('GetCallerIdentity', stale, ANSWER);
  await expect(getIdentity(caller)).resolves.toMatchObject({ Account: '111122223333' });
  expect(aws.requests).toHaveLength(2);
  aws.answer('GetCallerIdentity', stale);
  await expect(getIdentity(caller)).rejects.toMatchObject({ kind: 'stale' });
  expect(aws.requests).toHaveLength(4);
  expect(caller.calls).toMatchObject([{ attempts: 1 }, { error: 'SignatureDoesNotMatch' }]);
  expect(caller.calls[0]).not.toHaveProperty('error');
});

test('a denial is not retried, and is recorded with its code', async () => {
  const caller = callerFor();
  aws.answer('GetCallerIdentity', xmlError('AccessDenied', 403));
  await expect(getIdentity(caller)).rejects.toMatchObject({ kind: 'denied', details: { attempts: 1 } });
  expect(aws.requests).toHaveLength(1);
  expect(caller.calls).toMatchObject([{ error: 'AccessDenied', requestId: 'request-id', attempts: 1 }]);
});

test('an attempt without a response is abandoned for the next one, three times', async () => {
  aws.answer('GetCallerIdentity', 'silence');
  const caller = callerFor();
  const deadline = { ...caller.deadline, attemptTimeout: 50 };
  await expect(getIdentity({ ...caller, deadline })).rejects.toMatchObject({
    kind: 'network',
    details: { attempts: 3 },
  });
});

test.each([
  ['null as the cause', { __type: 'X', cause: null }],
  ['a message that is not a text', { __type: 'InvalidSignatureException', message: 7 }],
  ['a time that is none', { __type: 'X', ServerTime: { toString: 1, valueOf: null } }],
])('an error with %s, on which the SDK fails, is malformed', async (_, error) => {
  aws.answer('ListAccountSettings', json(error, 400));
  const caller = callerFor();
  const ecs = new ECSClient(clientConfiguration(caller));
  const listing = call(caller, 'ecs:ListAccountSettings', (options) =>
    ecs.send(new ListAccountSettingsCommand({}), options),
  );
  await expect(listing).rejects.toMatchObject({ kind: 'server', code: 'MalformedResponse' });
});

test('an error in the code around a call is thrown as it is, and its record shows that the call has ended', async () => {
  const error = new TypeError('x is undefined');
  const caller = callerFor();
  const failing = call(caller, 'sts:GetCallerIdentity', async () => {
    throw error;
  });
  await expect(failing).rejects.toBe(error);
  expect(caller.calls).toEqual([{ action: 'sts:GetCallerIdentity', milliseconds: expect.any(Number) }]);
});

test('a call ends with the invocation', async () => {
  const end = new AbortController();
  aws.answer('GetCallerIdentity', 'silence');
  const pending = getIdentity(callerFor(60_000, end));
  pending.catch(() => {});
  while (aws.requests.length === 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  end.abort();
  await expect(pending).rejects.toMatchObject({ kind: 'network', code: 'AbortError' });
});
