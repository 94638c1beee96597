import { createTestEntrypoint } from '../src/test-entrypoint';

afterEach(() => jest.restoreAllMocks());

/** The event that the entry point gets for a test event. */
async function translated(
  event: unknown,
  accountIdOf?: (properties: Record<string, unknown>) => string | undefined,
) {
  let received: unknown[] = [];
  const entrypoint = createTestEntrypoint(async (...args) => {
    received = args;
    return { status: 'SUCCESS', message: '', callbackDelaySeconds: 0 };
  }, accountIdOf);
  const context = { awsRequestId: 'id' };
  await entrypoint(event, context);
  expect(received[1]).toBe(context);
  return received[0];
}

test('a test event becomes a request of the protocol', async () => {
  const credentials = { accessKeyId: 'id' };
  const event = {
    action: 'UPDATE',
    credentials,
    callbackContext: { polls: 1 },
    region: 'eu-west-1',
    request: {
      desiredResourceState: { Id: 'new' },
      previousResourceState: { Id: 'old' },
      logicalResourceIdentifier: 'Note',
      nextToken: 'next',
      awsAccountId: '111122223333',
      clientRequestToken: 'token',
      stackId: 'stack',
      desiredResourceTags: { team: 'blue' },
      previousResourceTags: { team: 'red' },
      systemTags: { 'aws:cloudformation:stack-name': 's' },
      typeConfiguration: { Endpoint: 'https://inventory.example' },
    },
  };
  expect(await translated(event, () => '444455556666')).toEqual({
    action: 'UPDATE',
    bearerToken: 'token',
    stackId: 'stack',
    callbackContext: { polls: 1 },
    nextToken: 'next',
    region: 'eu-west-1',
    awsAccountId: '111122223333',
    requestData: {
      callerCredentials: credentials,
      resourceProperties: { Id: 'new' },
      previousResourceProperties: { Id: 'old' },
      logicalResourceId: 'Note',
      stackTags: { team: 'blue' },
      previousStackTags: { team: 'red' },
      systemTags: { 'aws:cloudformation:stack-name': 's' },
      typeConfiguration: { Endpoint: 'https://inventory.example' },
    },
  });
});

test("the Region defaults to the function's, and the account to the resource's", async () => {
  jest.replaceProperty(process, 'env', { AWS_REGION: 'eu-central-1' });
  const event = { request: { desiredResourceState: { Owner: '444455556666' } } };
  expect(await translated(event, ({ Owner }) => String(Owner))).toMatchObject({
    region: 'eu-central-1',
    awsAccountId: '444455556666',
  });
  expect(await translated(event)).toMatchObject({ awsAccountId: undefined });
});

test.each([[null], [undefined], [{}], [{ request: null }], ['text']])(
  '%p is passed on to be refused by the entry point',
  async (event) => {
    expect(await translated(event)).toMatchObject({ action: undefined });
  },
);
