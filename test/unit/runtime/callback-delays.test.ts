import { FIRST_INVOCATION } from '../../../src/runtime/callback-context';
import {
  waitAfterDenial,
  waitAfterFailure,
  waitAfterThrottling,
  waitForStabilization,
} from '../../../src/runtime/callback-delays';

test('waiting after a denial takes growing delays, two minutes in total, and then ends', () => {
  const delays: number[] = [];
  for (let wait = waitAfterDenial(FIRST_INVOCATION); wait; wait = waitAfterDenial(wait.context)) {
    delays.push(wait.delaySeconds);
  }
  expect(delays).toEqual([2, 4, 8, 16, 30, 30, 30]);
  expect(delays.reduce((sum, delay) => sum + delay)).toBe(120);
});

test('waiting for AWS to list a change takes two minutes, and then ends', () => {
  const delays: number[] = [];
  for (let wait = waitForStabilization(FIRST_INVOCATION); wait; wait = waitForStabilization(wait.context)) {
    delays.push(wait.delaySeconds);
  }
  expect(delays.reduce((sum, delay) => sum + delay)).toBe(120);
});

test.each([
  ['throttling', waitAfterThrottling, 30],
  ['a failure', waitAfterFailure, 8],
])('waiting after %s grows to 15 seconds, has jitter, and ends', (_, waitFor, count) => {
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

test('each wait counts in its own field, and changes nothing else', () => {
  expect(waitAfterDenial(FIRST_INVOCATION)?.context).toEqual({ ...FIRST_INVOCATION, denials: 1 });
  expect(waitAfterThrottling(FIRST_INVOCATION)?.context).toEqual({ ...FIRST_INVOCATION, throttles: 1 });
  expect(waitAfterFailure(FIRST_INVOCATION)?.context).toEqual({ ...FIRST_INVOCATION, failures: 1 });
  expect(waitForStabilization(FIRST_INVOCATION)?.context).toEqual({ ...FIRST_INVOCATION, polls: 1 });
});
