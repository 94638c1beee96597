import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { Hash } from '@smithy/core/serde';
import { getSigningKey } from '@smithy/signature-v4';
import { call, clientConfiguration } from '../src/calls/call';
import type { Caller } from '../src/calls/caller';
import { createEntrypoint } from '../src/entrypoint';
import { HandlerError, InvalidTypeConfiguration } from '../src/errors/handler-error';
import { ServiceError } from '../src/errors/service-error';
import { type Fields, quote } from '../src/protocol/fields';
import { success } from '../src/protocol/progress';
import { identity, json, jsonError } from '../src/testing/scripted-aws';
import { CALLER_CREDENTIALS, type NoteType, noteType, requestFor } from './note-type';
import { aws } from './scripted-aws';

let lines: string[];

beforeEach(() => {
  lines = [];
  jest.spyOn(console, 'log').mockImplementation((line) => lines.push(String(line)));
});

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

const CONTEXT = { awsRequestId: 'lambda-id' };
const line = () => JSON.parse(lines.join('\n'));

type Read = NoteType['operations']['read'];

/** The answer of a type that reads in this way, and has these functions. */
const answerOf = (read: Read, more: Partial<NoteType> = {}, event: object = requestFor('READ')) =>
  createEntrypoint(noteType({ read }, more))(event);

const failing = (error: Error) => async () => {
  throw error;
};

/** Needs the execution role. */
const readAsRole: Read = async (_, { handlerRole }) => success({ Id: handlerRole.region });
const WITHOUT_ROLE = requestFor('READ', {}, { callerCredentials: undefined });

test('a request becomes one answer and one log line', async () => {
  jest.spyOn(performance, 'now').mockReturnValueOnce(2_000).mockReturnValueOnce(2_030.4);
  const answer = await createEntrypoint(noteType())(requestFor('READ'), CONTEXT);
  expect(answer).toEqual({ ...success({ Id: '7' }) });
  expect(line()).toEqual({
    action: 'READ',
    noteId: '7',
    outcome: 'SUCCESS',
    message: '',
    milliseconds: 30,
    requestId: 'lambda-id',
    calls: [],
  });
});

test('the handler has the credentials, the Region and the time of the request', async () => {
  let handler: Caller | undefined;
  const read: Read = async (_, { handlerRole }) => {
    handler = handlerRole;
    handlerRole.calls.push({ action: 'ecs:ListAccountSettings' });
    expect(handlerRole.deadline.signal.aborted).toBe(false);
    return success();
  };
  const context = { getRemainingTimeInMillis: () => 10_000 };
  await createEntrypoint(noteType({ read }))(requestFor('READ'), context);
  expect(handler).toMatchObject({
    region: 'us-east-1',
    credentials: CALLER_CREDENTIALS,
    // A quarter of the 8.5 seconds that are left for the work.
    deadline: { attemptTimeout: 2_125 },
  });
  expect(line()).toMatchObject({ calls: [{ action: 'ecs:ListAccountSettings' }] });
  // No call of this request continues during the next one.
  expect(handler?.deadline.signal.aborted).toBe(true);
});

test.each([[null], ['text'], [{}], [{ ...requestFor('READ'), region: 'evil.example' }]])(
  '%p is answered with InvalidRequest and logged',
  async (event) => {
    const answer = await createEntrypoint(noteType())(event);
    expect(answer).toMatchObject({ status: 'FAILED', errorCode: 'InvalidRequest' });
    expect(line()).toEqual({ outcome: 'FAILED', errorCode: 'InvalidRequest', message: answer.message });
  },
);

test('a request that the type refuses is logged with its action', async () => {
  const answer = await createEntrypoint(noteType())(requestFor('READ', {}, { resourceProperties: {} }));
  expect(answer).toMatchObject({ errorCode: 'InvalidRequest', message: 'Id is missing.' });
  expect(line()).toMatchObject({ action: 'READ', errorCode: 'InvalidRequest', calls: [] });
  expect(line()).not.toHaveProperty('stack');
});

