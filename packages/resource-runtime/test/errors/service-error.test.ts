import { ServiceError } from '../../src/errors/service-error';

/** What the SDK throws for an error that a service returned. */
const thrown = (name: string, httpStatusCode: number, more: object = {}) =>
  Object.assign(new Error('What AWS says'), { name, $metadata: { httpStatusCode, ...more } });

const from = (error: unknown) => ServiceError.from('sts:AssumeRole', error);

test.each([
  ['AccessDenied', 403, 'denied'],
  ['AccessDeniedException', 400, 'denied'],
  ['NotAuthorized', 400, 'denied'],
  ['ExpiredToken', 403, 'credentials'],
  ['ExpiredTokenException', 400, 'credentials'],
  ['IncompleteSignature', 400, 'credentials'],
  ['InvalidClientTokenId', 403, 'credentials'],
  ['InvalidSignatureException', 400, 'credentials'],
  ['MissingAuthenticationToken', 403, 'credentials'],
  ['MissingAuthenticationTokenException', 400, 'credentials'],
  ['OptInRequired', 403, 'credentials'],
  ['RequestExpired', 400, 'stale'],
  ['RequestInTheFuture', 400, 'stale'],
  ['RequestTimeTooSkewed', 403, 'stale'],
  ['SignatureDoesNotMatch', 403, 'credentials'],
  ['UnrecognizedClientException', 400, 'credentials'],
  ['InvalidInput', 400, 'invalid-parameter'],
  ['InvalidParameterException', 400, 'invalid-parameter'],
  ['InvalidParameterValue', 400, 'invalid-parameter'],
  ['RegionDisabledException', 403, 'invalid-parameter'],
  ['ValidationError', 400, 'invalid-parameter'],
  ['NoSuchEntity', 404, 'not-found'],
  ['NoSuchEntityException', 404, 'not-found'],
  ['ResourceNotFoundException', 400, 'not-found'],
  ['RequestTimeout', 408, 'server'],
  ['RequestTimeoutException', 408, 'server'],
  ['ServerException', 400, 'server'],
  ['ServiceUnavailable', 503, 'server'],
  ['Unknown', 500, 'server'],
  ['Throttling', 400, 'throttled'],
  ['ThrottlingException', 400, 'throttled'],
  ['RequestThrottled', 400, 'throttled'],
  ['TooManyRequestsException', 400, 'throttled'],
  ['RequestLimitExceeded', 503, 'throttled'],
  ['SlowDown', 503, 'throttled'],
  ['NotSlowDown', 503, 'server'],
  ['SlowDownNot', 503, 'server'],
  ['X', 429, 'throttled'],
  ['ClientException', 400, 'other'],
  ['constructor', 400, 'other'],
] as const)('%s with status %d is of kind %s', (code, status, kind) => {
  expect(from(thrown(code, status))).toMatchObject({ kind, code, message: 'What AWS says' });
});

test.each([
  [
    'SignatureDoesNotMatch',
    'Signature expired: 20261130T120000Z is now earlier than 20261130T121000Z',
    'stale',
  ],
  ['InvalidSignatureException', 'Signature not yet current: 20261130T120000Z is still later than …', 'stale'],
  ['SignatureDoesNotMatch', 'The request signature we calculated does not match', 'credentials'],
  ['SignatureDoesNotMatch', 'A Signature expired', 'credentials'],
  ['SignatureDoesNotMatch', 'Signature expiredX', 'credentials'],
] as const)('%s with the message "%s" is of kind %s', (name, message, kind) => {
  expect(from({ name, message, $metadata: { httpStatusCode: 403 } })).toMatchObject({ kind, code: name });
});

test('an error has the action, the request ID and the number of attempts', () => {
  expect(from(thrown('AccessDenied', 403, { requestId: 'id', attempts: 3 }))).toMatchObject({
    action: 'sts:AssumeRole',
    details: { requestId: 'id', attempts: 3 },
  });
});

test('an error without a name has its status as code', () => {
  expect(from({ $metadata: { httpStatusCode: 429 } })).toMatchObject({ kind: 'throttled', code: 'HTTP 429' });
  expect(from({ $metadata: { httpStatusCode: 500 } })).toMatchObject({ kind: 'server', code: 'HTTP 500' });
  expect(from({ $response: { statusCode: 400 } })).toMatchObject({ kind: 'other', code: 'HTTP 400' });
});

