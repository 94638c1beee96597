import {
  DENIAL_DELAYS,
  FIRST_INVOCATION,
  Journal,
  parseCallbackContext,
  waitForAnswer,
  waitForCapacity,
  waitForIam,
  waitForList,
} from '../../src/callback-context';

test.each([[undefined], [null], [{}]])('%j is the context of the first invocation', (value) => {
  expect(parseCallbackContext(value)).toEqual(FIRST_INVOCATION);
});

test('what one invocation writes the next one reads', () => {
  const context = { checked: true, written: true, denials: 3, throttles: 2, failures: 4, polls: 5 };
  expect(parseCallbackContext(JSON.parse(JSON.stringify(context)))).toEqual(context);
});

test('what version 1.0.0 wrote is read, and keys of newer versions are ignored', () => {
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
])('%j is refused', (value) => {
  expect(() => parseCallbackContext(value)).toThrow(expect.objectContaining({ errorCode: 'InvalidRequest' }));
});

test('waiting for IAM takes growing delays, two minutes together, and then ends', () => {
  const delays: number[] = [];
  for (let wait = waitForIam(FIRST_INVOCATION); wait; wait = waitForIam(wait.context)) {
    delays.push(wait.delaySeconds);
  }
  expect(delays).toEqual(DENIAL_DELAYS);
  expect(delays.reduce((sum, delay) => sum + delay)).toBe(120);
  expect(delays).toEqual([...delays].sort((one, other) => one - other));
});

test('waiting for the list to follow takes two minutes, and then ends', () => {
  const delays: number[] = [];
  for (let wait = waitForList(FIRST_INVOCATION); wait; wait = waitForList(wait.context)) {
    delays.push(wait.delaySeconds);
  }
  expect(delays.reduce((sum, delay) => sum + delay)).toBe(120);
});

test('throttling and failures are counted from the last step, denials and polls are not', () => {
  const journal = new Journal({ ...FIRST_INVOCATION, denials: 1, throttles: 2, failures: 3, polls: 4 });
  journal.note({ checked: true });
  expect(journal.context).toEqual({
    checked: true,
    written: false,
    denials: 1,
    throttles: 0,
    failures: 0,
    polls: 4,
  });
});

test.each([
  ['capacity', waitForCapacity, 30],
  ['an answer', waitForAnswer, 8],
])('waiting for %s grows to a quarter of a minute, is jittered, and ends', (_, waitFor, count) => {
  const runs = Array.from({ length: 50 }, () => {
    const delays: number[] = [];
    for (let wait = waitFor(FIRST_INVOCATION); wait; wait = waitFor(wait.context)) {
      delays.push(wait.delaySeconds);
    }
    return delays;
  });
  for (const delays of runs) {
    expect(delays).toHaveLength(count);
    delays.forEach((delay, index) => {
      const longest = Math.min(2 ** (index + 1), 15);
      expect(delay).toBeGreaterThanOrEqual(longest / 2);
      expect(delay).toBeLessThanOrEqual(longest);
    });
  }
  expect(new Set(runs.map((delays) => delays[5])).size).toBeGreaterThan(3);
});
