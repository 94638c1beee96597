import {
  type OperationInput,
  problemsWithModels,
  runOperation,
  shortenWaits,
} from 'resource-runtime/testing';
import schema from './crate/example-warehouse-crate.json';
import { entrypoint } from './crate/src/handlers';
import { WarehouseServer } from './warehouse-server';

/* A type whose delete takes several invocations, driven as CloudFormation does, against the service over HTTP. */

let warehouse: WarehouseServer;
let lines: string[];

beforeAll(async () => {
  warehouse = await WarehouseServer.start();
});

afterAll(() => warehouse.close());

beforeEach(() => {
  warehouse.reset();
  lines = [];
  jest.spyOn(console, 'log').mockImplementation((line) => lines.push(String(line)));
  shortenWaits();
});

afterEach(() => {
  expect(lines.join('\n')).not.toContain(warehouse.typeConfiguration.Token);
  jest.restoreAllMocks();
});

const run = (action: Parameters<typeof runOperation>[1], input: OperationInput = {}) =>
  runOperation(entrypoint, action, {
    credentials: null,
    typeConfiguration: warehouse.typeConfiguration,
    ...input,
  });

/** The id of a new crate, whose deletion takes that many looks at its job. */
async function made(looks = 0): Promise<string> {
  const { final } = await run('CREATE', { properties: { Label: 'Lamps' } });
  expect(problemsWithModels(final, schema)).toEqual([]);
  warehouse.looks = looks;
  warehouse.calls.length = 0;
  return [...warehouse.crates.keys()].at(-1) ?? '';
}

/** More looks than one invocation has. */
const LONG = 20;

const deletes = () => warehouse.calls.filter((call) => call.startsWith('DELETE'));

test('a crate is created, read and relabelled', async () => {
  const Id = await made();
  const properties = { Id, Label: 'Large lamps' };
  const previousProperties = { Id, Label: 'Lamps' };
  expect((await run('UPDATE', { properties, previousProperties })).final.status).toBe('SUCCESS');
  const { final } = await run('READ', { properties: { Id } });
  expect(final).toMatchObject({ status: 'SUCCESS', resourceModel: properties });
});

test('a create whose answer is lost makes one crate', async () => {
  await run('CREATE', { properties: { Label: 'Lamps' }, isLost: (invocation) => invocation === 1 });
  expect(warehouse.crates.size).toBe(1);
});

test('a delete polls one job until the crate is gone', async () => {
  const Id = await made(LONG);
  const { events, final } = await run('DELETE', { properties: { Id } });
  expect(final.status).toBe('SUCCESS');
  expect(final).not.toHaveProperty('resourceModel');
  expect(events.length).toBeGreaterThan(2);
  expect(events[0]).toMatchObject({
    status: 'IN_PROGRESS',
    callbackDelaySeconds: 10,
    resourceModel: { Id },
    message: expect.stringMatching(/^Job job-\d+ is deleting the crate\.$/),
  });
  expect(events.flatMap((event) => problemsWithModels(event, schema, 'DELETE'))).toEqual([]);
  // Of any other operation, such a model would lack the label.
  expect(problemsWithModels({ ...events[0], status: 'SUCCESS' } as typeof final, schema)).toHaveLength(1);
  expect(deletes()).toHaveLength(1);
  expect(warehouse.crates.size).toBe(0);
});

describe.each(['last-event', 'original-request'] as const)('a delete repeated from the %s', (retryFrom) => {
  test.each([1, 2, 3])('after invocation %i, is the same delete', async (lost) => {
    const Id = await made(LONG);
    const isLost = (invocation: number) => invocation === lost;
    const { final } = await run('DELETE', { properties: { Id }, isLost, retryFrom });
    expect(final.status).toBe('SUCCESS');
    expect(warehouse.crates.size).toBe(0);
    const isRepeated = lost === 1 || retryFrom === 'original-request';
    expect(deletes()).toHaveLength(isRepeated ? 2 : 1);
  });

  test('after the last invocation, succeeds', async () => {
    const Id = await made(2);
    const isLost = (invocation: number) => invocation === 1;
    const { final } = await run('DELETE', { properties: { Id }, isLost, retryFrom });
    expect(final.status).toBe('SUCCESS');
  });
});

test.each(['throttled', 'cut'] as const)(
  'a delete whose every second answer is %s succeeds',
  async (fault) => {
    const Id = await made(LONG);
    warehouse.faultOf = (_, count) => (count % 2 ? fault : undefined);
    const { final } = await run('DELETE', { properties: { Id } });
    expect(final.status).toBe('SUCCESS');
    expect(deletes()).toHaveLength(2);
  },
);

test('a delete that is throttled for long in the middle keeps its job', async () => {
  const Id = await made(2);
  warehouse.faultOf = (method, count) => (method === 'GET' && count < 15 ? 'throttled' : undefined);
  const { events, final } = await run('DELETE', { properties: { Id } });
  expect(final.status).toBe('SUCCESS');
  expect(events.length).toBeGreaterThan(1);
  expect(events.flatMap((event) => problemsWithModels(event, schema, 'DELETE'))).toEqual([]);
  expect(deletes()).toHaveLength(1);
});

test('a second delete, read and update of a deleted crate are NotFound', async () => {
  const Id = await made();
  await run('DELETE', { properties: { Id } });
  const properties = { Id, Label: 'Lamps' };
  for (const action of ['DELETE', 'READ', 'UPDATE'] as const) {
    const { final } = await run(action, { properties, previousProperties: properties });
    expect(final).toMatchObject({ errorCode: 'NotFound', message: expect.stringContaining(Id) });
  }
});

test('a failed job is an error that says why, and another delete makes another job', async () => {
  const Id = await made();
  warehouse.areJobsFailing = true;
  const { final } = await run('DELETE', { properties: { Id } });
  expect(final).toMatchObject({
    errorCode: 'GeneralServiceException',
    message: expect.stringContaining('It is not empty'),
  });
  warehouse.areJobsFailing = false;
  expect((await run('DELETE', { properties: { Id } })).final.status).toBe('SUCCESS');
});

test('a job that never ends is NotStabilized after ten minutes', async () => {
  const Id = await made(Number.POSITIVE_INFINITY);
  const { final, waited } = await run('DELETE', { properties: { Id } });
  expect(final.errorCode).toBe('NotStabilized');
  expect(waited).toBe(600);
});

test('a wrong token is InvalidCredentials, and is not logged', async () => {
  const typeConfiguration = { ...warehouse.typeConfiguration, Token: 'token-that-is-wrong' };
  const { final } = await run('DELETE', { properties: { Id: 'crate-1' }, typeConfiguration });
  expect(final.errorCode).toBe('InvalidCredentials');
  expect(lines.join('\n')).not.toContain('token-that-is-wrong');
});