test.each([
  [Object.assign(new Error('reset'), { code: 'ECONNRESET' }), 'network', 'ECONNRESET'],
  [Object.assign(new Error('late'), { name: 'AbortError', code: 20 }), 'network', 'AbortError'],
  [Object.assign(new Error('slow'), { name: 'TimeoutError' }), 'network', 'TimeoutError'],
  [Object.assign(new Error('aborted'), { name: 'AbortError' }), 'network', 'AbortError'],
])('%p, without a response, is of kind %s', (error, kind, code) => {
  expect(from(error)).toMatchObject({ kind, code });
});

test.each([
  [new TypeError('x is undefined')],
  [Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL' })],
  [Object.assign(new Error('not text'), { code: 20 })],
  [undefined],
  [{}],
])('%p comes from neither AWS nor the network, and is thrown as it is', (error) => {
  let thrown: unknown;
  try {
    from(error);
  } catch (it) {
    thrown = it;
  }
  expect(thrown).toBe(error);
});

test('an error whose body the SDK cannot parse has its status as code, and the body is not quoted', () => {
  const html = {
    name: 'SyntaxError',
    message: 'Unexpected token <, "<html>',
    $response: { statusCode: 403 },
  };
  expect(from(html)).toMatchObject({
    kind: 'other',
    code: 'HTTP 403',
    message: 'the response could not be parsed',
  });
  expect(from({ ...html, $response: { statusCode: 502 } })).toMatchObject({
    kind: 'server',
    code: 'HTTP 502',
  });
  const parsed = { ...thrown('AccessDenied', 403), $fault: 'client', $response: { statusCode: 403 } };
  expect(from(parsed)).toMatchObject({ kind: 'denied', code: 'AccessDenied' });
});

test('a response that cannot be parsed is an error of the server, and is not quoted', () => {
  const error = from({ message: 'unexpected <SecretAccessKey>', $response: { statusCode: 200 } });
  expect(error).toMatchObject({ kind: 'server', code: 'MalformedResponse' });
  expect(error.message).toContain('the response could not be parsed');
  expect(error.message).not.toContain('Secret');
});

test('what the SDK throws after a response is about the response, but the network can still fail', () => {
  const error = ServiceError.from(
    'ecs:PutAccountSetting',
    new TypeError('message.includes is not a function'),
    true,
  );
  expect(error).toMatchObject({ kind: 'server', code: 'MalformedResponse' });
  expect(ServiceError.from('ecs:PutAccountSetting', { code: 'ECONNRESET' }, true)).toMatchObject({
    kind: 'network',
  });
  expect(ServiceError.from('ecs:PutAccountSetting', thrown('AccessDenied', 403), true)).toMatchObject({
    kind: 'denied',
  });
});

test.each([[undefined], [''], [null], [{ a: 1 }], [['text']]])('%p as a message is none', (message) => {
  expect(from({ name: 'X', message, $metadata: { httpStatusCode: 400 } }).message).toBe('no message');
});

test.each([[undefined], [''], [null], [{ a: 1 }], [['X']]])(
  'in place of %p, the status is the code',
  (name) => {
    const error = from({ name, message: 'What AWS says', $metadata: { httpStatusCode: 400 } });
    expect(error).toMatchObject({ kind: 'other', code: 'HTTP 400', message: 'What AWS says' });
  },
);

test('only errors that can pass are transient', () => {
  const transient = [
    from(thrown('Throttling', 400)),
    from(thrown('X', 500)),
    from({ code: 'ECONNRESET' }),
    from(thrown('RequestExpired', 400)),
    ServiceError.withoutResponse('ecs:PutAccountSetting', 'late'),
    ServiceError.malformedResponse('ecs:PutAccountSetting'),
  ];
  expect(transient.map(({ isTransient }) => isTransient)).toEqual(transient.map(() => true));
  const final = ['AccessDenied', 'ExpiredToken', 'ValidationError', 'NoSuchEntity', 'ClientException'];
  expect(final.map((code) => from(thrown(code, 400)).isTransient)).toEqual(final.map(() => false));
});
