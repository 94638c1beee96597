import { AwsError } from '../../src/aws/aws-error';
import { type Circumstances, report, waitAfter } from '../../src/errors/failure-policy';
import { FIRST_INVOCATION } from '../../src/protocol/callback-context';

const errorOf = (code: string, status = 400) =>
  AwsError.from('ecs:PutAccountSetting', {
    name: code,
    message: 'What AWS says',
    $metadata: { httpStatusCode: status },
  });
const DENIED = errorOf('AccessDenied');
const UNANSWERED = AwsError.withoutResponse('iam:GetRole', 'there was no response in time');

const reported = (failure: AwsError, more: Partial<Circumstances> = {}) =>
  report(failure, {
    action: 'READ',
    name: 'note-7',
    advice: undefined,
    retry: undefined,
    explanation: undefined,
    unanswered: undefined,
    ...more,
  });

test.each([
  [errorOf('AccessDenied'), 'AccessDenied', 'Grant the execution role'],
  [errorOf('Throttling'), 'Throttling', 'fewer calls'],
  [errorOf('ExpiredToken'), 'InvalidCredentials', 'check the execution role'],
  [errorOf('RequestExpired'), 'NetworkFailure', 'reached AWS too late'],
  [errorOf('ValidationError'), 'InvalidRequest', 'Check the properties'],
  [errorOf('NoSuchEntity'), 'NotFound', 'Check the properties'],
  [errorOf('ServerException', 500), 'ServiceInternalError', 'AWS Health Dashboard'],
  [errorOf('Unheard'), 'GeneralServiceException', 'API reference'],
])('%s is FAILED with %s, with advice and the message of AWS', (failure, errorCode, advice) => {
  const { message, ...event } = reported(failure);
  expect(event).toEqual({ status: 'FAILED', errorCode, callbackDelaySeconds: 0 });
  const start = `ecs:PutAccountSetting failed for note-7 (${failure.code}). `;
  expect(message.slice(0, start.length)).toBe(start);
  expect(message.slice(start.length)).toContain(advice);
  expect(message).toMatch(/\. Details: What AWS says$/);
});

test('a call without a response is NetworkFailure', () => {
  expect(reported(UNANSWERED)).toMatchObject({
    errorCode: 'NetworkFailure',
    message:
      'iam:GetRole failed for note-7 (DeadlineExceeded). Retry; if it fails again, see the AWS Health Dashboard. ' +
      'Details: there was no response in time',
  });
});

test("the resource type's advice takes the place of the general advice", () => {
  const { message } = reported(errorOf('ValidationError'), { advice: 'Check the Id.' });
  expect(message).toContain(' Check the Id. Details: ');
  expect(message).not.toContain('properties');
  expect(reported(UNANSWERED, { advice: 'Check the Id.' }).message).toContain(' Check the Id. Details: ');
});

test('the message names no resource where the failure is about none', () => {
  expect(reported(errorOf('ValidationError'), { name: '' }).message).toMatch(
    /^ecs:PutAccountSetting failed \(ValidationError\)\. /,
  );
});

test.each([
  ['denied', 2, { denials: 1 }],
  ['throttled', expect.any(Number), { throttles: 1 }],
  ['stale', expect.any(Number), { failures: 1 }],
  ['server', expect.any(Number), { failures: 1 }],
  ['network', expect.any(Number), { failures: 1 }],
] as const)('another try can help after %s', (kind, delaySeconds, counted) => {
  expect(waitAfter(kind, FIRST_INVOCATION)).toEqual({
    delaySeconds,
    context: { ...FIRST_INVOCATION, ...counted },
  });
});

test.each(['credentials', 'invalid-parameter', 'not-found', 'other'] as const)(
  'another try does not help after %s',
  (kind) => {
    expect(waitAfter(kind, FIRST_INVOCATION)).toBeUndefined();
  },
);

describe('where the operation can wait', () => {
  const retry = { model: { Id: '7' }, delaySeconds: 4, context: { ...FIRST_INVOCATION, denials: 2 } };

  test.each([
    [DENIED, /^ecs:PutAccountSetting is denied on note-7\. This is expected .* Retrying in 4 s\.$/],
    [errorOf('Throttling'), /^ecs:PutAccountSetting is throttled\. Retrying in 4 s\.$/],
    [errorOf('X', 500), /^ecs:PutAccountSetting failed or timed out\. Retrying in 4 s\.$/],
    [UNANSWERED, /^iam:GetRole failed or timed out\. /],
  ])('%s is IN_PROGRESS', (failure, message) => {
    expect(reported(failure, { action: 'UPDATE', retry })).toEqual({
      status: 'IN_PROGRESS',
      message: expect.stringMatching(message),
      callbackContext: retry.context,
      callbackDelaySeconds: 4,
      resourceModel: { Id: '7' },
    });
  });
});

describe('a denial that the resource type explains', () => {
  const explanation = 'Check the trust policy.';

  test('is AccessDenied with the message of the resource type', () => {
    expect(reported(DENIED, { explanation })).toMatchObject({
      errorCode: 'AccessDenied',
      message: 'Check the trust policy.',
    });
  });

  test('is a retriable failure of a read if it is not known whether the resource exists', () => {
    const uncertain = { explanation, unanswered: UNANSWERED, advice: 'Advice about the denial.' };
    expect(reported(DENIED, uncertain)).toEqual(reported(UNANSWERED));
    expect(reported(DENIED, { ...uncertain, action: 'DELETE' })).toMatchObject({
      errorCode: 'AccessDenied',
      message: 'Check the trust policy.',
    });
  });
});
