import {
  type CallbackContext,
  FIRST_INVOCATION,
  type Notes,
  parseCallbackContext,
} from '../../src/protocol/callback-context';
import { Steps } from '../../src/protocol/steps';
import { Secrets } from '../../src/telemetry/secrets';

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

const stepsFrom = <N extends Notes>(context: CallbackContext, secrets = new Secrets()) =>
  new Steps<N>(context, secrets, () => {});

test('throttling and failures are counted from the last step, denials and polls are not', () => {
  const context = { ...FIRST_INVOCATION, denials: 1, throttles: 2, failures: 3, polls: 4 };
  const steps = stepsFrom(context);
  expect([steps.isIdentified, steps.model]).toEqual([false, undefined]);
  steps.identify({ Id: '7' });
  expect([steps.isIdentified, steps.model]).toEqual([true, { Id: '7' }]);
  expect(steps.context).toEqual({ ...context, checked: true, throttles: 0, failures: 0 });
  const next = stepsFrom({ ...steps.context, throttles: 5, failures: 6 });
  expect([next.isIdentified, next.isWritten]).toEqual([true, false]);
  next.markWritten();
  expect(next.isWritten).toBe(true);
  expect(next.context).toMatchObject({ checked: true, written: true, throttles: 0, failures: 0 });
});

test('the next invocation has what the type has noted, and adds to it', () => {
  const steps = stepsFrom<{ job: string; part: number }>(FIRST_INVOCATION);
  expect(steps.notes).toEqual({});
  steps.note({ job: 'job-1' });
  steps.note({ part: 2 });
  const read = parseCallbackContext(JSON.parse(JSON.stringify(steps.context)));
  expect(stepsFrom(read).notes).toEqual({ job: 'job-1', part: 2 });
});

const numbered = (length: number) => Object.fromEntries(Array.from({ length }, (_, index) => [index, 1]));

test('16 notes and texts of 256 characters are small enough', () => {
  for (const notes of [numbered(16), { text: 'x'.repeat(256) }]) {
    expect(parseCallbackContext({ notes }).notes).toEqual(notes);
  }
});

test('notes that are no object are refused by their name', () => {
  expect(() => parseCallbackContext({ notes: 'x' })).toThrow('The callback context (notes)');
});

test.each([
  ['more than 16 notes', numbered(17)],
  ['a long text', { text: 'x'.repeat(257) }],
  ['an object', { object: {} }],
  ['half a character', { text: '\ud800' }],
])('%s cannot be noted, and is refused in a context', (_, notes) => {
  const steps = stepsFrom(FIRST_INVOCATION);
  expect(() => steps.note(notes as never)).toThrow('The callback context is invalid (notes)');
  expect(() => parseCallbackContext({ notes })).toThrow('The callback context is invalid (notes)');
});

test('a secret cannot be noted', () => {
  const secrets = new Secrets();
  secrets.addNamed({ password: 'pass"word' });
  const steps = stepsFrom(FIRST_INVOCATION, secrets);
  expect(() => steps.note({ part: 1, token: 'my pass"word' })).toThrow('A note contains a secret.');
  expect(steps.context).toEqual(FIRST_INVOCATION);
});
