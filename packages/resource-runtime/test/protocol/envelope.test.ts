import { parseEnvelope, secretsIn } from '../../src/protocol/envelope';

const TYPE_NAME = 'Example::Memory::Note';
const CREDENTIALS = { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' };
const REQUEST = { action: 'READ', awsAccountId: '111122223333', region: 'us-east-1', requestData: {} };

const parse = (more: object = {}, data: object = {}) =>
  parseEnvelope({ ...REQUEST, ...more, requestData: data }, TYPE_NAME);
const invalid = (message: RegExp) =>
  expect.objectContaining({ errorCode: 'InvalidRequest', message: expect.stringMatching(message) });

test('every field of a request is read', () => {
  const envelope = parse(
    {
      action: 'UPDATE',
      resourceType: 'Acme::Memory::Note',
      stackId: 'stack',
      nextToken: 'token',
      callbackContext: { polls: 1 },
      bearerToken: 'token-of-the-operation',
    },
    {
      logicalResourceId: 'Note',
      callerCredentials: CREDENTIALS,
      providerCredentials: { ...CREDENTIALS, accessKeyId: 'ASIAPROVIDER' },
      providerLogGroupName: 'group',
      resourceProperties: { Id: 'new' },
      previousResourceProperties: { Id: 'old' },
      stackTags: { team: 'blue', owner: null },
      previousStackTags: { team: 'red' },
      systemTags: { 'aws:cloudformation:stack-name': 's' },
      previousSystemTags: { 'aws:cloudformation:stack-name': 'before' },
      typeConfiguration: { Endpoint: 'https://inventory.example' },
    },
  );
  expect(envelope).toEqual({
    action: 'UPDATE',
    accountId: '111122223333',
    region: 'us-east-1',
    resourceType: 'Acme::Memory::Note',
    stackId: 'stack',
    logicalResourceId: 'Note',
    callerCredentials: CREDENTIALS,
    providerCredentials: { ...CREDENTIALS, accessKeyId: 'ASIAPROVIDER' },
    providerLogGroupName: 'group',
    properties: new Map([['Id', 'new']]),
    previousProperties: new Map([['Id', 'old']]),
    callbackContext: { polls: 1 },
    nextToken: 'token',
    tags: { stack: { team: 'blue', owner: '' }, system: { 'aws:cloudformation:stack-name': 's' } },
    previousTags: { stack: { team: 'red' }, system: { 'aws:cloudformation:stack-name': 'before' } },
    typeConfiguration: new Map([['Endpoint', 'https://inventory.example']]),
    idempotencyKey: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
});

test('fields that a request leaves out are empty, and the type has its default name', () => {
  const nothing = { resourceProperties: null, callerCredentials: null };
  expect(parse({ nextToken: null }, nothing)).toMatchObject({
    resourceType: TYPE_NAME,
    properties: new Map(),
    previousProperties: new Map(),
    callerCredentials: undefined,
    providerCredentials: undefined,
    nextToken: undefined,
    tags: { stack: {}, system: {} },
    typeConfiguration: new Map(),
    idempotencyKey: undefined,
  });
});

test('the idempotency key is that of the operation, and does not contain its token', () => {
  const keyOf = (bearerToken: string) => parse({ bearerToken }).idempotencyKey;
  expect(keyOf('one')).toBe(keyOf('one'));
  expect(keyOf('one')).not.toBe(keyOf('other'));
  expect(keyOf('a')).not.toContain('one');
});

test.each([
  [{ stackTags: { team: 7 } }],
  [{ stackTags: 'team' }],
  [{ systemTags: [] }],
  [{ typeConfiguration: 7 }],
])('%j is refused', (data) => {
  expect(() => parse({}, data)).toThrow(invalid(/must be/));
});

test('only an update has previous properties', () => {
  const data = { previousResourceProperties: { Id: 'old' } };
  expect(parse({ action: 'CREATE' }, data).previousProperties.size).toBe(0);
  expect(parse({ action: 'UPDATE' }, data).previousProperties.size).toBe(1);
});

test.each(['CREATE', 'READ', 'UPDATE', 'DELETE', 'LIST'])('%s is an action', (action) => {
  expect(parse({ action }).action).toBe(action);
});

test.each([
  ...['us-east-1', 'ap-southeast-12', 'us-gov-west-1', 'cn-north-1', 'us-iso-east-1', 'eusc-de-east-1'],
])('%s is a Region', (region) => {
  expect(parse({ region }).region).toBe(region);
});

const NO_REGIONS = [
  ...['', 'us-east', 'us-east-1.evil.example', 'us-east-1/', 'US-EAST-1', 'x-us-east-1\n', '127.0.0.1'],
  ...['u-east-1', 'us-e-1', 'evil.us-east-1', 'us-east-123', 'us--1', 'a b-east-1', 'us-east-1 '],
];
const NO_ACCOUNTS = [
  ...['11112222333', '1111222233334', 'x111122223333', '111122223333\n', 111122223333, undefined],
];

/** Values of a field that are refused, each with the beginning of the message. */
const refused = (name: string, values: unknown[], message: RegExp) =>
  values.map((value) => [name, value, message] as const);

test.each([
  ...refused('action', [undefined, 'create', 'constructor', 7], /^action must be/),
  ...refused('region', NO_REGIONS, /^region is missing or malformed/),
  ...refused('awsAccountId', NO_ACCOUNTS, /^awsAccountId is missing or malformed/),
  ...refused('requestData', [undefined, [], 'text'], /^requestData must be an object/),
])('%s cannot be %j', (name, value, message) => {
  expect(() => parseEnvelope({ ...REQUEST, [name]: value }, TYPE_NAME)).toThrow(invalid(message));
});

test.each([[null], ['text'], [[]], [7]])('%p is not an event', (event) => {
  expect(() => parseEnvelope(event, TYPE_NAME)).toThrow(invalid(/^The event must be an object/));
});

test.each([
  ['resourceProperties', 'READ'],
  ['previousResourceProperties', 'UPDATE'],
])('%s must be an object', (name, action) => {
  expect(() => parse({ action }, { [name]: [] })).toThrow(invalid(new RegExp(`^${name} must be an object`)));
});

test('texts have at most 2,048 characters', () => {
  expect(parse({ stackId: 'x'.repeat(2048) }).stackId).toHaveLength(2048);
  expect(() => parse({ stackId: 'x'.repeat(2049) })).toThrow(
    invalid(/^stackId must be a string of at most 2048/),
  );
  expect(() => parse({ nextToken: 7 })).toThrow(invalid(/^nextToken must be a string/));
  expect(() => parse({ nextToken: ['token'] })).toThrow(invalid(/^nextToken must be a string/));
});

test('texts have whole characters only: the SDK could not encode anything else', () => {
  expect(parse({ nextToken: '\ud83d\ude00' }).nextToken).toBe('😀');
  expect(() => parse({ nextToken: '\ud83d' })).toThrow(
    invalid(/^nextToken .* characters, all of them valid/),
  );
  expect(() => parse({ nextToken: '\ude00 \ud83d' })).toThrow(invalid(/^nextToken/));
});

test.each([[{ ...CREDENTIALS, sessionToken: 'a b' }], [{}], ['text'], [null]])(
  '%p as credentials count as missing',
  (credentials) => {
    const data = { callerCredentials: credentials, providerCredentials: credentials };
    expect(parse({}, data)).toMatchObject({ callerCredentials: undefined, providerCredentials: undefined });
  },
);

test('every secret of an event is found, also in credentials that are malformed', () => {
  const event = {
    bearerToken: 'bearer',
    requestData: { callerCredentials: CREDENTIALS, providerCredentials: { sessionToken: 'half', count: 7 } },
  };
  expect(secretsIn(event)).toEqual(['bearer', 'ASIAEXAMPLE', 'secret', 'token', 'half']);
  expect(secretsIn({ requestData: { callerCredentials: 'text' } })).toEqual(['text']);
});

test.each([[null], ['text'], [{}], [{ requestData: null }], [{ requestData: { callerCredentials: null } }]])(
  '%p has no secrets',
  (event) => {
    expect(secretsIn(event)).toEqual([]);
  },
);
