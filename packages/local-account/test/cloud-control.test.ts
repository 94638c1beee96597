import type { CloudControl, ProgressEvent } from '@aws-sdk/client-cloudcontrol';
import type { LocalAccount } from '../src/account';
import { NOTE, registerNote } from '../src/testing/note-type';
import { clients, errorOf, newName, start } from './support';

/* Cloud Control over HTTP, with the SDK's client and a small type that is registered. */

let account: LocalAccount;
let control: CloudControl;

/** The resource of the test. */
let Name: string;

beforeAll(async () => {
  ({ account, cloudcontrol: control } = await start());
  await registerNote(account);
});
beforeEach(() => {
  Name = newName();
});
afterAll(() => account.close());

const TypeName = NOTE;

async function ended({ ProgressEvent: begun }: { ProgressEvent?: ProgressEvent | undefined }) {
  const { RequestToken } = begun ?? {};
  const status = await control.getResourceRequestStatus({ RequestToken });
  return status.ProgressEvent as ProgressEvent;
}

const create = (model: object, more = {}) =>
  control.createResource({ TypeName, DesiredState: JSON.stringify(model), ...more });
const update = (Identifier: string, patch: unknown) =>
  control.updateResource({ TypeName, Identifier, PatchDocument: JSON.stringify(patch) });
const remove = (Identifier: string) => control.deleteResource({ TypeName, Identifier });

async function read(Identifier: string): Promise<unknown> {
  const { ResourceDescription } = await control.getResource({ TypeName, Identifier });
  return JSON.parse(ResourceDescription?.Properties ?? '');
}

test('a resource is created, read, listed, patched and deleted', async () => {
  const creating = await create({ Name, Text: 'a' });
  const begun = { TypeName, Identifier: Name, Operation: 'CREATE', OperationStatus: 'IN_PROGRESS' };
  expect(creating.ProgressEvent).toMatchObject({ ...begun, EventTime: expect.any(Date) });
  expect(await ended(creating)).toMatchObject({ OperationStatus: 'SUCCESS', Identifier: Name });
  expect(await read(Name)).toEqual({ Name, Text: 'a' });
  const { ResourceDescriptions } = await control.listResources({ TypeName });
  const Properties = JSON.stringify({ Name, Text: 'a' });
  expect(ResourceDescriptions).toContainEqual({ Identifier: Name, Properties });
  const updating = await update(Name, [{ op: 'replace', path: '/Text', value: 'b' }]);
  expect(await ended(updating)).toMatchObject({ OperationStatus: 'SUCCESS', Operation: 'UPDATE' });
  expect(await read(Name)).toEqual({ Name, Text: 'b' });
  expect(await ended(await remove(Name))).toMatchObject({ OperationStatus: 'SUCCESS', Operation: 'DELETE' });
  expect(await errorOf(read(Name))).toMatchObject({
    name: 'ResourceNotFoundException',
    status: 400,
    // Recorded: localstack, test_cloudcontrol_api, test_lifecycle.
    message: expect.stringMatching(
      new RegExp(
        `^${NOTE} Handler returned status FAILED: There is no note ${Name} \\(HandlerErrorCode: NotFound, RequestToken: [-0-9a-f]{36}\\)$`,
      ),
    ),
  });
});

test('the error code of the handler is the error code of the request', async () => {
  await ended(await create({ Name }));
  expect(await ended(await create({ Name }))).toMatchObject({
    OperationStatus: 'FAILED',
    ErrorCode: 'AlreadyExists',
    StatusMessage: 'AlreadyExists',
  });
  expect(await ended(await update(Name, [{ op: 'add', path: '/Text', value: 'fail' }]))).toMatchObject({
    OperationStatus: 'FAILED',
    ErrorCode: 'InvalidRequest',
    StatusMessage: 'The text is fail',
  });
  expect(await ended(await remove('nothing'))).toMatchObject({ ErrorCode: 'NotFound' });
  expect(await errorOf(update('nothing', []))).toMatchObject({ name: 'ResourceNotFoundException' });
});

