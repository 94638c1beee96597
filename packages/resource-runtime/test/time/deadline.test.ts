import { getEventListeners } from 'node:events';
import { ServiceError } from '../../src/errors/service-error';
import {
  DeadlineExceeded,
  deadlineIn,
  pause,
  resultOrError,
  within,
  withTimeout,
} from '../../src/time/deadline';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  for (const invocation of invocations.splice(0)) {
    invocation.abort();
  }
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

const never = new Promise<never>(() => {});

const invocations: AbortController[] = [];

/** A deadline, and the controller that ends its invocation and clears its timers. */
function deadline(milliseconds: number) {
  const invocation = new AbortController();
  invocations.push(invocation);
  return { invocation, ...deadlineIn(milliseconds, invocation.signal) };
}

test('a deadline aborts after its time, patience after four fifths of it', async () => {
  const { signal, patience } = deadline(10_000);
  await jest.advanceTimersByTimeAsync(7_999);
  expect(patience.aborted).toBe(false);
  await jest.advanceTimersByTimeAsync(1);
  expect(patience.aborted).toBe(true);
  await jest.advanceTimersByTimeAsync(1_999);
  expect(signal.aborted).toBe(false);
  await jest.advanceTimersByTimeAsync(1);
  expect(signal.aborted).toBe(true);
});

test('patience ends after 45 seconds, an attempt after 10 seconds or a quarter of the time', async () => {
  const { patience, attemptTimeout } = deadline(60_000);
  await jest.advanceTimersByTimeAsync(44_999);
  expect(patience.aborted).toBe(false);
  await jest.advanceTimersByTimeAsync(1);
  expect(patience.aborted).toBe(true);
  expect(attemptTimeout).toBe(10_000);
  expect(deadline(10_001).attemptTimeout).toBe(2_501);
});

test('a deadline ends with its invocation', () => {
  const { signal, patience, invocation } = deadline(60_000);
  invocation.abort();
  expect([signal.aborted, patience.aborted]).toEqual([true, true]);
});

test('work within the deadline returns its result, or throws its error', async () => {
  const it = deadline(1_000);
  await expect(within(it, Promise.resolve('done'))).resolves.toBe('done');
  await expect(within(it, Promise.reject(new Error('failed')))).rejects.toThrow('failed');
});

test('work that is not done at the deadline throws DeadlineExceeded', async () => {
  const it = deadline(1_000);
  const late = expect(within(it, never)).rejects.toThrow(DeadlineExceeded);
  await jest.advanceTimersByTimeAsync(1_000);
  await late;
  await expect(within(it, never)).rejects.toThrow('there was no response in time');
});

test('resultOrError returns an error of AWS or the deadline, and throws any other', async () => {
  const it = deadline(1_000);
  const failure = ServiceError.withoutResponse('iam:GetRole', 'late');
  const own = new TypeError('x is undefined');
  await expect(resultOrError(it, Promise.reject(own))).rejects.toBe(own);
  await expect(resultOrError(it, Promise.resolve('done'))).resolves.toBe('done');
  await expect(resultOrError(it, Promise.reject(failure))).resolves.toBe(failure);
  it.invocation.abort();
  await expect(resultOrError(it, never)).resolves.toBeInstanceOf(DeadlineExceeded);
});

test('a pause ends after its time, or with its signal', async () => {
  const { signal, invocation } = deadline(60_000);
  const ended: string[] = [];
  void pause(1_000, signal).then(() => ended.push('short'));
  void pause(50_000, signal).then(() => ended.push('long'));
  await jest.advanceTimersByTimeAsync(999);
  expect(ended).toEqual([]);
  await jest.advanceTimersByTimeAsync(1);
  expect(ended).toEqual(['short']);
  invocation.abort();
  await jest.advanceTimersByTimeAsync(0);
  expect(ended).toEqual(['short', 'long']);
  await pause(50_000, signal);
});

test('neither work nor a pause leaves a listener on the signal', async () => {
  const { invocation, ...it } = deadline(60_000);
  await within(it, Promise.resolve());
  await expect(within(it, Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  const paused = pause(1_000, it.signal);
  await jest.advanceTimersByTimeAsync(1_000);
  await paused;
  expect(getEventListeners(it.signal, 'abort')).toEqual([]);
});

test('work is aborted after its time or with the other signal, and leaves no listener and no timer', async () => {
  const { signal } = new AbortController();
  await expect(withTimeout(1_000, signal, async () => 'done')).resolves.toBe('done');
  const untilAborted = (own: AbortSignal) =>
    new Promise((resolve) => {
      own.addEventListener('abort', () => resolve('aborted'));
    });
  const late = withTimeout(1_000, signal, untilAborted);
  await jest.advanceTimersByTimeAsync(1_000);
  await expect(late).resolves.toBe('aborted');
  const invocation = new AbortController();
  const interrupted = withTimeout(1_000, invocation.signal, untilAborted);
  invocation.abort();
  await expect(interrupted).resolves.toBe('aborted');
  const ended = AbortSignal.abort();
  await expect(withTimeout(1_000, ended, async (own) => own.aborted)).resolves.toBe(true);
  expect([signal, invocation.signal, ended].flatMap((end) => getEventListeners(end, 'abort'))).toEqual([]);
});
