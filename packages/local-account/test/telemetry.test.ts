import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  GetLogEventsCommand,
  type GetLogEventsCommandInput,
  PutLogEventsCommand,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { LocalAccount } from '../src/account';
import type { Credentials } from '../src/services/sts/store';
import { clients, errorOf, policy, REGION } from './support';

let account: LocalAccount;
let admin: Credentials;
const group = { logGroupName: '/type/logs' };
const stream = { ...group, logStreamName: 'stack/resource' };

beforeAll(async () => {
  account = await LocalAccount.start();
  admin = account.administrator();
});
afterAll(() => account.close());

describe('CloudWatch Logs', () => {
  const logs = () => clients(account, admin).logs;
  const put = (...logEvents: { timestamp: number; message: string }[]) =>
    logs().send(new PutLogEventsCommand({ ...stream, logEvents }));

  test('keeps events that are delivered to a group and a stream, which can be created once', async () => {
    const now = Date.now();
    expect(await errorOf(put({ timestamp: now, message: 'a' }))).toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await logs().send(new CreateLogGroupCommand(group));
    expect(await errorOf(put({ timestamp: now, message: 'a' }))).toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await logs().send(new CreateLogStreamCommand(stream));
    for (const again of [
      logs().send(new CreateLogGroupCommand(group)),
      logs().send(new CreateLogStreamCommand(stream)),
    ]) {
      expect(await errorOf(again)).toMatchObject({ name: 'ResourceAlreadyExistsException', status: 400 });
    }
    await put({ timestamp: now, message: 'a' }, { timestamp: now + 1, message: 'b' });
    expect(account.logs.events(group.logGroupName).map(({ message }) => message)).toEqual(['a', 'b']);
    expect(
      (await logs().send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/type' }))).logGroups,
    ).toHaveLength(1);
    const { logStreams } = await logs().send(new DescribeLogStreamsCommand(group));
    expect(logStreams).toMatchObject([{ logStreamName: stream.logStreamName }]);
  });

  test.each([
    [
      'events out of order',
      [
        { timestamp: 2, message: 'b' },
        { timestamp: 1, message: 'a' },
      ],
    ],
    ['an empty message', [{ timestamp: 1, message: '' }]],
    ['no event', []],
    [
      'a batch of more than a day',
      [
        { timestamp: 0, message: 'a' },
        { timestamp: 86_400_001, message: 'b' },
      ],
    ],
    ['a batch of more than 1 MiB', [{ timestamp: 1, message: 'x'.repeat(1_048_576) }]],
  ])('refuses %s', async (_, events) => {
    expect(await errorOf(put(...events))).toMatchObject({ name: 'InvalidParameterException', status: 400 });
  });

  test('reports which events are too old to be kept', async () => {
    const before = account.logs.events().length;
    const { rejectedLogEventsInfo } = await put({ timestamp: Date.now() - 15 * 86_400_000, message: 'old' });
    expect(rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1 });
    expect(account.logs.events()).toHaveLength(before);
  });

  test.each(['a:b', 'a*b', 'x'.repeat(513)])('refuses the stream name %.10s', async (logStreamName) => {
    const created = logs().send(new CreateLogStreamCommand({ ...group, logStreamName }));
    expect(await errorOf(created)).toMatchObject({ name: 'InvalidParameterException' });
  });

  test('finds events by time, stream and terms, in pages', async () => {
    const searched = { logGroupName: '/type/search' };
    await logs().send(new CreateLogGroupCommand(searched));
    const start = Date.now();
    const messages = { one: ['FAILED a', 'SUCCESS b'], two: ['FAILED b', 'a "FAILED b"'] };
    for (const [logStreamName, texts] of Object.entries(messages)) {
      await logs().send(new CreateLogStreamCommand({ ...searched, logStreamName }));
      const logEvents = texts.map((message, index) => ({ timestamp: start + index, message }));
      await logs().send(new PutLogEventsCommand({ ...searched, logStreamName, logEvents }));
    }
    const found = async (input: Partial<FilterLogEventsCommandInput>) => {
      const shown: (string | undefined)[] = [];
      const client = { client: logs(), pageSize: 1 };
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
      const other = logs().send(new FilterLogEventsCommand({ ...searched, filterPattern }));
      expect((await errorOf(other)).message).toMatch(/does not support the filter pattern/);
    }
  });

  test('returns a stream from either end', async () => {
    const get = async (input: Partial<GetLogEventsCommandInput>) => {
      const answer = await logs().send(new GetLogEventsCommand({ ...stream, ...input }));
      return { ...answer, messages: answer.events?.map(({ message }) => message) };
    };
    const head = await get({ startFromHead: true, limit: 1 });
    expect(head.messages).toEqual(['a']);
    expect((await get({ limit: 1 })).messages).toEqual(['b']);
    expect((await get({ nextToken: head.nextForwardToken })).messages).toEqual(['b']);
  });

  test('deletes a group with its events', async () => {
    const gone = { logGroupName: '/type/gone' };
    await logs().send(new CreateLogGroupCommand(gone));
    await logs().send(new DeleteLogGroupCommand(gone));
    expect(await errorOf(logs().send(new DeleteLogGroupCommand(gone)))).toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('authorizes on the stream', async () => {
    const Resource = `arn:aws:logs:${REGION}:111122223333:log-group:/type/logs:log-stream:mine`;
    const document = policy({ Effect: 'Allow', Action: 'logs:CreateLogStream', Resource });
    const mine = clients(account, account.createUser('Mine', [{ name: 'Mine', document }])).logs;
    await expect(
      mine.send(new CreateLogStreamCommand({ ...group, logStreamName: 'mine' })),
    ).resolves.toBeDefined();
    const other = mine.send(new CreateLogStreamCommand({ ...group, logStreamName: 'other' }));
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
  const post = (headers: Record<string, string>, body: string) =>
    fetch(account.endpoint, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${admin.accessKeyId}/20260102/${REGION}/monitoring/aws4_request, Signature=x`,
        ...headers,
      },
      body,
    });
  beforeEach(() => {
    account.metrics.length = 0;
  });

  test.each([0, 1_000_000])(
    'are kept as the SDK sends them, compressed from %d bytes on',
    async (threshold) => {
      const { accessKeyId, secretAccessKey } = admin;
      const client = new CloudWatchClient({
        endpoint: account.endpoint,
        region: REGION,
        credentials: { accessKeyId, secretAccessKey },
        requestMinCompressionSizeBytes: threshold,
      });
      const Dimensions = Object.entries(expected.dimensions).map(([Name, Value]) => ({ Name, Value }));
      await client.send(
        new PutMetricDataCommand({
          Namespace: expected.namespace,
          MetricData: [
            {
              MetricName: expected.metricName,
              Dimensions,
              Value: 1,
              Unit: 'Count',
              Timestamp: expected.timestamp,
            },
          ],
        }),
      );
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
    const answer = await post(
      {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'GraniteServiceVersion20100801.PutMetricData',
      },
      JSON.stringify({
        Namespace: expected.namespace,
        MetricData: [
          {
            MetricName: expected.metricName,
            Dimensions: [
              { Name: 'Action', Value: 'CREATE' },
              { Name: 'Type', Value: 'T' },
            ],
            Value: 1,
            Unit: 'Count',
            Timestamp: expected.timestamp.getTime() / 1000,
          },
        ],
      }),
    );
    expect(answer.status).toBe(200);
    expect(account.metrics).toEqual([expected]);
  });

  test('are refused if a parameter is out of bounds', async () => {
    const { cloudwatch } = clients(account, admin);
    const put = new PutMetricDataCommand({ Namespace: '', MetricData: [{ MetricName: 'm', Value: 1 }] });
    expect(await errorOf(cloudwatch.send(put))).toMatchObject({
      name: 'ValidationException',
      status: 400,
      message: expect.stringContaining("Value '' at 'namespace' failed to satisfy constraint"),
    });
  });

  test('are denied in a namespace that the policy does not allow', async () => {
    const document = policy({
      Effect: 'Allow',
      Action: 'cloudwatch:PutMetricData',
      Resource: '*',
      Condition: { StringLike: { 'cloudwatch:namespace': 'AWS/CloudFormation/*' } },
    });
    const { cloudwatch } = clients(account, account.createUser('Metrics', [{ name: 'Metrics', document }]));
    const put = (Namespace: string) =>
      cloudwatch.send(new PutMetricDataCommand({ Namespace, MetricData: [{ MetricName: 'm', Value: 1 }] }));
    await expect(put('AWS/CloudFormation/Type')).resolves.toBeDefined();
    expect((await errorOf(put('Other'))).name).toMatch(/^AccessDenied/);
    expect(account.metrics).toHaveLength(1);
  });
});

test('S3 denies a caller without the permission', async () => {
  const { accessKeyId } = account.createUser('NoBuckets');
  const answer = await fetch(`${account.endpoint}/bucket`, {
    method: 'PUT',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260102/us-east-1/s3/aws4_request`,
    },
  });
  expect(answer.status).toBe(403);
  expect(await answer.text()).toContain('<Code>AccessDenied</Code>');
});
