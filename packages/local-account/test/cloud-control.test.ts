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
import { clients, errorOf } from './support';

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
let count = 0;
const newName = () => `note-${++count}`;

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
  expect(await errorOf(read(Name))).toMatchObject({ name: 'ResourceNotFoundException', status: 400 });
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
  expect(await errorOf(another)).toMatchObject({ name: 'ClientTokenConflictException' });
});

test('a request in progress blocks others on the resource, and can be canceled', async () => {
  const Name = newName();
  const { ProgressEvent: { RequestToken } = {} } = await create({ Name, Delay: 1 });
  expect(await errorOf(remove(Name))).toMatchObject({ name: 'ConcurrentOperationException' });
  const canceled = await control.send(new CancelResourceRequestCommand({ RequestToken }));
  expect(canceled.ProgressEvent?.OperationStatus).toBe('CANCEL_IN_PROGRESS');
  expect(await ended(canceled)).toMatchObject({ OperationStatus: 'CANCEL_COMPLETE', Identifier: Name });
});
