import { reportError, reportRetry, waitAfter } from '../../src/errors/failure-policy';
import { ServiceError } from '../../src/errors/service-error';
import { FIRST_INVOCATION } from '../../src/protocol/callback-context';

const errorOf = (code: string, status = 400) =>
  ServiceError.from('ecs:PutAccountSetting', {
    name: code,
    message: 'What AWS says',
    $metadata: { httpStatusCode: status },
  });
const DENIED = errorOf('AccessDenied');
const UNANSWERED = ServiceError.withoutResponse('iam:GetRole', 'there was no response in time');

const reported = (failure: ServiceError, name = 'note-7') => reportError(failure, name);

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

test.each([
  [401, 'InvalidCredentials', 'Check the credentials that the resource type calls the service with'],
  [403, 'AccessDenied', 'Check what the service allows the credentials that the resource type calls it with'],
  [503, 'ServiceInternalError', 'Retry; if it fails again, look at the service'],
  [404, 'NotFound', 'Check the properties of the resource'],
  [409, 'ResourceConflict', 'Retry when nothing else changes the resource'],
])(
  'a %s of a service that is not AWS is %s, with advice that is not about AWS',
  (status, errorCode, advice) => {
    const failure = ServiceError.fromStatus('inventory:PutItem', status, 'What it says', { retryAfter: 1 });
    const message = `inventory:PutItem failed for note-7 (HTTP ${status}). ${advice}. Details: What it says`;
    expect(reported(failure)).toMatchObject({ errorCode, message });
  },
);

test('a call without a response is NetworkFailure', () => {
  expect(reported(UNANSWERED)).toMatchObject({
    errorCode: 'NetworkFailure',
    message:
      'iam:GetRole failed for note-7 (DeadlineExceeded). Retry; if it fails again, see the AWS Health Dashboard. ' +
      'Details: there was no response in time',
  });
});

test("the resource type's advice takes the place of the general advice", () => {
  const { message } = reported(errorOf('ValidationError').withAdvice('Check the Id.'));
  expect(message).toContain(' Check the Id. Details: ');
  expect(message).not.toContain('properties');
});

test('the message names no resource where the failure is about none', () => {
  expect(reported(errorOf('ValidationError'), '').message).toMatch(
    /^ecs:PutAccountSetting failed \(ValidationError\)\. /,
  );
});

test.each([
  [DENIED, 2, { denials: 1 }],
  [errorOf('Throttling'), expect.any(Number), { throttles: 1 }],
  [errorOf('RequestExpired'), expect.any(Number), { failures: 1 }],
  [errorOf('X', 500), expect.any(Number), { failures: 1 }],
  [UNANSWERED, expect.any(Number), { failures: 1 }],
  [ServiceError.fromStatus('inventory:PutItem', 409, 'Busy'), expect.any(Number), { failures: 1 }],
] as const)('another try can help after %s', (error, delaySeconds, counted) => {
  expect(waitAfter(error, FIRST_INVOCATION)).toEqual({
    delaySeconds,
    context: { ...FIRST_INVOCATION, ...counted },
  });
});

test.each(['ExpiredToken', 'ValidationError', 'NoSuchEntity', 'Unheard'])(
  'another try does not help after %s',
  (code) => {
    expect(waitAfter(errorOf(code), FIRST_INVOCATION)).toBeUndefined();
  },
);

test.each([
  [30, 30],
  [3_600, 60],
])('a service that asks to be called again in %i s is left alone for %i s', (retryAfter, delaySeconds) => {
  const error = ServiceError.fromStatus('inventory:PutItem', 429, 'Slow down', { retryAfter });
  expect(waitAfter(error, FIRST_INVOCATION)).toMatchObject({ delaySeconds });
});

test.each([
  [DENIED, /^ecs:PutAccountSetting is denied on note-7\. This is expected .* Retrying in 4 s\.$/],
  [errorOf('Throttling'), /^ecs:PutAccountSetting is throttled\. Retrying in 4 s\.$/],
  [errorOf('X', 500), /^ecs:PutAccountSetting failed or timed out\. Retrying in 4 s\.$/],
  [UNANSWERED, /^iam:GetRole failed or timed out\. /],
])('%s is IN_PROGRESS where the operation can wait', (failure, message) => {
  const context = { ...FIRST_INVOCATION, denials: 2 };
  expect(reportRetry(failure, 'note-7', { Id: '7' }, { delaySeconds: 4, context })).toEqual({
    status: 'IN_PROGRESS',
    message: expect.stringMatching(message),
    callbackContext: context,
    callbackDelaySeconds: 4,
    resourceModel: { Id: '7' },
  });
});
