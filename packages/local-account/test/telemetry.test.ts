import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import {
  type CloudWatchLogs,
  type FilterLogEventsCommandInput,
  type GetLogEventsCommandInput,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import type { LocalAccount } from '../src/account';
import type { Credentials } from '../src/services/sts/store';
import { allow, clients, errorOf, REGION, signedBy, start, userWith } from './support';

let account: LocalAccount;
let admin: Credentials;
let logs: CloudWatchLogs;
const group = { logGroupName: '/type/logs' };
const stream = { ...group, logStreamName: 'stack/resource' };

beforeAll(async () => {
  ({ account, administrator: admin, logs } = await start());
});
afterAll(() => account.close());

describe('CloudWatch Logs', () => {
  const event = (timestamp: number, message: string) => ({ timestamp, message });
  const put = (...logEvents: ReturnType<typeof event>[]) => logs.putLogEvents({ ...stream, logEvents });

  test('keeps events that are delivered to a group and a stream, which can be created once', async () => {
    const now = Date.now();
    const missing = { name: 'ResourceNotFoundException' };
    expect(await errorOf(put(event(now, 'a')))).toMatchObject(missing);
    await logs.createLogGroup(group);
    expect(await errorOf(put(event(now, 'a')))).toMatchObject(missing);
    await logs.createLogStream(stream);
    for (const again of [logs.createLogGroup(group), logs.createLogStream(stream)]) {
      expect(await errorOf(again)).toMatchObject({ name: 'ResourceAlreadyExistsException', status: 400 });
    }
    await put(event(now, 'a'), event(now + 1, 'b'));
    expect(account.logs.events(group.logGroupName).map(({ message }) => message)).toEqual(['a', 'b']);
    expect((await logs.describeLogGroups({ logGroupNamePrefix: '/type' })).logGroups).toHaveLength(1);
    const { logStreams } = await logs.describeLogStreams(group);
    expect(logStreams).toMatchObject([{ logStreamName: stream.logStreamName }]);
  });

  test.each([
    ['events out of order', [event(2, 'b'), event(1, 'a')]],
    ['an empty message', [event(1, '')]],
    ['no event', []],
    ['a batch of more than a day', [event(0, 'a'), event(86_400_001, 'b')]],
    ['a batch of more than 1 MiB', [event(1, 'x'.repeat(1_048_576))]],
  ])('refuses %s', async (_, events) => {
    expect(await errorOf(put(...events))).toMatchObject({ name: 'InvalidParameterException', status: 400 });
  });

  test('reports which events are too old to be kept', async () => {
    const before = account.logs.events().length;
    const { rejectedLogEventsInfo } = await put(event(Date.now() - 15 * 86_400_000, 'old'));
    expect(rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1 });
    expect(account.logs.events()).toHaveLength(before);
  });

  test.each(['a:b', 'a*b', 'x'.repeat(513)])('refuses the stream name %.10s', async (logStreamName) => {
    const created = logs.createLogStream({ ...group, logStreamName });
    expect(await errorOf(created)).toMatchObject({ name: 'InvalidParameterException' });
  });

  test('finds events by time, stream and terms, in pages', async () => {
    const searched = { logGroupName: '/type/search' };
    await logs.createLogGroup(searched);
    const start = Date.now();
    const messages = { one: ['FAILED a', 'SUCCESS b'], two: ['FAILED b', 'a "FAILED b"'] };
    for (const [logStreamName, texts] of Object.entries(messages)) {
      await logs.createLogStream({ ...searched, logStreamName });
      const logEvents = texts.map((message, index) => event(start + index, message));
      await logs.putLogEvents({ ...searched, logStreamName, logEvents });
    }
    const found = async (input: Partial<FilterLogEventsCommandInput>) => {
      const shown: (string | undefined)[] = [];
      const client = { client: logs, pageSize: 1 };
      for await (const { events = [] } of paginateFilterLogEvents(client, { ...searched, ...input })) {
        shown.push(...events.map(({ message }) => message));
      }
      return shown;
    };
    expect(await found({})).toEqual(['FAILED a', 'FAILED b', 'SUCCESS b', 'a "FAILED b"']);
    expect(await found({ logStreamNames: ['one'] })).toEqual(messages.one);
    expect(await found({ logStreamNamePrefix: 't', endTime: start })).toEqual(['FAILED b']);
    expect(await found({ filterPattern: 'FAILED a' })).toEqual(['FAILED a', 'a "FAILED b"']);
    expect(await found({ filterPattern: '"FAILED b"', startTime: start + 1 })).toEqual(['a "FAILED b"']);
    for (const filterPattern of ['{$.a = 1}', '?SUCCESS ?a', 'a -b']) {
      const other = logs.filterLogEvents({ ...searched, filterPattern });
      expect((await errorOf(other)).message).toMatch(/does not support the filter pattern/);
    }
  });

  test('returns a stream from either end', async () => {
    const get = async (input: Partial<GetLogEventsCommandInput>) => {
      const answer = await logs.getLogEvents({ ...stream, ...input });
      return { ...answer, messages: answer.events?.map(({ message }) => message) };
    };
    const head = await get({ startFromHead: true, limit: 1 });
    expect(head.messages).toEqual(['a']);
    expect((await get({ limit: 1 })).messages).toEqual(['b']);
    expect((await get({ nextToken: head.nextForwardToken })).messages).toEqual(['b']);
  });

  test('deletes a group with its events', async () => {
    const gone = { logGroupName: '/type/gone' };
    await logs.createLogGroup(gone);
    await logs.deleteLogGroup(gone);
    expect(await errorOf(logs.deleteLogGroup(gone))).toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('authorizes on the stream', async () => {
    const Resource = `arn:aws:logs:${REGION}:111122223333:log-group:/type/logs:log-stream:mine`;
    const user = userWith(account, 'Mine', allow('logs:CreateLogStream', { Resource }));
    const mine = clients(account, user).logs;
    await expect(mine.createLogStream({ ...group, logStreamName: 'mine' })).resolves.toBeDefined();
    const other = mine.createLogStream({ ...group, logStreamName: 'other' });
    expect(await errorOf(other)).toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('CloudWatch metrics', () => {
  const expected = {
    region: REGION,
    namespace: 'AWS/CloudFormation/Type',
    metricName: 'HandlerInvocationCount',
    dimensions: { Action: 'CREATE', Type: 'T' },
    value: 1,
    unit: 'Count',
    timestamp: new Date('2026-01-02T03:04:05Z'),
  };
  const datum = {
    MetricName: expected.metricName,
    Dimensions: Object.entries(expected.dimensions).map(([Name, Value]) => ({ Name, Value })),
    Value: 1,
    Unit: 'Count' as const,
  };
  const post = (headers: Record<string, string>, body: string) =>
    fetch(account.endpoint, {
      method: 'POST',
      headers: { ...signedBy(admin, 'monitoring'), ...headers },
      body,
    });
  const putAs = ({ accessKeyId, secretAccessKey }: Credentials, Namespace: string, options = {}) =>
    new CloudWatch({
      endpoint: account.endpoint,
      region: REGION,
      credentials: { accessKeyId, secretAccessKey },
      ...options,
    }).putMetricData({ Namespace, MetricData: [{ ...datum, Timestamp: expected.timestamp }] });
  beforeEach(() => {
    account.metrics.length = 0;
  });

  test.each([0, 1_000_000])(
    'are kept as the SDK sends them, compressed from %d bytes on',
    async (requestMinCompressionSizeBytes) => {
      await putAs(admin, expected.namespace, { requestMinCompressionSizeBytes });
      expect(account.metrics).toEqual([expected]);
    },
  );

  test('are kept from the Query protocol', async () => {
    const answer = await post(
      { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      'Action=PutMetricData&Version=2010-08-01&Namespace=AWS%2FCloudFormation%2FType' +
        '&MetricData.member.1.MetricName=HandlerInvocationCount&MetricData.member.1.Value=1' +
        '&MetricData.member.1.Unit=Count&MetricData.member.1.Timestamp=2026-01-02T03%3A04%3A05Z' +
        '&MetricData.member.1.Dimensions.member.1.Name=Action&MetricData.member.1.Dimensions.member.1.Value=CREATE' +
        '&MetricData.member.1.Dimensions.member.2.Name=Type&MetricData.member.1.Dimensions.member.2.Value=T',
    );
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('<PutMetricDataResponse>');
    expect(account.metrics).toEqual([expected]);
  });

  test('are kept from JSON 1.0', async () => {
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'GraniteServiceVersion20100801.PutMetricData',
    };
    const MetricData = [{ ...datum, Timestamp: expected.timestamp.getTime() / 1000 }];
    const answer = await post(headers, JSON.stringify({ Namespace: expected.namespace, MetricData }));
    expect(answer.status).toBe(200);
    expect(account.metrics).toEqual([expected]);
  });

  test('are refused if a parameter is out of bounds', async () => {
    expect(await errorOf(putAs(admin, ''))).toMatchObject({
      name: 'ValidationException',
      status: 400,
      message: expect.stringContaining("Value '' at 'namespace' failed to satisfy constraint"),
    });
  });

  test('are denied in a namespace that the policy does not allow', async () => {
    const Condition = { StringLike: { 'cloudwatch:namespace': 'AWS/CloudFormation/*' } };
    const user = userWith(account, 'Metrics', allow('cloudwatch:PutMetricData', { Condition }));
    await expect(putAs(user, 'AWS/CloudFormation/Type')).resolves.toBeDefined();
    expect((await errorOf(putAs(user, 'Other'))).name).toMatch(/^AccessDenied/);
    expect(account.metrics).toHaveLength(1);
  });
});

test('S3 denies a caller without the permission', async () => {
  const headers = signedBy(account.createUser('NoBuckets'), 's3');
  const answer = await fetch(`${account.endpoint}/bucket`, { method: 'PUT', headers });
  expect(answer.status).toBe(403);
  expect(await answer.text()).toContain('<Code>AccessDenied</Code>');
});
