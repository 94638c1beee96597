import { parseEnvelope } from '../../src/protocol/envelope';
import { telemetryOf } from '../../src/telemetry/telemetry';
import { callerFor, json, jsonError, ScriptedAws } from '../../src/testing/scripted-aws';
import { requestFor } from '../note-type';

let aws: ScriptedAws;
let invocation: AbortController;

// Calls that a test has abandoned must not reach the next test, so each has its own server.
beforeEach(async () => {
  aws = await ScriptedAws.start();
  invocation = new AbortController();
  for (const operation of ['CreateLogStream', 'CreateLogGroup', 'PutLogEvents', 'PutMetricData']) {
    aws.answer(operation, json({}));
  }
});

afterEach(async () => {
  jest.restoreAllMocks();
  invocation.abort();
  await aws.close();
});

const START = new Date('2030-01-01T00:00:00.500Z');
const STACK = {
  stackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/notes/1',
  logicalResourceId: 'Note',
};

/** Delivers one line for a request. */
async function deliver({
  errorCode = undefined as string | undefined,
  limit = 60_000,
  stack = {},
  group = 'group',
} = {}) {
  // The ID of the stack is read from the request, the logical ID from its data.
  const request = requestFor('READ', stack, { ...stack, providerLogGroupName: group || undefined });
  const envelope = parseEnvelope(request, 'Example::Memory::Note');
  const telemetry = telemetryOf(envelope, callerFor(), invocation.signal);
  return telemetry.deliver(['the line'], { startedAt: START, milliseconds: 30, errorCode }, limit);
}
const STREAM = {
  logGroupName: 'group',
  logStreamName: 'arn__aws__cloudformation__us-east-1__111122223333__stack/notes/1/Note',
};
const LOG_EVENTS = [{ message: 'the line', timestamp: expect.any(Number) }];
const NOT_FOUND = jsonError('ResourceNotFoundException');
const operations = () => aws.requests.map(({ operation }) => operation).sort();

test('one line makes one PutLogEvents and one PutMetricData', async () => {
  expect(await deliver({ stack: STACK })).toEqual([]);
  expect(operations()).toEqual(['PutLogEvents', 'PutMetricData']);
  expect(aws.received('PutLogEvents')[0]?.parameters).toEqual({ ...STREAM, logEvents: LOG_EVENTS });
});

test.each([
  ['Logs_20140328.PutLogEvents', 'application/x-amz-json-1.1', '/us-east-1/logs/aws4_request'],
  [
    'GraniteServiceVersion20100801.PutMetricData',
    'application/x-amz-json-1.0',
    '/us-east-1/monitoring/aws4_request',
  ],
])('a call of %s has the content type %s and is signed for %s', async (target, contentType, scope) => {
  await deliver();
  const call = aws.requests.find(({ headers }) => headers['x-amz-target'] === target);
  expect(call?.headers['content-type']).toBe(contentType);
  expect(call?.headers.authorization).toContain(`${scope}, `);
});

test('both services have their own endpoint variables', async () => {
  const { AWS_ENDPOINT_URL = '' } = process.env;
  jest.replaceProperty(process, 'env', {
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: AWS_ENDPOINT_URL,
    AWS_ENDPOINT_URL_CLOUDWATCH: AWS_ENDPOINT_URL,
  });
  expect(await deliver()).toEqual([]);
});

test.each([[{}], [{ stackId: 'stack' }], [{ logicalResourceId: 'Note' }]])(
  'without a stack and a logical ID, the stream is named after account and Region: %j',
  async (stack) => {
    await deliver({ stack });
    expect(aws.received('PutLogEvents')[0]?.parameters).toMatchObject({
      logStreamName: '111122223333-us-east-1',
    });
  },
);

test("metrics have the names and dimensions of AWS's library", async () => {
  await deliver({ errorCode: 'NotFound' });
  const dimensions = [
    { Name: 'DimensionKeyActionType', Value: 'READ' },
    { Name: 'DimensionKeyResourceType', Value: 'Example::Memory::Note' },
  ];
  const common = { Dimensions: dimensions, Timestamp: START.getTime() / 1000 };
  expect(aws.received('PutMetricData')[0]?.parameters).toEqual({
    Namespace: 'AWS/CloudFormation/Example/Memory/Note',
    MetricData: [
      { ...common, MetricName: 'HandlerInvocationCount', Unit: 'Count', Value: 1 },
      { ...common, MetricName: 'HandlerInvocationDuration', Unit: 'Milliseconds', Value: 30 },
      {
        ...common,
        MetricName: 'HandlerException',
        Unit: 'Count',
        Value: 1,
        Dimensions: [...dimensions, { Name: 'DimensionKeyExceptionType', Value: 'NotFound' }],
      },
    ],
  });
  await deliver();
  expect(aws.received('PutMetricData')[1]?.parameters.MetricData).toHaveLength(2);
});

