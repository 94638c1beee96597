import { ServiceError } from '../src/errors/service-error';
import { type Means, operationFor } from '../src/operation';
import { FIRST_INVOCATION } from '../src/protocol/callback-context';
import { parseEnvelope } from '../src/protocol/envelope';
import type { ResourceRequest } from '../src/resource-type';
import { callerFor } from '../src/testing/scripted-aws';
import { type NoteType, noteType, requestFor } from './note-type';

const HANDLER = callerFor();
const MEANS: Means = { ...HANDLER, caller: HANDLER, log: () => {} };
const CONTEXT = { ...FIRST_INVOCATION, checked: true, polls: 3 };
const DENIAL = ServiceError.from('ecs:PutAccountSetting', {
  name: 'AccessDeniedException',
  $metadata: { httpStatusCode: 400 },
});

const operation = (type: NoteType, action: string, more: object = {}, data: object = {}) =>
  operationFor(type, parseEnvelope(requestFor(action, more, data), type.typeName), MEANS);
const MILK = { resourceProperties: { Id: '7', Text: 'Milk' } };

test.each([
  ['CREATE', 'create', { id: '7', text: 'Milk' }],
  ['READ', 'read', { id: '7' }],
  ['UPDATE', 'update', { id: '7', text: 'Milk' }],
  ['DELETE', 'delete', { id: '7' }],
  ['LIST', 'list', { id: '7' }],
] as const)('%s runs %s of the type with what was parsed and the request', async (action, name, target) => {
  const runs: [unknown, ResourceRequest][] = [];
  const answer = { status: 'SUCCESS', message: name, callbackDelaySeconds: 0 } as const;
  const type = noteType({
    [name]: async (...args: [unknown, ResourceRequest]) => {
      runs.push(args);
      return answer;
    },
  });
  const more = { callbackContext: CONTEXT, nextToken: 'next', bearerToken: 'token' };
  const it = operation(type, action, more, MILK);
  expect(it.subject).toEqual({ noteId: '7' });
  expect(await it.run()).toBe(answer);
  expect(runs).toEqual([
    [target, expect.objectContaining({ action, handlerRole: HANDLER, nextToken: 'next', steps: it.steps })],
  ]);
});

test('a type without update is replaced, and one without list has none', async () => {
  const { update, list, ...operations } = noteType().operations;
  const type: NoteType = { ...noteType(), operations };
  await expect(operation(type, 'UPDATE').run()).rejects.toMatchObject({
    errorCode: 'NotUpdatable',
    message: 'Resources of this type cannot be updated: the resource must be replaced.',
  });
  await expect(operation(type, 'LIST').run()).rejects.toMatchObject({
    errorCode: 'InvalidRequest',
    message: 'Resources of this type have no LIST operation.',
  });
});

test('a type without subject and filter has neither', async () => {
  const { subjectOf, ...type } = noteType();
  const { filter, ...parse } = type.parse;
  expect(operation({ ...type, parse }, 'LIST').subject).toEqual({});
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
  expect(() => operation(noteType(), 'READ', {}, { resourceProperties: {} })).toThrow('Id is missing.');
});

test('an operation on a resource has its model, a list has none', () => {
  const modelOf = (action: string) => operation(noteType(), action, {}, MILK).model;
  expect(modelOf('CREATE')).toEqual({ Id: '7', Text: 'Milk' });
  expect(modelOf('DELETE')).toEqual({ Id: '7' });
  expect(modelOf('LIST')).toBeUndefined();
});

test('a resource that the type has identified is the subject from then on', async () => {
  const it = operation(noteType(), 'CREATE', {}, { resourceProperties: { Text: 'Milk' } });
  expect(it.subject).toEqual({});
  it.steps.identify({ Id: '8', Text: 'Milk' });
  expect(it.subject).toEqual({ noteId: '8' });
  expect(() => it.steps.identify({ Text: 'Milk' })).toThrow('Id is missing.');
});

test('the type explains an error of what the request is about', async () => {
  const explain = jest.fn<Promise<ServiceError>, unknown[]>(async () => DENIAL.withAdvice('Ask the owner.'));
  const it = operation(noteType({}, { explain }), 'READ');
  expect(await it.explain(DENIAL, true)).toMatchObject({ details: { advice: 'Ask the owner.' } });
  expect(explain.mock.calls).toEqual([
    [DENIAL, { id: '7' }, expect.objectContaining({ handlerRole: HANDLER }), true],
  ]);
  expect(await operation(noteType(), 'READ').explain(DENIAL, true)).toBeUndefined();
});

test('texts that the type calls secrets are redacted, at any depth', () => {
  const type = noteType({}, { secrets: { properties: ['Login'], configuration: ['ApiKey'] } });
  const resourceProperties = { Id: '7', Login: { Password: 'pass', Hints: ['blue'] } };
  const typeConfiguration = { ApiKey: 'key-of-the-account', Region: 'eu-west-1' };
  operation(type, 'CREATE', {}, { resourceProperties, typeConfiguration });
  expect(MEANS.secrets.redact('pass blue key-of-the-account eu-west-1 7')).toBe(
    '<REDACTED> <REDACTED> <REDACTED> eu-west-1 7',
  );
});
