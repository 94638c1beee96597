import { ServiceError } from '../../src/errors/service-error';
import { deadlineIn } from '../../src/time/deadline';
import { retryWithin, waitUntilShown } from '../../src/time/retries';

const invocation = new AbortController();
const errorOf = (code: string, status: number) =>
  ServiceError.from('ecs:ListAccountSettings', { name: code, $metadata: { httpStatusCode: status } });
const DENIED = errorOf('AccessDenied', 400);

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

/** Runs until the work is done, and returns the milliseconds at which each call was made. */
async function timesOf(answers: (() => unknown)[], wait: 'retryWithin' | 'waitUntilShown' = 'retryWithin') {
  const start = Date.now();
  const times: number[] = [];
  const next = async () => {
    times.push(Date.now() - start);
    return (answers.length > 1 ? answers.shift() : answers[0])?.();
  };
  const deadline = deadlineIn(57_000, invocation.signal);
  const isShown = async () => (await next()) === true;
  const work = wait === 'retryWithin' ? retryWithin(deadline, next) : waitUntilShown(deadline, isShown);
  const result = work.catch((error: unknown) => error);
  await jest.advanceTimersByTimeAsync(120_000);
  return { times, result: await result };
}

const fail = (error: Error) => () => {
  throw error;
};

test.each([
  ['denied', DENIED],
  ['throttled', errorOf('Throttling', 400)],
  ['failed by AWS', errorOf('X', 500)],
  ['without a response', ServiceError.withoutResponse('ecs:ListAccountSettings', 'late')],
])('work that is %s is repeated', async (_, error) => {
  const { times, result } = await timesOf([fail(error), fail(error), () => 'done']);
  expect(result).toBe('done');
  expect(times).toHaveLength(3);
});

test.each([true, false])(
  'the caller decides whether an error is worth a retry: %s',
  async (isWorthRetrying) => {
    const asked: ServiceError[] = [];
    const work = jest.fn().mockRejectedValueOnce(DENIED).mockResolvedValue('done');
    const decide = async (error: ServiceError) => {
      asked.push(error);
      return isWorthRetrying;
    };
    const result = retryWithin(deadlineIn(57_000, invocation.signal), work, decide).catch((error) => error);
    await jest.advanceTimersByTimeAsync(120_000);
    expect(await result).toBe(isWorthRetrying ? 'done' : DENIED);
    expect(asked).toEqual([DENIED]);
  },
);

test('the delays double from 1 to 8 seconds, with jitter, and end after 45 seconds', async () => {
  const { times, result } = await timesOf([fail(DENIED)]);
  expect(result).toBe(DENIED);
  const delays = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  delays.slice(0, -1).forEach((delay, index) => {
    const longest = Math.min(1_000 * 2 ** index, 8_000);
    expect(delay).toBeGreaterThanOrEqual(longest / 2);
    expect(delay).toBeLessThanOrEqual(longest);
  });
  expect(times.at(-1)).toBe(45_000);
});

test.each([
  ['a permanent error of AWS', errorOf('ValidationError', 400)],
  ['an error in the code', new TypeError('x is undefined')],
])('%s is thrown at once', async (_, error) => {
  const { times, result } = await timesOf([fail(error)]);
  expect({ times, result }).toEqual({ times: [0], result: error });
});

test('waitUntilShown checks at once, and then for four seconds', async () => {
  expect(await timesOf([() => true], 'waitUntilShown')).toEqual({ times: [0], result: true });
  const late = await timesOf([() => false, () => false, () => true], 'waitUntilShown');
  expect(late).toEqual({ times: [0, 250, 750], result: true });
  const never = await timesOf([() => false], 'waitUntilShown');
  expect(never).toEqual({ times: [0, 250, 750, 1_750, 3_750], result: false });
});

test('waitUntilShown does not check again when the invocation should not wait any longer', async () => {
  const deadline = deadlineIn(800, invocation.signal);
  let checks = 0;
  const shown = waitUntilShown(deadline, async () => {
    checks += 1;
    return false;
  });
  await jest.advanceTimersByTimeAsync(60_000);
  // At 0, at 250 and when patience ends, at four fifths of the time.
  expect({ shown: await shown, checks }).toEqual({ shown: false, checks: 3 });
});

test('waitUntilShown throws an error of the check', async () => {
  expect((await timesOf([fail(DENIED)], 'waitUntilShown')).result).toBe(DENIED);
});
