import { AwsError } from '../../../src/runtime/aws/aws-error';
import { FIRST_INVOCATION } from '../../../src/runtime/callback-context';
import { type Circumstances, judge, waitAfter } from '../../../src/runtime/error-codes';

const errorOf = (code: string, status = 400) =>
  AwsError.from('ecs:PutAccountSetting', {
    name: code,
    message: 'Details',
    $metadata: { httpStatusCode: status },
  });
const DENIED = errorOf('AccessDenied');
const UNANSWERED = AwsError.unanswered('iam:GetRole', 'the time of this invocation is up');

const judged = (failure: AwsError, more: Partial<Circumstances> = {}) =>
  judge(failure, {
    action: 'READ',
    name: 'note-7',
    advice: undefined,
    pause: undefined,
    meaning: undefined,
    ...more,
  });

test.each([
  [errorOf('AccessDenied'), 'AccessDenied', 'Allow the execution role'],
  [errorOf('Throttling'), 'Throttling', 'fewer calls'],
  [errorOf('ExpiredToken'), 'InvalidCredentials', 'check the execution role'],
  [errorOf('ValidationError'), 'InvalidRequest', 'Check the properties'],
  [errorOf('NoSuchEntity'), 'NotFound', 'Check the properties'],
  [errorOf('ServerException', 500), 'ServiceInternalError', 'AWS Health Dashboard'],
  [errorOf('Unheard'), 'GeneralServiceException', 'See what AWS said'],
])('%s is FAILED with %s, with advice and what AWS said', (failure, errorCode, advice) => {
  const { message, ...event } = judged(failure);
  expect(event).toEqual({ status: 'FAILED', errorCode, callbackDelaySeconds: 0 });
  expect(message).toMatch(/^ecs:PutAccountSetting failed for note-7\. /);
  expect(message).toContain(advice);
  expect(message).toContain(`AWS said: Details (${failure.code})`);
});

test('a call without an answer is NetworkFailure, and AWS is not quoted', () => {
  expect(judged(UNANSWERED)).toMatchObject({
    errorCode: 'NetworkFailure',
    message:
      'iam:GetRole was not answered for note-7: the time of this invocation is up (DeadlineExceeded). ' +
      'Retry; if it fails again, see the AWS Health Dashboard.',
  });
});

test("the resource type's advice takes the place of the general advice", () => {
  const { message } = judged(errorOf('ValidationError'), { advice: 'Check the Id.' });
  expect(message).toContain('Check the Id. AWS said');
  expect(message).not.toContain('properties');
  expect(judged(UNANSWERED, { advice: 'Check the Id.' }).message).toMatch(/Check the Id\.$/);
});

test('the message names no resource where the failure is about none', () => {
  expect(judged(errorOf('ValidationError'), { name: '' }).message).toMatch(
    /^ecs:PutAccountSetting failed\. /,
  );
});

test.each([
  ['denied', 2, { denials: 1 }],
  ['throttled', expect.any(Number), { throttles: 1 }],
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
  const pause = { model: { Id: '7' }, delaySeconds: 4, context: { ...FIRST_INVOCATION, denials: 2 } };

  test.each([
    [DENIED, /^ecs:PutAccountSetting is denied on note-7, .* Trying again in 4 s\.$/],
    [errorOf('Throttling'), /^ecs:PutAccountSetting is throttled\. Trying again in 4 s\.$/],
    [errorOf('X', 500), /^ecs:PutAccountSetting was not answered properly\. Trying again in 4 s\.$/],
    [UNANSWERED, /^iam:GetRole was not answered properly\. /],
  ])('%s is IN_PROGRESS', (failure, message) => {
    expect(judged(failure, { action: 'UPDATE', pause })).toEqual({
      status: 'IN_PROGRESS',
      message: expect.stringMatching(message),
      callbackContext: pause.context,
      callbackDelaySeconds: 4,
      resourceModel: { Id: '7' },
    });
  });

  test('a denial for a resource that does not exist is NotFound at once', () => {
    const meaning = { code: 'NotFound', message: 'There is no note.', unanswered: undefined } as const;
    expect(judged(DENIED, { action: 'DELETE', pause, meaning })).toMatchObject({
      status: 'FAILED',
      errorCode: 'NotFound',
      message: 'There is no note.',
    });
  });
});

describe('a denial whose meaning is known', () => {
  const meaning = {
    code: 'AccessDenied',
    message: 'Check the trust policy.',
    unanswered: undefined,
  } as const;

  test('is AccessDenied with the message of the resource type', () => {
    expect(judged(DENIED, { meaning })).toMatchObject({
      errorCode: 'AccessDenied',
      message: 'Check the trust policy.',
    });
  });

  test('is a retriable failure of a read, where it is not certain that the resource exists', () => {
    const uncertain = { ...meaning, unanswered: UNANSWERED };
    expect(judged(DENIED, { meaning: uncertain })).toMatchObject({ errorCode: 'NetworkFailure' });
    expect(judged(DENIED, { meaning: uncertain, action: 'DELETE' })).toMatchObject({
      errorCode: 'AccessDenied',
      message: 'Check the trust policy.',
    });
  });
});
