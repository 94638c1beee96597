import { FIRST_INVOCATION, parseCallbackContext, Steps } from '../../src/protocol/callback-context';

test.each([[undefined], [null], [{}]])('%j is the context of the first invocation', (value) => {
  expect(parseCallbackContext(value)).toEqual(FIRST_INVOCATION);
});

test('the next invocation reads the context that an invocation has written', () => {
  const context = { checked: true, written: true, denials: 3, throttles: 2, failures: 4, polls: 5 };
  expect(parseCallbackContext(JSON.parse(JSON.stringify(context)))).toEqual(context);
});

test('a context of version 1.0.0 is read, and keys of newer versions are ignored', () => {
  const old = { checked: true, denials: 3, throttles: 2 };
  expect(parseCallbackContext(old)).toEqual({ ...FIRST_INVOCATION, ...old });
  expect(parseCallbackContext({ ...old, step: 'put', constructor: {} })).toEqual(parseCallbackContext(old));
  expect(parseCallbackContext(JSON.parse('{"__proto__": {"checked": true}}'))).toEqual(FIRST_INVOCATION);
});

test.each([
  ['text'],
  [7],
  [[]],
  [{ checked: 'yes' }],
  [{ denials: -1 }],
  [{ denials: 1.5 }],
  [{ throttles: '3' }],
  [{ denials: Number.MAX_SAFE_INTEGER }],
  [{ written: 1 }],
  [{ failures: null, polls: 'many' }],
  [{ polls: 1001 }],
])('%j is refused', (value) => {
  expect(() => parseCallbackContext(value)).toThrow(
    expect.objectContaining({
      errorCode: 'InvalidRequest',
      message: expect.stringMatching(/^The callback context (must be an object|is invalid \()/),
    }),
  );
});

test('a count can be 1,000', () => {
  expect(parseCallbackContext({ polls: 1_000 })).toEqual({ ...FIRST_INVOCATION, polls: 1_000 });
});

test('throttling and failures are counted from the last step, denials and polls are not', () => {
  const steps = new Steps({ ...FIRST_INVOCATION, denials: 1, throttles: 2, failures: 3, polls: 4 });
  expect(steps.isDone('checked')).toBe(false);
  steps.complete('checked');
  expect(steps.isDone('checked')).toBe(true);
  expect(steps.isDone('written')).toBe(false);
  expect(steps.context).toEqual({
    checked: true,
    written: false,
    denials: 1,
    throttles: 0,
    failures: 0,
    polls: 4,
  });
});
