import {
  CancelResourceRequestCommand,
  type CloudControlClient,
  CreateResourceCommand,
  DeleteResourceCommand,
  GetResourceCommand,
  GetResourceRequestStatusCommand,
  ListResourcesCommand,
  type ProgressEvent,
  UpdateResourceCommand,
} from '@aws-sdk/client-cloudcontrol';
import { LocalAccount } from '../src/account';
import { NOTE, registerNote } from '../src/testing/note-type';
import { clients, errorOf, newName } from './support';

/* Cloud Control over HTTP, with the SDK's client and a small type that is registered. */

let account: LocalAccount;
let control: CloudControlClient;

beforeAll(async () => {
  account = await LocalAccount.start();
  control = clients(account, account.administrator()).cloudcontrol;
  await registerNote(account);
});
afterAll(() => account.close());

const TypeName = NOTE;

async function ended({
  ProgressEvent: { RequestToken } = {},
}: {
  ProgressEvent?: ProgressEvent | undefined;
}) {
  const status = await control.send(new GetResourceRequestStatusCommand({ RequestToken }));
  return status.ProgressEvent as ProgressEvent;
}

const create = (model: object, more = {}) =>
  control.send(new CreateResourceCommand({ TypeName, DesiredState: JSON.stringify(model), ...more }));
const update = (Identifier: string, patch: unknown) =>
  control.send(new UpdateResourceCommand({ TypeName, Identifier, PatchDocument: JSON.stringify(patch) }));
const remove = (Identifier: string) => control.send(new DeleteResourceCommand({ TypeName, Identifier }));

async function read(Identifier: string): Promise<unknown> {
  const { ResourceDescription } = await control.send(new GetResourceCommand({ TypeName, Identifier }));
  return JSON.parse(ResourceDescription?.Properties ?? '');
}

test('a resource is created, read, listed, patched and deleted', async () => {
  const Name = newName();
  const creating = await create({ Name, Text: 'a' });
  expect(creating.ProgressEvent).toMatchObject({
    TypeName,
    Identifier: Name,
    Operation: 'CREATE',
    OperationStatus: 'IN_PROGRESS',
    EventTime: expect.any(Date),
  });
  expect(await ended(creating)).toMatchObject({ OperationStatus: 'SUCCESS', Identifier: Name });
  expect(await read(Name)).toEqual({ Name, Text: 'a' });
  const { ResourceDescriptions } = await control.send(new ListResourcesCommand({ TypeName }));
  expect(ResourceDescriptions).toContainEqual({
    Identifier: Name,
    Properties: JSON.stringify({ Name, Text: 'a' }),
  });
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
  const Name = newName();
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
    () => control.send(new ListResourcesCommand({ TypeName: 'A2::B2::C2' })),
    'TypeNotFoundException',
  ],
  [
    'a desired state that is not JSON',
    () => control.send(new CreateResourceCommand({ TypeName, DesiredState: 'x' })),
    'ValidationException',
  ],
  [
    'a token that is not known',
    () => control.send(new GetResourceRequestStatusCommand({ RequestToken: 'x' })),
    'RequestTokenNotFoundException',
  ],
  [
    'a caller without the permission',
    () =>
      clients(account, account.createUser('Nobody')).cloudcontrol.send(
        new ListResourcesCommand({ TypeName }),
      ),
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
  const Name = newName();
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
  const Name = newName();
  await ended(await create({ Name }));
  expect(await errorOf(update(Name, [{ op: 'remove', path: '/Text' }]))).toMatchObject({
    name: 'ValidationException',
  });
});

test('a create repeated with its token is the same request', async () => {
  const Name = newName();
  const [one, other] = [
    await create({ Name }, { ClientToken: Name }),
    await create({ Name }, { ClientToken: Name }),
  ];
  expect(other.ProgressEvent?.RequestToken).toBe(one.ProgressEvent?.RequestToken);
  expect((await ended(other)).OperationStatus).toBe('SUCCESS');
  const another = create({ Name: 'another' }, { ClientToken: Name });
  expect(await errorOf(another)).toMatchObject({
    name: 'ClientTokenConflictException',
    // Recorded: localstack, test_cloudcontrol_api, test_double_create_with_client_token.
    message: `ClientToken ${Name} is already associated with an existing operation with RequestToken ${one.ProgressEvent?.RequestToken}`,
  });
});

test('a request in progress blocks others on the resource, and can be canceled', async () => {
  const Name = newName();
  const { ProgressEvent: { RequestToken } = {} } = await create({ Name, Delay: 600 });
  expect(await errorOf(remove(Name))).toMatchObject({ name: 'ConcurrentOperationException' });
  const canceled = await control.send(new CancelResourceRequestCommand({ RequestToken }));
  expect(canceled.ProgressEvent?.OperationStatus).toBe('CANCEL_IN_PROGRESS');
  const cancel = () => control.send(new CancelResourceRequestCommand({ RequestToken }));
  expect((await cancel()).ProgressEvent?.OperationStatus).toMatch(/^CANCEL_(IN_PROGRESS|COMPLETE)$/);
  const end = { OperationStatus: 'CANCEL_COMPLETE', Identifier: Name };
  expect(await ended(canceled)).toMatchObject(end);
  // Recorded: localstack, test_cloudcontrol_api, test_cancel_request.
  expect((await cancel()).ProgressEvent).toMatchObject(end);
});

test('a request that has ended cannot be canceled', async () => {
  const created = await create({ Name: newName() });
  await ended(created);
  const { RequestToken } = created.ProgressEvent ?? {};
  expect(await errorOf(control.send(new CancelResourceRequestCommand({ RequestToken })))).toMatchObject({
    name: 'ValidationException',
    // Recorded: localstack, test_cloudcontrol_api, test_cancel_edge_cases.
    message: `Request ${RequestToken} is already in status SUCCESS`,
  });
});
