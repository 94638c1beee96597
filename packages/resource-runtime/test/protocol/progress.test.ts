import { FIRST_INVOCATION } from '../../src/protocol/callback-context';
import { failed, inProgress, listed, success, withoutProperties } from '../../src/protocol/progress';

/* The members of each event, as AWS's library writes them. */

test('a success has the model, and no model after a delete', () => {
  expect(success({ Id: '7' })).toEqual({
    status: 'SUCCESS',
    message: '',
    callbackDelaySeconds: 0,
    resourceModel: { Id: '7' },
  });
  expect(Object.keys(success())).toEqual(['status', 'message', 'callbackDelaySeconds']);
});

test('a list has its models, even if there are none, and a token if there is another page', () => {
  expect(listed([], undefined)).toStrictEqual({
    status: 'SUCCESS',
    message: '',
    callbackDelaySeconds: 0,
    resourceModels: [],
  });
  expect(listed([{ Id: '7' }], 'next')).toMatchObject({ resourceModels: [{ Id: '7' }], nextToken: 'next' });
});

test('an operation in progress has the model, the context and the delay', () => {
  const context = { ...FIRST_INVOCATION, polls: 1 };
  expect(inProgress({ Id: '7' }, { delaySeconds: 5, context }, 'Waiting')).toEqual({
    status: 'IN_PROGRESS',
    message: 'Waiting',
    callbackContext: context,
    callbackDelaySeconds: 5,
    resourceModel: { Id: '7' },
  });
});

test('a failure has its code and no model', () => {
  expect(failed('NotFound', 'There is no note.')).toEqual({
    status: 'FAILED',
    errorCode: 'NotFound',
    message: 'There is no note.',
    callbackDelaySeconds: 0,
  });
});

describe('properties that can only be written', () => {
  const paths = ['/properties/Secret', '/properties/Login/Password'];
  const model = { Id: '7', Secret: 's', Login: { User: 'me', Password: 'p' } };
  const readable = { Id: '7', Login: { User: 'me' } };

  test('are left out of every model of a SUCCESS', () => {
    expect(withoutProperties(success(model), paths)).toEqual(success(readable));
    const others = [{ Id: '8', Login: null }, { Id: '9', Login: 'x' }, { Id: '10' }];
    expect(withoutProperties(listed([model, ...others]), paths)).toEqual(listed([readable, ...others]));
    expect(withoutProperties(success(), paths)).toEqual(success());
  });

  test('stay in an IN_PROGRESS, since the next invocation needs them', () => {
    const event = inProgress(model, { delaySeconds: 1, context: FIRST_INVOCATION }, '');
    expect(withoutProperties(event, paths)).toEqual(event);
  });
});
