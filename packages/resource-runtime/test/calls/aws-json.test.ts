import { callJson, endpointOf, type JsonService } from '../../src/calls/aws-json';
import { shortenWaits } from '../../src/testing/brief-waits';
import { CREDENTIALS, callerFor, jsonError } from '../../src/testing/scripted-aws';
import { aws } from '../scripted-aws';

const LOGS: JsonService = {
  name: 'logs',
  version: '1.1',
  targetPrefix: 'Logs_20140328',
  endpointVariable: 'AWS_ENDPOINT_URL_CLOUDWATCH_LOGS',
  actionPrefix: 'logs',
};
const OK = { body: '{}' };

describe('a call', () => {
  beforeEach(shortenWaits);

  afterEach(() => jest.restoreAllMocks());

  const put = (caller = callerFor()) => callJson(caller, LOGS, 'PutLogEvents', { logGroupName: 'group' });

  test('is signed, and has the target and the content type of the service', async () => {
    aws.answer('PutLogEvents', OK);
    await put();
    const [{ headers, parameters }] = aws.requests as [(typeof aws.requests)[0]];
    expect(parameters).toEqual({ logGroupName: 'group' });
    expect(headers).toMatchObject({
      host: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Logs_20140328.PutLogEvents',
      'x-amz-security-token': CREDENTIALS.sessionToken,
      authorization: expect.stringMatching(
        /Credential=ASIATHEHANDLERROLE00\/\d{8}\/us-east-1\/logs\/aws4_request/,
      ),
    });
  });

  test('is recorded with its request ID and attempts', async () => {
    aws.answer('PutLogEvents', OK);
    const caller = callerFor();
    await put(caller);
    expect(caller.calls).toMatchObject([
      { action: 'logs:PutLogEvents', requestId: 'request-id', attempts: 1 },
    ]);
  });

  test.each([
    ['a 500', jsonError('InternalFailure', 500)],
    ['throttling', jsonError('ThrottlingException')],
    ['a connection that is cut', 'cut' as const],
  ])('is made up to three times after %s', async (_, failure) => {
    const caller = callerFor();
    aws.answer('PutLogEvents', failure, failure, OK);
    await put(caller);
    expect(caller.calls).toMatchObject([{ attempts: 3 }]);
    aws.answer('PutLogEvents', failure);
    await expect(put()).rejects.toMatchObject({ action: 'logs:PutLogEvents', isTransient: true });
    expect(aws.requests).toHaveLength(6);
  });

  test('is made once more, at once, after a stale signature', async () => {
    const stale = jsonError('InvalidSignatureException', 400, 'Signature expired: 20260101T000000Z is now …');
    aws.answer('PutLogEvents', stale, OK);
    await put();
    expect(aws.requests).toHaveLength(2);
    aws.answer('PutLogEvents', stale);
    await expect(put()).rejects.toMatchObject({ kind: 'stale' });
    expect(aws.requests).toHaveLength(4);
  });

  test.each([
    ['AccessDeniedException', 'AccessDeniedException', 'denied'],
    ['com.amazonaws.logs#ResourceNotFoundException', 'ResourceNotFoundException', 'not-found'],
  ])('that fails with %s is not retried, and throws its code', async (type, code, kind) => {
    aws.answer('PutLogEvents', jsonError(type));
    await expect(put()).rejects.toMatchObject({ code, kind, message: 'Details of the error' });
    expect(aws.requests).toHaveLength(1);
  });

  test.each([
    ['a web page', '<html>', 'HTTP 403', 'no message'],
    ['null', 'null', 'HTTP 403', 'no message'],
    ['a text', '"Denied"', 'HTTP 403', 'no message'],
    ['a message in upper case', '{"Message":"Denied"}', 'HTTP 403', 'Denied'],
    ['a message that is not a text', '{"message":{},"Message":"Denied"}', 'HTTP 403', 'Denied'],
    ['no text at all', '{"__type":[],"message":{}}', 'HTTP 403', 'no message'],
  ])('that fails with %s throws the status', async (_, body, code, message) => {
    aws.answer('PutLogEvents', { status: 403, body });
    await expect(put()).rejects.toMatchObject({ code, message });
  });

  test('that is answered with a redirect fails', async () => {
    aws.answer('PutLogEvents', { status: 300, body: '{}' });
    await expect(put()).rejects.toMatchObject({ code: 'MalformedResponse' });
  });

  test('ends with the invocation, and makes no further attempt', async () => {
    const end = new AbortController();
    aws.answer('PutLogEvents', 'silence');
    const pending = put(callerFor(60_000, end));
    pending.catch(() => {});
    while (aws.requests.length === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    end.abort();
    await expect(pending).rejects.toMatchObject({ kind: 'network' });
    expect(aws.requests).toHaveLength(1);
  });
});

describe('the endpoint of a service', () => {
  beforeEach(() => {
    jest.replaceProperty(process, 'env', {});
  });

  afterEach(() => jest.restoreAllMocks());

  test.each([
    ['us-east-1', 'https://logs.us-east-1.amazonaws.com/'],
    ['us-gov-west-1', 'https://logs.us-gov-west-1.amazonaws.com/'],
    ['cn-north-1', 'https://logs.cn-north-1.amazonaws.com.cn/'],
  ])('in %s is under the domain of its partition', (region, endpoint) => {
    expect(endpointOf(LOGS, region).href).toBe(endpoint);
  });

  test('is taken from the environment, the variable of the service first', () => {
    process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:1';
    expect(endpointOf(LOGS, 'us-east-1').href).toBe('http://127.0.0.1:1/');
    process.env.AWS_ENDPOINT_URL_CLOUDWATCH_LOGS = 'http://127.0.0.1:2';
    expect(endpointOf(LOGS, 'us-east-1').href).toBe('http://127.0.0.1:2/');
  });
});