test('a request without credentials is InvalidCredentials for an operation that needs the execution role', async () => {
  expect(await createEntrypoint(noteType())(WITHOUT_ROLE)).toMatchObject({ status: 'SUCCESS' });
  lines = [];
  expect(await answerOf(readAsRole, {}, WITHOUT_ROLE)).toMatchObject({
    errorCode: 'InvalidCredentials',
    message: expect.stringMatching(/contains no valid credentials .*--role-arn/),
  });
  expect(line()).toMatchObject({ noteId: '7', calls: [] });
});

test('an error in the code is InternalFailure, and its stack is logged', async () => {
  const answer = await answerOf(failing(new TypeError('x is undefined')));
  expect(answer).toMatchObject({ errorCode: 'InternalFailure' });
  expect(line().stack).toContain('entrypoint.test.ts');
});

test('an error in explain is InternalFailure, and its stack is logged', async () => {
  const thrown = { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } };
  const denied = failing(ServiceError.from('sts:AssumeRole', thrown));
  const answer = await answerOf(denied, { explain: failing(new TypeError('x is undefined')) });
  expect(answer).toMatchObject({ status: 'FAILED', errorCode: 'InternalFailure' });
  expect(line().stack).toContain('x is undefined');
});

test('work that does not end is NetworkFailure at the deadline, and leaves nothing to the next request', async () => {
  const read = () => new Promise<never>(() => {});
  const context = { getRemainingTimeInMillis: () => 100 };
  expect(await createEntrypoint(noteType({ read }))(requestFor('READ'), context)).toMatchObject({
    errorCode: 'NetworkFailure',
  });
  expect(await createEntrypoint(noteType())(requestFor('READ'))).toMatchObject({ status: 'SUCCESS' });
  const next = await answerOf(readAsRole, {}, WITHOUT_ROLE);
  expect(next).toMatchObject({ errorCode: 'InvalidCredentials' });
});

test('a message has at most 1,024 characters and no secrets', async () => {
  const error = new HandlerError('NotFound', `token-of-the-caller bearer-token ${'x'.repeat(2_000)}`);
  const event = requestFor('READ', { bearerToken: 'bearer-token' });
  const { message } = await answerOf(failing(error), {}, event);
  expect(message).toHaveLength(1_024);
  expect(message).toMatch(/^<REDACTED> <REDACTED> x+$/);
  expect(lines.join()).not.toMatch(/token-of-the-caller|bearer-token/);
});

test('a message that is cut within a character is well-formed', async () => {
  const error = new HandlerError('NotFound', `${'x'.repeat(1_023)}😀`);
  const { message } = await answerOf(failing(error));
  expect(message).toBe(`${'x'.repeat(1_023)}\ufffd`);
});

