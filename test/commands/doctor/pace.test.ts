import { Pace } from '../../../scripts/doctor/pace';

/* The pace of calls, on a clock that a test moves. */

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test('half of the burst passes at once, and then 95 % of the rate', async () => {
  const start = performance.now();
  const pace = new Pace({ burst: 100, perSecond: 20 });
  const passed: number[] = [];
  for (let call = 0; call < 50 + 190; call += 1) {
    void pace.next().then(() => passed.push(performance.now() - start));
  }
  await jest.advanceTimersByTimeAsync(20_000);
  expect(passed.filter((at) => at === 0)).toHaveLength(50);
  expect(passed).toHaveLength(50 + 190);
  expect(passed.at(-1)).toBeCloseTo(10_000, 0);
});

test('an unused pace saves no more than the burst', async () => {
  const pace = new Pace({ burst: 4, perSecond: 10 });
  await jest.advanceTimersByTimeAsync(3_600_000);
  let passed = 0;
  const calls = [1, 2, 3].map(() => pace.next().then(() => (passed += 1)));
  await jest.advanceTimersByTimeAsync(0);
  expect(passed).toBe(2);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(await Promise.all(calls)).toEqual([1, 2, 3]);
});
