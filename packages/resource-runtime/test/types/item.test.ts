import {
  type OperationInput,
  problemsWithModels,
  runOperation,
  shortenWaits,
} from 'resource-runtime/testing';
import { type Fault, InventoryServer } from './inventory-server';
import schema from './item/example-inventory-item.json';
import { entrypoint } from './item/src/handlers';

/* A type with an identifier that the service assigns, driven as CloudFormation does, against the service over HTTP. */

const LAMP = { Name: 'Lamp', Quantity: 2, AccessCode: 'ABC123', Tags: { room: 'kitchen' } };

let inventory: InventoryServer;
let lines: string[];

beforeAll(async () => {
  inventory = await InventoryServer.start();
});

afterAll(() => inventory.close());

beforeEach(() => {
  inventory.reset();
  lines = [];
  jest.spyOn(console, 'log').mockImplementation((line) => lines.push(String(line)));
  shortenWaits();
});

afterEach(() => jest.restoreAllMocks());

const run = (action: Parameters<typeof runOperation>[1], input: OperationInput = {}) =>
  runOperation(entrypoint, action, {
    credentials: null,
    typeConfiguration: inventory.typeConfiguration,
    ...input,
  });

/** The id of a new item. */
async function made(properties: object = LAMP, input: OperationInput = {}): Promise<string> {
  await run('CREATE', { properties: { ...properties }, ...input });
  return [...inventory.items.keys()].at(-1) ?? '';
}

test('an item is created without an execution role, waited for, and returned without its access code', async () => {
  inventory.looks = 8;
  const { events, final, waited } = await run('CREATE', { properties: LAMP });
  expect(final).toMatchObject({
    status: 'SUCCESS',
    resourceModel: {
      Id: expect.stringMatching(/^item-/),
      Name: 'Lamp',
      Quantity: 2,
      Tags: { room: 'kitchen' },
    },
  });
  expect(events).toHaveLength(2);
  expect(waited).toBe(5);
  expect(events.flatMap((event) => problemsWithModels(event, schema))).toEqual([]);
  expect([...inventory.items.values()]).toMatchObject([{ accessCode: 'ABC123' }]);
});

test('a service that never ends making an item is NotStabilized after five minutes', async () => {
  inventory.looks = Number.POSITIVE_INFINITY;
  const { final, waited } = await run('CREATE', { properties: LAMP });
  expect(final.errorCode).toBe('NotStabilized');
  expect(waited).toBe(300);
});

test('an update changes what it is asked to, and leaves tags of others alone', async () => {
  const stackTags = { team: 'blue' };
  const id = await made(LAMP, { stackTags });
  Object.assign(inventory.items.get(id)?.tags ?? {}, { audited: 'yes' });
  const { final } = await run('UPDATE', {
    properties: { ...LAMP, Id: id, Quantity: 5, Tags: { color: 'red' } },
    previousProperties: { ...LAMP, Id: id },
    stackTags: { team: 'green' },
    previousStackTags: stackTags,
    systemTags: { 'aws:cloudformation:stack-name': 's' },
  });
  expect(inventory.items.get(id)?.tags).toEqual({ audited: 'yes', color: 'red', team: 'green' });
  expect(final).toMatchObject({ status: 'SUCCESS', resourceModel: { Quantity: 5, Tags: { color: 'red' } } });
  expect(problemsWithModels(final, schema)).toEqual([]);
});

test('read, update and delete of a missing item are NotFound', async () => {
  const properties = { ...LAMP, Id: 'item-0' };
  for (const action of ['READ', 'UPDATE', 'DELETE'] as const) {
    const { final } = await run(action, { properties, previousProperties: properties });
    expect(final).toMatchObject({ errorCode: 'NotFound', message: 'There is no item item-0.' });
  }
});

