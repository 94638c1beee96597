import { Pace } from '../../../scripts/doctor/pace';

/* The pace of calls, on a timer that a test moves. */

test('half of the burst passes at once, and then 95 % of the rate', async () => {
  let now = 0;
  const wait = async (milliseconds: number) => {
    now += milliseconds;
  };
  const pace = new Pace({ burst: 100, perSecond: 20 }, { now: () => now, wait });
  const passed: number[] = [];
  await Promise.all(
    Array.from({ length: 50 + 190 }, async () => {
      await pace.next();
      passed.push(now);
    }),
  );
  expect(passed.filter((at) => at === 0)).toHaveLength(50);
  expect(passed.at(-1)).toBeCloseTo(10_000, 0);
});

test('an unused pace saves no more than the burst', async () => {
  let now = 0;
  const wait = async (milliseconds: number) => {
    now += milliseconds;
  };
  const pace = new Pace({ burst: 4, perSecond: 10 }, { now: () => now, wait });
  now = 3_600_000;
  await Promise.all([pace.next(), pace.next()]);
  expect(now).toBe(3_600_000);
  await pace.next();
  expect(now).toBeGreaterThan(3_600_000);
});
