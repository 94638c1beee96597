import { join } from 'node:path';
import { LambdaFunction, VirtualClock } from 'local-account';
import { REGION, type SampleAccount, startSampleAccount } from '../harness/sample-account';

/* The entry points, apart from the operations: the CLI's test event, and secrets. */

let sample: SampleAccount;

beforeAll(async () => {
  sample = await startSampleAccount({ clock: new VirtualClock() });
  sample.setSetting('enabled');
});

afterAll(() => sample.close());

describe('testEntrypoint', () => {
  let testFunction: LambdaFunction;

  beforeAll(() => {
    testFunction = new LambdaFunction({
      packageDirectory: join(__dirname, '../../build/TypeFunction'),
      handler: 'dist/handlers.testEntrypoint',
      environment: sample.account.functionEnvironment(REGION),
    });
  });

  afterAll(() => testFunction.close());

  test("accepts the library's test event, with the function's Region and the role's account", async () => {
    const { payload } = await testFunction.invoke({
      action: 'READ',
      credentials: sample.account.sessionFor(sample.handlerRoleArn, 'test'),
      request: {
        clientRequestToken: 'token',
        desiredResourceState: { RoleArn: sample.instanceRoleArn },
        previousResourceState: null,
        logicalResourceIdentifier: 'RoleTrunking',
      },
      callbackContext: null,
    });
    expect(payload).toMatchObject({ status: 'SUCCESS', resourceModel: { Trunking: 'enabled' } });
  });

  test.each([[null], [{}], [{ action: 'READ', request: null }], ['text']])(
    'refuses %j with InvalidRequest',
    async (event) => {
      expect((await testFunction.invoke(event)).payload).toMatchObject({
        status: 'FAILED',
        errorCode: 'InvalidRequest',
      });
    },
  );
});

describe('secrets', () => {
  test('do not reach the answer or the output, even if the request has them in its own fields', async () => {
    const callerCredentials = sample.account.sessionFor(sample.handlerRoleArn, 'test');
    const bearerToken = 'bearer-token-of-the-request';
    const { payload } = await sample.handlers.invoke({
      action: 'READ',
      awsAccountId: sample.account.accountId,
      region: REGION,
      bearerToken,
      requestData: {
        callerCredentials,
        resourceProperties: { RoleArn: `${bearerToken} ${callerCredentials.sessionToken}` },
      },
    });
    expect(payload).toMatchObject({
      errorCode: 'InvalidRequest',
      message: expect.stringContaining('<REDACTED>'),
    });
    const output = JSON.stringify(payload) + sample.handlers.output.join();
    for (const secret of [bearerToken, ...Object.values(callerCredentials)]) {
      expect(output.includes(secret)).toBe(false);
    }
  });
});
