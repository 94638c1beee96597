import { pause } from '../time/deadline';

/** As in the SDK's standard retry mode. */
const MAX_ATTEMPTS = 3;

/**
 * Makes up to three attempts at a call that has no SDK client to repeat it.
 *
 * @param attempt Makes one.
 * @param delayAfter Milliseconds to wait after what an attempt has thrown, from how many there were; `undefined` if
 * another one does not help.
 * @param signal Ends the attempts.
 * @returns The result, and how many attempts it took.
 * @throws what the last attempt has thrown.
 */
export async function inAttempts<T>(
  attempt: () => Promise<T>,
  delayAfter: (thrown: unknown, attempts: number) => number | undefined,
  signal: AbortSignal,
): Promise<{ readonly result: T; readonly attempts: number }> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return { result: await attempt(), attempts };
    } catch (thrown) {
      const delay = delayAfter(thrown, attempts);
      if (delay === undefined || attempts === MAX_ATTEMPTS || signal.aborted) {
        throw thrown;
      }
      await pause(delay, signal);
    }
  }
}