test.each([
  [
    'a type that is not registered',
    () => control.listResources({ TypeName: 'A2::B2::C2' }),
    'TypeNotFoundException',
  ],
  [
    'a desired state that is not JSON',
    () => control.createResource({ TypeName, DesiredState: 'x' }),
    'ValidationException',
  ],
  [
    'a token that is not known',
    () => control.getResourceRequestStatus({ RequestToken: 'x' }),
    'RequestTokenNotFoundException',
  ],
  [
    'a caller without the permission',
    () => clients(account, account.createUser('Nobody')).cloudcontrol.listResources({ TypeName }),
    'AccessDeniedException',
  ],
])('%s is refused', async (_, call, name) => {
  expect(await errorOf(call())).toMatchObject({ name, status: 400 });
});

/* Recorded: localstack, test_cloudcontrol_api, test_create_exceptions, test_create_invalid_desiredstate and test_update. */
test.each([
  [{ Name: 'n', Size: 1 }, '#: extraneous key [Size] is not permitted'],
  [{ Size: 1 }, '#: extraneous key [Size] is not permitted'],
  [{ Name: true }, '#/Name: expected type: String, found: Boolean'],
])('the model %j is refused before a handler is invoked', async (model, violation) => {
  const calls = account.calls.length;
  expect(await errorOf(create(model))).toMatchObject({
    name: 'ValidationException',
    status: 400,
    message: `Model validation failed (${violation})`,
  });
  expect(account.calls.slice(calls).map(({ operation }) => operation)).toEqual(['CreateResource']);
});

test('an update cannot change a create-only property', async () => {
  await ended(await create({ Name }));
  expect(await errorOf(update(Name, [{ op: 'replace', path: '/Name', value: 'other' }]))).toMatchObject({
    name: 'NotUpdatableException',
    message: 'Invalid patch update: createOnlyProperties [/properties/Name] cannot be updated',
  });
  expect(await errorOf(update(Name, [{ op: 'add', path: '/Text', value: 1 }]))).toMatchObject({
    name: 'ValidationException',
    message: 'Model validation failed (#/Text: expected type: String, found: Number)',
  });
});

test('a patch that does not apply is refused', async () => {
  await ended(await create({ Name }));
  const refused = await errorOf(update(Name, [{ op: 'remove', path: '/Text' }]));
  expect(refused).toMatchObject({ name: 'ValidationException' });
});

test('a create repeated with its token is the same request', async () => {
  const token = { ClientToken: Name };
  const { ProgressEvent: { RequestToken } = {} } = await create({ Name }, token);
  const other = await create({ Name }, token);
  expect(other.ProgressEvent?.RequestToken).toBe(RequestToken);
  expect((await ended(other)).OperationStatus).toBe('SUCCESS');
  const another = create({ Name: 'another' }, token);
  expect(await errorOf(another)).toMatchObject({
    name: 'ClientTokenConflictException',
    // Recorded: localstack, test_cloudcontrol_api, test_double_create_with_client_token.
    message: `ClientToken ${Name} is already associated with an existing operation with RequestToken ${RequestToken}`,
  });
});

test('a request in progress blocks others on the resource, and can be canceled', async () => {
  const { ProgressEvent: { RequestToken } = {} } = await create({ Name, Delay: 600 });
  expect(await errorOf(remove(Name))).toMatchObject({ name: 'ConcurrentOperationException' });
  const canceled = await control.cancelResourceRequest({ RequestToken });
  expect(canceled.ProgressEvent?.OperationStatus).toBe('CANCEL_IN_PROGRESS');
  const cancel = () => control.cancelResourceRequest({ RequestToken });
  expect((await cancel()).ProgressEvent?.OperationStatus).toMatch(/^CANCEL_(IN_PROGRESS|COMPLETE)$/);
  const end = { OperationStatus: 'CANCEL_COMPLETE', Identifier: Name };
  expect(await ended(canceled)).toMatchObject(end);
  // Recorded: localstack, test_cloudcontrol_api, test_cancel_request.
  expect((await cancel()).ProgressEvent).toMatchObject(end);
});

test('a request that has ended cannot be canceled', async () => {
  const created = await create({ Name });
  await ended(created);
  const { RequestToken } = created.ProgressEvent ?? {};
  expect(await errorOf(control.cancelResourceRequest({ RequestToken }))).toMatchObject({
    name: 'ValidationException',
    // Recorded: localstack, test_cloudcontrol_api, test_cancel_edge_cases.
    message: `Request ${RequestToken} is already in status SUCCESS`,
  });
});
