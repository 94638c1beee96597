import {
  type OperationInput,
  problemsWithModels,
  runOperation,
  shortenWaits,
} from 'resource-runtime/testing';
import { type Fault, InventoryServer } from './inventory-server';
import schema from './item/example-inventory-item.json';
import { entrypoint } from './item/src/handlers';

/*
 * A type with an identifier that the service assigns, and a delete that takes several invocations, driven as
 * CloudFormation does, against the service over HTTP.
 */

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

afterEach(() => {
  expect(lines.join('\n')).not.toMatch(/token-of-the-inventory|ABC123/);
  jest.restoreAllMocks();
});

const run = (action: Parameters<typeof runOperation>[1], input: OperationInput = {}) =>
  runOperation(entrypoint, action, {
    credentials: null,
    typeConfiguration: inventory.typeConfiguration,
    ...input,
  });

/** The id of a new item; calls are counted from here. */
async function made(input: OperationInput = {}): Promise<string> {
  await run('CREATE', { properties: LAMP, ...input });
  inventory.calls.length = 0;
  return [...inventory.items.keys()].at(-1) ?? '';
}

/** More looks than one invocation has. */
const LONG = 20;

/** The id of a new item, whose deletion takes that many looks at its job. */
async function madeToDelete(looks: number): Promise<string> {
  inventory.jobLooks = looks;
  return made();
}

const deletes = () => inventory.calls.filter((method) => method === 'DELETE');

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
  const [itemId] = inventory.items.keys();
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ itemId }, { itemId }]);
});

test('a service that never ends making an item is NotStabilized after five minutes', async () => {
  inventory.looks = Number.POSITIVE_INFINITY;
  const { final, waited } = await run('CREATE', { properties: LAMP });
  expect(final.errorCode).toBe('NotStabilized');
  expect(waited).toBe(300);
});

test('an update changes what it is asked to, and leaves tags of others alone', async () => {
  const stackTags = { team: 'blue' };
  const id = await made({ stackTags });
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
  expect((await run('READ', { properties: { Id: id }, stackTags: { team: 'green' } })).final).toEqual({
    ...final,
    resourceModel: { Id: id, Name: 'Lamp', Quantity: 5, Tags: { audited: 'yes', color: 'red' } },
  });
});

test('read, update and delete of an item that never was, or was deleted, are NotFound', async () => {
  const deleted = await made();
  await run('DELETE', { properties: { Id: deleted } });
  for (const Id of ['item-0', deleted]) {
    const properties = { ...LAMP, Id };
    for (const action of ['READ', 'UPDATE', 'DELETE'] as const) {
      const { final } = await run(action, { properties, previousProperties: properties });
      expect(final).toMatchObject({ errorCode: 'NotFound', message: `There is no item ${Id}.` });
    }
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
  expect(inventory.calls).toEqual([]);
});

test('a missing configuration is InvalidTypeConfiguration', async () => {
  const { final } = await run('READ', { properties: { Id: 'item-1' }, typeConfiguration: {} });
  expect(final).toMatchObject({
    errorCode: 'InvalidTypeConfiguration',
    message: expect.stringContaining('aws cloudformation set-type-configuration'),
  });
});

test.each(['CREATE', 'DELETE'] as const)(
  '%s with a wrong token is InvalidCredentials, and the token is not logged',
  async (action) => {
    const typeConfiguration = { ...inventory.typeConfiguration, Token: 'token-that-is-wrong' };
    const properties = action === 'CREATE' ? LAMP : { Id: 'item-1' };
    const { final } = await run(action, { properties, typeConfiguration });
    expect(final.errorCode).toBe('InvalidCredentials');
    expect(lines.join('\n')).not.toContain('token-that-is-wrong');
  },
);

describe('a delete', () => {
  test('polls one job until the item is gone', async () => {
    const Id = await madeToDelete(LONG);
    const { events, final } = await run('DELETE', { properties: { Id } });
    expect(final.status).toBe('SUCCESS');
    expect(final).not.toHaveProperty('resourceModel');
    expect(events.length).toBeGreaterThan(2);
    expect(events[0]).toMatchObject({
      status: 'IN_PROGRESS',
      callbackDelaySeconds: 10,
      resourceModel: { Id },
      message: expect.stringMatching(/^Job job-\d+ is deleting the item\.$/),
    });
    expect(events.flatMap((event) => problemsWithModels(event, schema, 'DELETE'))).toEqual([]);
    // Of any other operation, such a model would lack the name.
    expect(problemsWithModels({ ...events[0], status: 'SUCCESS' } as typeof final, schema)).toHaveLength(1);
    expect(deletes()).toHaveLength(1);
    expect(inventory.items.size).toBe(0);
  });

  describe.each(['last-event', 'original-request'] as const)('repeated from the %s', (retryFrom) => {
    test.each([1, 2, 3])('after invocation %i, is the same delete', async (lost) => {
      const Id = await madeToDelete(LONG);
      const isLost = (invocation: number) => invocation === lost;
      const { final } = await run('DELETE', { properties: { Id }, isLost, retryFrom });
      expect(final.status).toBe('SUCCESS');
      expect(inventory.items.size).toBe(0);
      const isRepeated = lost === 1 || retryFrom === 'original-request';
      expect(deletes()).toHaveLength(isRepeated ? 2 : 1);
    });

    test('after the last invocation, succeeds', async () => {
      const Id = await madeToDelete(2);
      const isLost = (invocation: number) => invocation === 1;
      const { final } = await run('DELETE', { properties: { Id }, isLost, retryFrom });
      expect(final.status).toBe('SUCCESS');
    });
  });

  test.each(['throttled', 'cut-after'] as const)(
    'whose every second answer is %s succeeds',
    async (fault) => {
      const Id = await madeToDelete(LONG);
      inventory.faultOf = (call) => (call % 2 ? fault : undefined);
      const { final } = await run('DELETE', { properties: { Id } });
      expect(final.status).toBe('SUCCESS');
      expect(deletes()).toHaveLength(2);
    },
  );

  test('that is throttled for long in the middle keeps its job', async () => {
    const Id = await madeToDelete(2);
    inventory.faultOf = (call, method) => (method === 'GET' && call < 16 ? 'throttled' : undefined);
    const { events, final } = await run('DELETE', { properties: { Id } });
    expect(final.status).toBe('SUCCESS');
    expect(events.length).toBeGreaterThan(1);
    expect(events.flatMap((event) => problemsWithModels(event, schema, 'DELETE'))).toEqual([]);
    expect(deletes()).toHaveLength(1);
  });

  test('whose job fails is an error that says why, and another delete makes another job', async () => {
    const Id = await made();
    inventory.areJobsFailing = true;
    const { final } = await run('DELETE', { properties: { Id } });
    expect(final).toMatchObject({
      errorCode: 'GeneralServiceException',
      message: expect.stringContaining('It is not empty'),
    });
    inventory.areJobsFailing = false;
    expect((await run('DELETE', { properties: { Id } })).final.status).toBe('SUCCESS');
  });

  test('whose job never ends is NotStabilized after ten minutes', async () => {
    const Id = await madeToDelete(Number.POSITIVE_INFINITY);
    const { final, waited } = await run('DELETE', { properties: { Id } });
    expect(final.errorCode).toBe('NotStabilized');
    expect(waited).toBe(600);
  });
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
  // It makes four calls: after the last one, only the answer is lost.
  const cases = [1, 2, 3, 4].flatMap((call) =>
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
