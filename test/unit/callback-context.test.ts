import {
  DENIAL_DELAYS,
  FIRST_INVOCATION,
  parseCallbackContext,
  waitForCapacity,
  waitForIam,
} from '../../src/callback-context';

test.each([[undefined], [null], [{}]])('%j is the context of the first invocation', (value) => {
  expect(parseCallbackContext(value)).toEqual(FIRST_INVOCATION);
});

test('what one invocation writes the next one reads', () => {
  const context = { checked: true, denials: 3, throttles: 2 };
  expect(parseCallbackContext(JSON.parse(JSON.stringify(context)))).toEqual(context);
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
  [{ step: 'put' }],
  [JSON.parse('{"__proto__": {"checked": true}}')],
  [{ constructor: {} }],
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

test('waiting for capacity grows to a quarter of a minute, is jittered, and ends', () => {
  const runs = Array.from({ length: 50 }, () => {
    const delays: number[] = [];
    for (let wait = waitForCapacity(FIRST_INVOCATION); wait; wait = waitForCapacity(wait.context)) {
      delays.push(wait.delaySeconds);
    }
    return delays;
  });
  for (const delays of runs) {
    expect(delays).toHaveLength(30);
    delays.forEach((delay, index) => {
      const longest = Math.min(2 ** (index + 1), 15);
      expect(delay).toBeGreaterThanOrEqual(longest / 2);
      expect(delay).toBeLessThanOrEqual(longest);
    });
  }
  expect(new Set(runs.map((delays) => delays[5])).size).toBeGreaterThan(3);
});
