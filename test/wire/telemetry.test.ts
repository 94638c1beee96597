import { VirtualClock } from 'local-account';
import { WEB_PAGE } from 'local-account/testing';
import { blocksOf } from '../harness/project-files';
import {
  LOG_GROUP,
  REGION,
  type SampleAccount,
  startSampleAccount,
  TYPE_NAME,
} from '../harness/sample-account';

/* The logs and metrics of an invocation. */

const STACK_ID = 'arn:aws:cloudformation:us-east-1:111122223333:stack/trunking/6a1f0e2c';
const STREAM = 'arn__aws__cloudformation__us-east-1__111122223333__stack/trunking/6a1f0e2c/RoleTrunking';
const TELEMETRY = ['logs', 'monitoring'];

const clock = new VirtualClock();
let sample: SampleAccount;

beforeAll(async () => {
  sample = await startSampleAccount({ clock });
});

afterAll(() => sample.close());

beforeEach(() => {
  sample.account.faults.clear();
  sample.setSetting('enabled');
  sample.account.calls.length = 0;
  sample.account.metrics.length = 0;
});

const run = (action: 'READ' | 'UPDATE', RoleArn = sample.instanceRoleArn, { cloudformation } = sample) =>
  cloudformation.run(action, { properties: { RoleArn }, stackId: STACK_ID, logicalId: 'RoleTrunking' });
const eventsOf = ({ account }: SampleAccount) =>
  account.logs.groups(REGION).get(LOG_GROUP)?.streams.get(STREAM)?.events ?? [];
const lines = () => eventsOf(sample).map(({ message }) => JSON.parse(message));
const operations = () => sample.account.calls.map(({ operation }) => operation);

test('one invocation makes one delivery of logs and one of metrics, four calls in all for a read', async () => {
  await run('READ');
  sample.account.calls.length = 0;
  await run('READ');
  const calls = ['AssumeRole', 'ListAccountSettings', 'PutLogEvents', 'PutMetricData'];
  expect(operations().sort()).toEqual(calls);
});

test('docs/troubleshooting.md shows a line as it is', async () => {
  const [block = '{}'] = blocksOf('docs/troubleshooting.md', 'json');
  const shown = JSON.parse(block);
  await run('READ');
  const line = lines().at(-1);
  expect(Object.keys(shown)).toEqual(Object.keys(line));
  expect(shown.calls.map(Object.keys)).toEqual(line.calls.map(Object.keys));
  const actionOf = ({ action }: { action: string }) => action;
  expect(shown.calls.map(actionOf)).toEqual(line.calls.map(actionOf));
});

test('a line has the action, the role, the outcome, the duration and the request IDs of AWS', async () => {
  await run('READ');
  const requestIds = sample.account.calls
    .filter(({ service }) => !TELEMETRY.includes(service))
    .map(({ requestId }) => requestId);
  expect(lines().at(-1)).toMatchObject({
    action: 'READ',
    roleArn: sample.instanceRoleArn,
    outcome: 'SUCCESS',
    milliseconds: expect.any(Number),
    requestId: expect.any(String),
    calls: [
      { action: 'sts:AssumeRole', requestId: requestIds[0], attempts: 1 },
      { action: 'ecs:ListAccountSettings', requestId: requestIds[1], attempts: 1 },
    ],
  });
});

test('a failure is reported too, with and without calls', async () => {
  await run('READ', 'none');
  expect(lines().at(-1)).toMatchObject({ outcome: 'FAILED', errorCode: 'InvalidRequest', calls: [] });
  sample.account.faults.add({ service: 'ecs', fault: { kind: 'deny' } });
  await run('READ');
  expect(lines().at(-1)).toMatchObject({
    errorCode: 'AccessDenied',
    calls: [{}, { action: 'ecs:ListAccountSettings', error: 'AccessDeniedException' }, {}],
  });
});

test("metrics have the same names as those of AWS's library", async () => {
  await run('READ');
  const common = {
    namespace: 'AWS/CloudFormation/Custom/Ecs/RoleTrunking',
    dimensions: { DimensionKeyActionType: 'READ', DimensionKeyResourceType: TYPE_NAME },
  };
  const milliseconds = { unit: 'Milliseconds', value: expect.any(Number) };
  expect(sample.account.metrics).toMatchObject([
    { ...common, metricName: 'HandlerInvocationCount', unit: 'Count', value: 1 },
    { ...common, metricName: 'HandlerInvocationDuration', ...milliseconds },
  ]);
});

test('a failure counts as an exception, by its error code', async () => {
  sample.setSetting(undefined);
  await run('READ');
  expect(sample.account.metrics.at(-1)).toMatchObject({
    metricName: 'HandlerException',
    value: 1,
    dimensions: { DimensionKeyExceptionType: 'NotFound', DimensionKeyActionType: 'READ' },
  });
});

test('the log group is created where it is missing', async () => {
  const fresh = await startSampleAccount({ clock: new VirtualClock() });
  const { final } = await run('READ', fresh.instanceRoleArn, fresh);
  expect(final.errorCode).toBe('NotFound');
  expect(eventsOf(fresh)).toHaveLength(1);
  await fresh.close();
});

describe('an outage of CloudWatch changes no outcome, and delays it by one second at most:', () => {
  test.each([
    ['throttled', { kind: 'throttle' }],
    ['failing', { kind: 'error', status: 503 }],
    ['unreachable', { kind: 'drop', when: 'before' }],
    ['hanging', { kind: 'hang' }],
    ['denied', { kind: 'deny' }],
    ['expired', { kind: 'expire' }],
    ['garbled', WEB_PAGE],
  ] as const)('%s', async (_, fault) => {
    for (const service of TELEMETRY) {
      sample.fail({ service }, fault);
    }
    for (const action of ['READ', 'UPDATE'] as const) {
      const start = clock.now();
      expect((await run(action)).final.status).toBe('SUCCESS');
      // Rounded: the clock adds up fractions of milliseconds.
      expect(Math.round(clock.now() - start)).toBeLessThanOrEqual(1000);
    }
  });
});

test('a failed delivery is reported on the output of the function', async () => {
  sample.fail({ service: 'logs' }, { kind: 'deny' });
  await run('READ');
  expect(sample.handlers.output.join('\n')).toMatch(/"telemetry":"not delivered",.*not authorized/);
});

test('a type that was registered without logging sends nothing to CloudWatch', async () => {
  const { handlers, account, handlerRoleArn, instanceRoleArn } = sample;
  const callerCredentials = account.sessionFor(handlerRoleArn, 'AWSCloudFormation');
  const { payload } = await handlers.invoke({
    action: 'READ',
    awsAccountId: account.accountId,
    region: REGION,
    requestData: { callerCredentials, resourceProperties: { RoleArn: instanceRoleArn } },
  });
  expect(payload).toMatchObject({ status: 'SUCCESS' });
  expect(account.calls.filter(({ service }) => TELEMETRY.includes(service))).toEqual([]);
});
