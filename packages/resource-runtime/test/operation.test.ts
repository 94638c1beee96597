import { AwsError } from '../src/aws/aws-error';
import { operationFor } from '../src/operation';
import { FIRST_INVOCATION } from '../src/protocol/callback-context';
import { parseEnvelope } from '../src/protocol/envelope';
import { callerFor } from '../src/testing/scripted-aws';
import { type NoteType, noteType, requestFor } from './note-type';

const HANDLER = callerFor();
const CONTEXT = { ...FIRST_INVOCATION, checked: true, polls: 3 };
const DENIAL = AwsError.from('ecs:PutAccountSetting', {
  name: 'AccessDeniedException',
  $metadata: { httpStatusCode: 400 },
});

const operation = (type: NoteType, action: string, more: object = {}, properties?: object) =>
  operationFor(type, parseEnvelope(requestFor(action, more, properties), type.typeName));

test.each([
  ['CREATE', 'create', { id: '7', text: 'Milk' }, 'steps'],
  ['READ', 'read', { id: '7' }, 'nothing'],
  ['UPDATE', 'update', { id: '7', text: 'Milk' }, 'steps'],
  ['DELETE', 'delete', { id: '7' }, 'steps'],
  ['LIST', 'list', { id: '7' }, 'token'],
] as const)('%s runs %s of the type with the parsed request', async (action, name, target, third) => {
  const runs: unknown[][] = [];
  const answer = { status: 'SUCCESS', message: name, callbackDelaySeconds: 0 } as const;
  const type = noteType({
    [name]: async (...args: unknown[]) => {
      runs.push(args);
      return answer;
    },
  });
  const it = operation(
    type,
    action,
    { callbackContext: CONTEXT, nextToken: 'next' },
    { Id: '7', Text: 'Milk' },
  );
  expect(it.subject).toEqual({ noteId: '7' });
  expect(await it.run(HANDLER)).toBe(answer);
  const last = { nothing: [], token: ['next'], steps: [it.steps] }[third];
  expect(runs).toEqual([[target, HANDLER, ...last]]);
});

test('the steps continue from the callback context, except for read and list, which answer at once', () => {
  for (const action of ['CREATE', 'UPDATE', 'DELETE']) {
    expect(operation(noteType(), action, { callbackContext: CONTEXT }).steps.context).toEqual(CONTEXT);
  }
  for (const action of ['READ', 'LIST']) {
    expect(operation(noteType(), action, { callbackContext: 'ignored' }).steps.context).toEqual(
      FIRST_INVOCATION,
    );
  }
});

test('a callback context that no version writes is refused', () => {
  expect(() => operation(noteType(), 'CREATE', { callbackContext: 'text' })).toThrow(
    expect.objectContaining({ errorCode: 'InvalidRequest' }),
  );
});

test('an error that the type throws for the properties is thrown', () => {
  expect(() => operation(noteType(), 'READ', {}, {})).toThrow('Id is missing.');
});

test('an operation on a resource has its model, a list has none', () => {
  const model = { Id: '7', Text: 'Milk' };
  expect(operation(noteType(), 'CREATE', {}, model).model).toEqual(model);
  expect(operation(noteType(), 'DELETE', {}, model).model).toEqual({ Id: '7' });
  expect(operation(noteType(), 'LIST', {}, model).model).toBeUndefined();
});

test('the type explains a denial for a resource, but not for a list', async () => {
  const meaning = { code: 'NotFound', message: 'Gone' } as const;
  const asked: unknown[][] = [];
  const type = noteType(
    {},
    {
      explainDenial: async (...args) => {
        asked.push(args);
        return meaning;
      },
    },
  );
  expect(await operation(type, 'READ').explainDenial(DENIAL, HANDLER, true)).toBe(meaning);
  expect(asked).toEqual([[DENIAL, { id: '7' }, HANDLER, true]]);
  expect(await operation(type, 'LIST').explainDenial(DENIAL, HANDLER, true)).toBeUndefined();
  expect(await operation(noteType(), 'READ').explainDenial(DENIAL, HANDLER, true)).toBeUndefined();
});

test('advice is the advice of the type', () => {
  const type = noteType({}, { advise: ({ iamAction }) => `Do not call ${iamAction}.` });
  expect(operation(type, 'READ').advise(DENIAL)).toBe('Do not call ecs:PutAccountSetting.');
  expect(operation(noteType(), 'READ').advise(DENIAL)).toBeUndefined();
});