test('all pages of a list have all items', async () => {
  for (let count = 0; count < 25; count += 1) {
    await made();
  }
  const found: unknown[] = [];
  let nextToken: string | undefined;
  do {
    const { final } = await run('LIST', nextToken === undefined ? {} : { nextToken });
    expect(problemsWithModels(final, schema)).toEqual([]);
    const page = final.status === 'SUCCESS' ? final : undefined;
    found.push(...(page?.resourceModels ?? []));
    nextToken = page?.nextToken;
  } while (nextToken !== undefined);
  expect(found).toHaveLength(25);
});

test.each([
  ['Id in a create', { ...LAMP, Id: 'item-1' }, 'InvalidRequest'],
  ['an unknown property', { ...LAMP, Size: 3 }, 'InvalidRequest'],
  ['a missing name', { AccessCode: 'ABC123' }, 'InvalidRequest'],
])('%s is refused', async (_, properties, errorCode) => {
  expect((await run('CREATE', { properties })).final.errorCode).toBe(errorCode);
  expect(inventory.calls).toBe(0);
});

test('a missing configuration is InvalidTypeConfiguration', async () => {
  const { final } = await run('READ', { properties: { Id: 'item-1' }, typeConfiguration: {} });
  expect(final).toMatchObject({
    errorCode: 'InvalidTypeConfiguration',
    message: expect.stringContaining('aws cloudformation set-type-configuration'),
  });
});

test('a wrong token is InvalidCredentials, and neither the token nor an access code is logged', async () => {
  const typeConfiguration = { ...inventory.typeConfiguration, Token: 'token-that-is-wrong' };
  const { final } = await run('CREATE', { properties: LAMP, typeConfiguration });
  expect(final.errorCode).toBe('InvalidCredentials');
  await made();
  expect(lines.join('\n')).not.toMatch(/token-that-is-wrong|token-of-the-inventory|ABC123/);
});

describe('a create in which a call fails', () => {
  /** As many calls as a create makes at least. */
  const CALLS = [1, 2, 3, 4];
  const FAULTS: Fault[] = ['throttled', 'failed', 'cut-before', 'cut-after'];
  const cases = FAULTS.flatMap((fault) =>
    CALLS.flatMap((call) => [1, 3].map((times) => [fault, call, times] as const)),
  );

  test.each(cases)('%s at call %i, %i times: one item with an owner, or none', async (fault, call, times) => {
    inventory.faultOf = (number) => (number >= call && number < call + times ? fault : undefined);
    await expectOneOrNone({ properties: LAMP });
  });
});

describe('a create that dies after a call', () => {
  const cases = [1, 2, 3].flatMap((call) =>
    (['last-event', 'original-request'] as const).map((retryFrom) => [call, retryFrom] as const),
  );

  test.each(cases)('after call %i, repeated from the %s: one item with an owner', async (call, retryFrom) => {
    // Every call after it fails, and the answer is lost: as if the process had ended there.
    let isDead = true;
    inventory.faultOf = (number) => (isDead && number > call ? 'cut-before' : undefined);
    const isLost = (invocation: number) => {
      isDead = false;
      return invocation === 1;
    };
    const id = await expectOneOrNone({ properties: LAMP, isLost, retryFrom });
    expect(id).toBeDefined();
  });
});

/**
 * Creates an item, and deletes it as a rollback does if the create fails: by the first model with an identifier.
 *
 * @returns the id of the item that is left.
 */
async function expectOneOrNone(input: OperationInput): Promise<string | undefined> {
  const { events, final } = await run('CREATE', input);
  inventory.faultOf = () => undefined;
  const held = events.map((event) => 'resourceModel' in event && event.resourceModel?.Id).find(Boolean);
  if (final.status === 'SUCCESS') {
    expect([...inventory.items.keys()]).toEqual([held]);
    return String(held);
  }
  if (held) {
    await run('DELETE', { properties: { Id: held } });
  }
  expect([...inventory.items.keys()]).toEqual([]);
  return undefined;
}
