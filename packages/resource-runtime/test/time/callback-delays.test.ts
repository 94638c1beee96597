import { FIRST_INVOCATION } from '../../src/protocol/callback-context';
import { nextWait, type Waiting } from '../../src/time/callback-delays';

afterEach(() => jest.restoreAllMocks());

/** Every delay until the operation has waited often enough. */
function delaysOf(waiting: Waiting, delays?: (count: number) => number | undefined): number[] {
  const found: number[] = [];
  let wait = nextWait(FIRST_INVOCATION, waiting, delays);
  while (wait) {
    found.push(wait.delaySeconds);
    wait = nextWait(wait.context, waiting, delays);
  }
  return found;
}

test('waiting after a denial takes growing delays, two minutes in total, and then ends', () => {
  const delays = delaysOf('denials');
  expect(delays).toEqual([2, 4, 8, 16, 30, 30, 30]);
  expect(delays.reduce((sum, delay) => sum + delay)).toBe(120);
});

test('waiting for a change to be shown takes two minutes, and then ends', () => {
  expect(delaysOf('polls')).toEqual(Array(24).fill(5));
});

test('a type that takes longer has delays of its own', () => {
  expect(delaysOf('polls', (count) => (count < 3 ? 60 : undefined))).toEqual([60, 60, 60]);
});

test.each([
  ['throttles', 30],
  ['failures', 8],
] as const)('waiting because of %s grows to 15 seconds, has jitter, and ends', (waiting, count) => {
  const delaysWith = (random: number) => {
    jest.spyOn(Math, 'random').mockReturnValue(random);
    return delaysOf(waiting);
  };
  expect(delaysWith(0)).toEqual([1, 2, 4, ...Array(count - 3).fill(8)]);
  expect(delaysWith(0.5)).toEqual([2, 3, 6, ...Array(count - 3).fill(12)]);
  expect(delaysWith(0.999)).toEqual([2, 4, 8, ...Array(count - 3).fill(15)]);
});

test.each(['denials', 'throttles', 'failures', 'polls'] as const)(
  'a wait because of %s is counted there, and changes nothing else',
  (waiting) => {
    expect(nextWait(FIRST_INVOCATION, waiting)?.context).toEqual({ ...FIRST_INVOCATION, [waiting]: 1 });
  },
);
