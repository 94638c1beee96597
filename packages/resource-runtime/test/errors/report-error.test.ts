import { AwsError } from '../../src/aws/aws-error';
import { HandlerError } from '../../src/errors/handler-error';
import { reportFailure, reportOwnError } from '../../src/errors/report-error';
import { operationFor } from '../../src/operation';
import { FIRST_INVOCATION } from '../../src/protocol/callback-context';
import { parseEnvelope } from '../../src/protocol/envelope';
import type { DenialMeaning } from '../../src/resource-type';
import { callerFor } from '../../src/testing/scripted-aws';
import { DeadlineExceeded } from '../../src/time/deadline';
import { noteType, requestFor } from '../note-type';

const errorOf = (name: string, httpStatusCode: number) =>
  AwsError.from('ecs:PutAccountSetting', { name, message: 'Details', $metadata: { httpStatusCode } });
const THROTTLED = errorOf('Throttling', 400);
const DENIED = errorOf('AccessDenied', 400);

/** The answer to an error, and the value of `isFinal` each time that the type was asked to explain a denial. */
async function answer(
  error: unknown,
  action: string,
  callbackContext: object = {},
  meaning: DenialMeaning = { code: 'AccessDenied', message: 'Check the policy.' },
) {
  const finals: boolean[] = [];
  const explainDenial = async (_: AwsError, __: unknown, ___: unknown, isFinal: boolean) => {
    finals.push(isFinal);
    return meaning;
  };
  const type = noteType({}, { explainDenial, advise: () => 'Check the Id.' });
  const operation = operationFor(type, parseEnvelope(requestFor(action, { callbackContext }), type.typeName));
  const handler = callerFor();
  handler.calls.push({ action: 'ecs:ListAccountSettings' }, { action: 'sts:AssumeRole', milliseconds: 20 });
  return { event: await reportFailure(error, operation, handler), finals };
}

test('an error of the type itself is FAILED with its code and message', async () => {
  const { event, finals } = await answer(new HandlerError('NotStabilized', 'Still another value.'), 'UPDATE');
  expect(event).toMatchObject({
    status: 'FAILED',
    errorCode: 'NotStabilized',
    message: 'Still another value.',
  });
  expect(finals).toEqual([]);
});

test('an error in the code is InternalFailure', async () => {
  const { event } = await answer(new TypeError('x is undefined'), 'UPDATE');
  expect(event).toMatchObject({
    errorCode: 'InternalFailure',
    message: 'The handler failed because of an error in its own code: TypeError: x is undefined',
  });
  expect(reportOwnError('text')).toMatchObject({ errorCode: 'InternalFailure' });
});

test.each(['UPDATE', 'DELETE'])('%s waits after throttling, with its model', async (action) => {
  const { event } = await answer(THROTTLED, action);
  expect(event).toMatchObject({
    status: 'IN_PROGRESS',
    callbackContext: { ...FIRST_INVOCATION, throttles: 1 },
    resourceModel: { Id: '7' },
  });
});

test('create waits only after it has found that the resource does not exist', async () => {
  expect((await answer(THROTTLED, 'CREATE')).event).toMatchObject({
    status: 'FAILED',
    errorCode: 'Throttling',
  });
  expect((await answer(THROTTLED, 'CREATE', { checked: true })).event).toMatchObject({
    status: 'IN_PROGRESS',
    callbackContext: { checked: true, throttles: 1 },
  });
});

test.each(['READ', 'LIST'])('%s does not wait after throttling', async (action) => {
  expect((await answer(THROTTLED, action)).event).toMatchObject({
    status: 'FAILED',
    errorCode: 'Throttling',
  });
});

test('waiting ends at its limit, with the error code of the failure', async () => {
  expect((await answer(THROTTLED, 'UPDATE', { throttles: 30 })).event.errorCode).toBe('Throttling');
  expect((await answer(errorOf('X', 500), 'UPDATE', { failures: 8 })).event.errorCode).toBe(
    'ServiceInternalError',
  );
});

test('after the deadline, the message names the call in flight', async () => {
  const { event } = await answer(new DeadlineExceeded(), 'READ');
  expect(event).toMatchObject({
    errorCode: 'NetworkFailure',
    message: expect.stringMatching(
      /^ecs:ListAccountSettings failed for 7 \(DeadlineExceeded\)\. Check the Id\. Details: /,
    ),
  });
  expect((await answer(new DeadlineExceeded(), 'DELETE')).event).toMatchObject({
    status: 'IN_PROGRESS',
    callbackContext: { failures: 1 },
  });
});

test('the type explains a denial before it is judged', async () => {
  const read = await answer(DENIED, 'READ');
  expect(read).toMatchObject({
    event: { errorCode: 'AccessDenied', message: 'Check the policy.' },
    finals: [true],
  });
  const update = await answer(DENIED, 'UPDATE');
  expect(update).toMatchObject({ event: { status: 'IN_PROGRESS' }, finals: [false] });
  const last = await answer(DENIED, 'UPDATE', { denials: 7 });
  expect(last).toMatchObject({ event: { errorCode: 'AccessDenied' }, finals: [true] });
  expect((await answer(THROTTLED, 'READ')).finals).toEqual([]);
});

test('a denial for a resource that does not exist is NotFound', async () => {
  const { event } = await answer(DENIED, 'DELETE', {}, { code: 'NotFound', message: 'There is no note.' });
  expect(event).toMatchObject({ status: 'FAILED', errorCode: 'NotFound', message: 'There is no note.' });
});

test('a denied read is retriable if the deadline passed before it was known whether the resource exists', async () => {
  const meaning = {
    code: 'AccessDenied',
    message: 'Check the policy.',
    unanswered: AwsError.withoutResponse('iam:GetRole', 'late'),
  } as const;
  expect((await answer(DENIED, 'READ', {}, meaning)).event.errorCode).toBe('NetworkFailure');
});

test('a denied list is AccessDenied, and its message names no resource', async () => {
  const type = noteType();
  const operation = operationFor(type, parseEnvelope(requestFor('LIST', {}, {}), type.typeName));
  expect(await reportFailure(DENIED, operation, callerFor())).toMatchObject({
    errorCode: 'AccessDenied',
    message: expect.stringMatching(
      /^ecs:PutAccountSetting failed \(AccessDenied\)\. Grant the execution role/,
    ),
  });
});

test('a compound identifier is named as CloudFormation names it, its parts joined by |', async () => {
  const type = noteType({}, { describe: () => ({ noteId: '7', shelf: 'kitchen' }) });
  const operation = operationFor(type, parseEnvelope(requestFor('READ'), type.typeName));
  const { message } = await reportFailure(THROTTLED, operation, callerFor());
  expect(message).toContain(' for 7|kitchen (');
});

test('after the deadline, the message names the last call if none is in flight, or the operation', async () => {
  const type = noteType();
  const operation = operationFor(type, parseEnvelope(requestFor('READ'), type.typeName));
  const handler = callerFor();
  const message = async () => (await reportFailure(new DeadlineExceeded(), operation, handler)).message;
  expect(await message()).toMatch(
    /^READ failed for 7 \(DeadlineExceeded\)\. .* Details: there was no response in time$/,
  );
  const calls = ['iam:GetRole', 'sts:AssumeRole', 'ecs:ListAccountSettings'].map((action) => ({
    action,
    milliseconds: 20,
  }));
  handler.calls.push(...calls);
  expect(await message()).toMatch(/^ecs:ListAccountSettings failed /);
});
