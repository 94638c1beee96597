import { FIRST_INVOCATION } from '../../src/protocol/callback-context';
import {
  waitAfterDenial,
  waitAfterFailure,
  waitAfterThrottling,
  waitForStabilization,
} from '../../src/time/callback-delays';

afterEach(() => jest.restoreAllMocks());

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
  const delaysWith = (random: number) => {
    jest.spyOn(Math, 'random').mockReturnValue(random);
    const delays: number[] = [];
    for (let wait = waitFor(FIRST_INVOCATION); wait; wait = waitFor(wait.context)) {
      delays.push(wait.delaySeconds);
    }
    return delays;
  };
  expect(delaysWith(0)).toEqual([1, 2, 4, ...Array(count - 3).fill(8)]);
  expect(delaysWith(0.5)).toEqual([2, 3, 6, ...Array(count - 3).fill(12)]);
  expect(delaysWith(0.999)).toEqual([2, 4, 8, ...Array(count - 3).fill(15)]);
});

test('each wait counts in its own field, and changes nothing else', () => {
  expect(waitAfterDenial(FIRST_INVOCATION)?.context).toEqual({ ...FIRST_INVOCATION, denials: 1 });
  expect(waitAfterThrottling(FIRST_INVOCATION)?.context).toEqual({ ...FIRST_INVOCATION, throttles: 1 });
  expect(waitAfterFailure(FIRST_INVOCATION)?.context).toEqual({ ...FIRST_INVOCATION, failures: 1 });
  expect(waitForStabilization(FIRST_INVOCATION)?.context).toEqual({ ...FIRST_INVOCATION, polls: 1 });
});