test('a missing stream is created, and the line is put again', async () => {
  aws.answer('PutLogEvents', NOT_FOUND, json({}));
  expect(await deliver({ stack: STACK })).toEqual([]);
  expect(aws.received('CreateLogStream').map(({ parameters }) => parameters)).toEqual([STREAM]);
  expect(aws.received('PutLogEvents')[1]?.parameters).toEqual({ ...STREAM, logEvents: LOG_EVENTS });
  expect(operations()).toEqual(['CreateLogStream', 'PutLogEvents', 'PutLogEvents', 'PutMetricData']);
});

test('a stream that another invocation creates at the same time is used', async () => {
  aws.answer('PutLogEvents', NOT_FOUND, json({}));
  aws.answer('CreateLogStream', jsonError('ResourceAlreadyExistsException'));
  expect(await deliver()).toEqual([]);
  expect(aws.received('PutLogEvents')).toHaveLength(2);
});

test('a missing log group is created, even if another invocation creates it at the same time', async () => {
  for (const created of [json({}), jsonError('ResourceAlreadyExistsException')]) {
    aws.answer('PutLogEvents', NOT_FOUND, json({}));
    aws.answer('CreateLogStream', NOT_FOUND, json({}));
    aws.answer('CreateLogGroup', created);
    expect(await deliver()).toEqual([]);
  }
  expect(operations().filter((it) => it !== 'PutMetricData')).toEqual([
    ...['CreateLogGroup', 'CreateLogGroup'],
    ...['CreateLogStream', 'CreateLogStream', 'CreateLogStream', 'CreateLogStream'],
    ...['PutLogEvents', 'PutLogEvents', 'PutLogEvents', 'PutLogEvents'],
  ]);
  expect(aws.received('CreateLogGroup')[0]?.parameters).toEqual({ logGroupName: 'group' });
});

test('lines are put twice at most', async () => {
  aws.answer('PutLogEvents', NOT_FOUND);
  expect(await deliver()).toEqual([expect.stringContaining('logs:PutLogEvents failed')]);
  expect(aws.received('PutLogEvents')).toHaveLength(2);
});

test('a failed delivery is reported, and the other one is made anyway', async () => {
  aws.answer('PutLogEvents', jsonError('AccessDeniedException', 400, 'No logs'));
  expect(await deliver()).toEqual(['logs:PutLogEvents failed: No logs (AccessDeniedException)']);
  expect(operations()).toEqual(['PutLogEvents', 'PutMetricData']);
  for (const denied of ['CreateLogStream', 'CreateLogGroup']) {
    aws.answer('PutLogEvents', NOT_FOUND);
    aws.answer('CreateLogStream', NOT_FOUND);
    aws.answer(denied, jsonError('AccessDeniedException', 400, 'No logs'));
    expect(await deliver()).toEqual([`logs:${denied} failed: No logs (AccessDeniedException)`]);
  }
  aws.answer('PutMetricData', jsonError('AccessDeniedException', 400, 'No metrics'));
  expect(await deliver()).toHaveLength(2);
});

test('a delivery without a response ends after its limit', async () => {
  aws.answer('PutMetricData', 'silence');
  expect(await deliver({ limit: 50, group: '' })).toEqual([
    // Whichever ends first: the delivery, its attempt or its call.
    expect.stringMatching(/no response in time|\((AbortError|TimeoutError)\)/),
  ]);
});

test('without a log group only metrics are sent, without a logging role nothing is', async () => {
  expect(await deliver({ group: '' })).toEqual([]);
  expect(operations()).toEqual(['PutMetricData']);
  const envelope = parseEnvelope(requestFor('READ'), 'Example::Memory::Note');
  const telemetry = telemetryOf(envelope, undefined, invocation.signal);
  expect(
    await telemetry.deliver([], { startedAt: START, milliseconds: 1, errorCode: undefined }, 50),
  ).toEqual([]);
  expect(aws.requests).toHaveLength(1);
});
