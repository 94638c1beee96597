/**
 * Waits for work until a signal is aborted. What has begun goes on, but is not waited for any more.
 *
 * @throws what the work throws, or the signal's reason.
 */
export async function orAborted<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  const ended = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    const end = () => reject(signal.reason);
    // Node warns about more than ten listeners of one signal: each ends with its work.
    signal.addEventListener('abort', end, { signal: ended.signal });
    if (signal.aborted) {
      end();
    }
  });
  return Promise.race([work, aborted]).finally(() => ended.abort());
}