/** A request with a logging role. Timers do not run: even on a slow machine, the second for telemetry does not end. */
function loggedRequest(data: object = {}, action = 'READ') {
  jest.useFakeTimers({ doNotFake: ['Date', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'] });
  const providerCredentials = {
    accessKeyId: 'ASIAEXAMPLEPROVIDER0',
    secretAccessKey: 'secret-of-the-provider',
    sessionToken: 'token-of-the-provider',
  };
  aws.answer('PutMetricData', json({}));
  aws.answer('PutLogEvents', json({}));
  return requestFor(action, {}, { providerCredentials, providerLogGroupName: 'group', ...data });
}

test('telemetry is delivered with the provider credentials, and a failed delivery is logged without secrets', async () => {
  const event = loggedRequest();
  aws.answer('PutMetricData', jsonError('AccessDeniedException', 400, 'Not for token-of-the-provider'));
  await createEntrypoint(noteType())(event, CONTEXT);
  expect(aws.requests).toHaveLength(2);
  for (const { headers } of aws.requests) {
    expect(headers['x-amz-security-token']).toBe('token-of-the-provider');
  }
  const [logged, undelivered] = lines;
  expect(aws.received('PutLogEvents')[0]?.parameters.logEvents).toMatchObject([{ message: logged }]);
  expect(JSON.parse(undelivered ?? '')).toEqual({
    telemetry: 'not delivered',
    reason: 'cloudwatch:PutMetricData failed: Not for <REDACTED> (AccessDeniedException)',
  });
});

test('no signing key is kept after the request', async () => {
  aws.answer('GetCallerIdentity', identity('arn:aws:iam::111122223333:user/tester'));
  let hashes = 0;
  class CountingHash extends Hash {
    constructor(secret?: ConstructorParameters<typeof Hash>[1]) {
      super('sha256', secret);
      hashes += 1;
    }
  }
  const today = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  const derive = async () => {
    hashes = 0;
    await getSigningKey(CountingHash, CALLER_CREDENTIALS, today, 'us-east-1', 'sts');
    return hashes;
  };
  const counts: number[] = [];
  await answerOf(async (_, { handlerRole }) => {
    const sts = new STSClient(clientConfiguration(handlerRole));
    await call(handlerRole, 'sts:GetCallerIdentity', (options) =>
      sts.send(new GetCallerIdentityCommand({}), options),
    );
    counts.push(await derive());
    return success();
  });
  counts.push(await derive());
  const [during, after] = counts as [number, number];
  // During the request, the key that the client has derived is used again.
  expect(during).toBeLessThan(after);
});

test('what the type logs is delivered before the line of the invocation, without secrets', async () => {
  const read: Read = async ({ id }, { log }) => {
    log({ found: id, password: 'pass-of-the-note', token: 'secret-of-the-caller' });
    return success({ Id: id });
  };
  const event = loggedRequest({ resourceProperties: { Id: '7', Password: 'pass-of-the-note' } });
  await answerOf(read, { secrets: { properties: ['Password'] } }, event);
  const own = { found: '7', password: '<REDACTED>', token: '<REDACTED>' };
  expect(lines.map((text) => JSON.parse(text))).toEqual([own, expect.objectContaining({ action: 'READ' })]);
  const events = aws.received('PutLogEvents')[0]?.parameters.logEvents as { message: string }[];
  expect(events.map(({ message }) => message)).toEqual(lines);
});

test('names of metrics contain the words of the type, even if they are secrets of the type', async () => {
  const type = noteType({}, { secrets: { properties: ['Text'] } });
  const event = loggedRequest({ resourceProperties: { Id: '7', Text: 'Memory' } }, 'UPDATE');
  await createEntrypoint(type)(event);
  expect(aws.received('PutMetricData')[0]?.parameters).toMatchObject({
    Namespace: 'AWS/CloudFormation/Example/Memory/Note',
  });
});

test('what the schema calls write-only is in no SUCCESS', async () => {
  const type = noteType({}, { writeOnlyProperties: ['/properties/Text'] });
  const event = requestFor('CREATE', {}, { resourceProperties: { Id: '7', Text: 'Milk' } });
  const answer = await createEntrypoint(type)(event);
  expect(answer).toMatchObject({ status: 'SUCCESS', resourceModel: { Id: '7' } });
  expect(answer.status === 'SUCCESS' && answer.resourceModel).not.toHaveProperty('Text');
});

test('a configuration that the type refuses is InvalidTypeConfiguration', async () => {
  const configuration = (fields: Fields) => {
    throw new InvalidTypeConfiguration(`Endpoint is ${quote(fields.get('Endpoint'))}.`);
  };
  const { parse, ...type } = noteType();
  const configured = { ...type, parse: { ...parse, configuration } };
  expect(await createEntrypoint(configured)(requestFor('READ'))).toMatchObject({
    errorCode: 'InvalidTypeConfiguration',
    message: 'Endpoint is missing.',
  });
});
