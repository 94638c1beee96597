/**
 * Waits for work until a signal is aborted. What has begun goes on, but is not waited for any more.
 *
 * @throws what the work throws, or the signal's reason.
 */
export function orAborted<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  const aborted = new Promise<never>((_, reject) => {
    const end = () => reject(signal.reason);
    if (signal.aborted) {
      end();
    } else {
      signal.addEventListener('abort', end, { once: true });
    }
  });
  return Promise.race([work, aborted]);
}
