import { HandlerError } from '../../src/errors/handler-error';
import { reportFailure, reportOwnError } from '../../src/errors/report-error';
import { ServiceError } from '../../src/errors/service-error';
import { type Operation, operationFor } from '../../src/operation';
import { FIRST_INVOCATION } from '../../src/protocol/callback-context';
import { parseEnvelope } from '../../src/protocol/envelope';
import { callerFor } from '../../src/testing/scripted-aws';
import { DeadlineExceeded } from '../../src/time/deadline';
import { type NoteType, noteType, requestFor } from '../note-type';

const errorOf = (name: string, httpStatusCode: number) =>
  ServiceError.from('ecs:PutAccountSetting', { name, message: 'Details', $metadata: { httpStatusCode } });
const THROTTLED = errorOf('Throttling', 400);
const DENIED = errorOf('AccessDenied', 400);
const DENIED_BECAUSE = new HandlerError('AccessDenied', 'Check the policy.');

function operationOf(action: string, more = {}, type: NoteType = noteType(), data = {}): Operation {
  const caller = callerFor();
  const envelope = parseEnvelope(requestFor(action, more, data), type.typeName);
  return operationFor(type, envelope, { ...caller, caller, log: () => {} });
}

/** The answer to an error, and the value of `canWait` each time that the type was asked to explain it. */
async function answer(
  error: unknown,
  action: string,
  callbackContext: object = {},
  explanation: HandlerError | ServiceError | undefined = undefined,
) {
  const waits: boolean[] = [];
  const explain: NoteType['explain'] = async (_, __, ___, canWait) => {
    waits.push(canWait);
    return explanation;
  };
  const operation = operationOf(action, { callbackContext }, noteType({}, { explain }));
  const scope = callerFor();
  scope.calls.push({ action: 'ecs:ListAccountSettings' }, { action: 'sts:AssumeRole', milliseconds: 20 });
  return { event: await reportFailure(error, operation, scope), waits };
}

test('an error of the type itself is FAILED with its code and message', async () => {
  const { event, waits } = await answer(new HandlerError('NotStabilized', 'Still another value.'), 'UPDATE');
  expect(event).toMatchObject({
    status: 'FAILED',
    errorCode: 'NotStabilized',
    message: 'Still another value.',
  });
  expect(waits).toEqual([]);
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

test.each(['READ', 'LIST', 'CREATE'])('%s does not wait after throttling', async (action) => {
  const { event } = await answer(THROTTLED, action);
  expect(event).toMatchObject({ status: 'FAILED', errorCode: 'Throttling' });
});

test('CREATE waits after it has found that the resource does not exist', async () => {
  expect((await answer(THROTTLED, 'CREATE', { checked: true })).event).toMatchObject({
    status: 'IN_PROGRESS',
    callbackContext: { checked: true, throttles: 1 },
  });
});

test('waiting ends at its limit, with the error code of the failure', async () => {
  const codeOf = async (error: ServiceError, context: object) =>
    (await answer(error, 'UPDATE', context)).event.errorCode;
  expect(await codeOf(THROTTLED, { throttles: 30 })).toBe('Throttling');
  expect(await codeOf(errorOf('X', 500), { failures: 8 })).toBe('ServiceInternalError');
});

test('after the deadline, the message names the call in flight', async () => {
  const { event } = await answer(new DeadlineExceeded(), 'READ');
  expect(event).toMatchObject({
    errorCode: 'NetworkFailure',
    message: expect.stringMatching(
      /^ecs:ListAccountSettings failed for 7 \(DeadlineExceeded\)\. Retry; .* Details: /,
    ),
  });
  expect((await answer(new DeadlineExceeded(), 'DELETE')).event).toMatchObject({
    status: 'IN_PROGRESS',
    callbackContext: { failures: 1 },
  });
});

test('an explanation with the same code is the message where the operation ends, and waits where it can wait', async () => {
  const explained = (action: string, context = {}) => answer(DENIED, action, context, DENIED_BECAUSE);
  expect(await explained('READ')).toMatchObject({
    event: { errorCode: 'AccessDenied', message: 'Check the policy.' },
    waits: [false],
  });
  expect(await explained('UPDATE')).toMatchObject({ event: { status: 'IN_PROGRESS' }, waits: [true] });
  expect(await explained('UPDATE', { denials: 7 })).toMatchObject({
    event: { errorCode: 'AccessDenied', message: 'Check the policy.' },
    waits: [false],
  });
});

test('an explanation with another code ends the operation, even if it could wait', async () => {
  const { event } = await answer(DENIED, 'DELETE', {}, new HandlerError('NotFound', 'There is no note.'));
  expect(event).toMatchObject({ status: 'FAILED', errorCode: 'NotFound', message: 'There is no note.' });
});

test('an error of a service that explains another one takes its place', async () => {
  const late = ServiceError.withoutResponse('iam:GetRole', 'late');
  expect((await answer(DENIED, 'READ', {}, late)).event.errorCode).toBe('NetworkFailure');
  expect((await answer(DENIED, 'UPDATE', {}, late)).event).toMatchObject({
    status: 'IN_PROGRESS',
    callbackContext: { failures: 1 },
  });
  const advised = errorOf('ValidationError', 400).withAdvice('Check the Id.');
  expect((await answer(errorOf('ValidationError', 400), 'READ', {}, advised)).event.message).toBe(
    'ecs:PutAccountSetting failed for 7 (ValidationError). Check the Id. Details: Details',
  );
});

test('a create that has identified its resource in this invocation waits with that model', async () => {
  const operation = operationOf('CREATE');
  operation.steps.identify({ Id: '7', Serial: 12 });
  expect(await reportFailure(THROTTLED, operation, callerFor())).toMatchObject({
    status: 'IN_PROGRESS',
    resourceModel: { Id: '7', Serial: 12 },
  });
});

test('a denied list is AccessDenied, and its message names no resource', async () => {
  const operation = operationOf('LIST', {}, noteType(), { resourceProperties: {} });
  expect(await reportFailure(DENIED, operation, callerFor())).toMatchObject({
    errorCode: 'AccessDenied',
    message: expect.stringMatching(
      /^ecs:PutAccountSetting failed \(AccessDenied\)\. Grant the execution role/,
    ),
  });
});

test('a compound identifier is named as CloudFormation names it, its parts joined by |', async () => {
  const type = noteType({}, { subjectOf: () => ({ noteId: '7', shelf: 'kitchen' }) });
  const { message } = await reportFailure(THROTTLED, operationOf('READ', {}, type), callerFor());
  expect(message).toContain(' for 7|kitchen (');
});

test('after the deadline, the message names the last call if none is in flight, or the operation', async () => {
  const scope = callerFor();
  const message = async () =>
    (await reportFailure(new DeadlineExceeded(), operationOf('READ'), scope)).message;
  expect(await message()).toMatch(
    /^READ failed for 7 \(DeadlineExceeded\)\. .* Details: there was no response in time$/,
  );
  const calls = ['iam:GetRole', 'sts:AssumeRole', 'ecs:ListAccountSettings'].map((action) => ({
    action,
    milliseconds: 20,
  }));
  scope.calls.push(...calls);
  expect(await message()).toMatch(/^ecs:ListAccountSettings failed /);
});
