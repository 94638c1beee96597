/** The time that one invocation can take: calls in flight are aborted with it, and none begins after it. */
export interface Deadline {
  /** Aborts when the time is up. */
  readonly signal: AbortSignal;
  /** How long an attempt's answer can take to begin, in milliseconds: a part of the whole, so that there is time for a retry. */
  readonly attemptTimeout: number;
  /** Aborts when nothing more should be waited for within the invocation, with time left for an answer that says why. */
  readonly patience: AbortSignal;
}

const LONGEST_ATTEMPT = 10_000;
const LONGEST_PATIENCE = 45_000;

/** A deadline after so many milliseconds, or with the end of the invocation, whichever comes first. */
export function deadlineIn(milliseconds: number, invocation: AbortSignal): Deadline {
  return {
    signal: abortedAfter(milliseconds, invocation),
    attemptTimeout: Math.ceil(Math.min(LONGEST_ATTEMPT, milliseconds / 4)),
    patience: abortedAfter(Math.min(LONGEST_PATIENCE, milliseconds * 0.8), invocation),
  };
}

function abortedAfter(milliseconds: number, invocation: AbortSignal): AbortSignal {
  // Not AbortSignal.any: on Node 20 it loses a timeout that nothing else refers to.
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), milliseconds);
  const end = () => {
    clearTimeout(timer);
    controller.abort();
  };
  invocation.addEventListener('abort', end);
  return controller.signal;
}

/** Thrown where an invocation's time is up before its work is done. */
export class DeadlineExceeded extends Error {
  constructor() {
    super('the time of this invocation is up');
  }
}

/**
 * The work's result. The SDK's pause between two attempts takes no signal, so a caller that must not be late does not
 * wait for it.
 *
 * @throws DeadlineExceeded where the deadline comes first, or whatever the work throws.
 */
export async function within<T>({ signal }: Deadline, work: Promise<T>): Promise<T> {
  let expire = () => {};
  const expiry = new Promise<never>((_, reject) => {
    expire = () => reject(new DeadlineExceeded());
  });
  if (signal.aborted) {
    expire();
  }
  signal.addEventListener('abort', expire);
  try {
    return await Promise.race([work, expiry]);
  } finally {
    signal.removeEventListener('abort', expire);
  }
}

/** As {@link within}, for work whose failure must not replace an error that is being reported: it is returned. */
export async function settledWithin<T>(deadline: Deadline, work: Promise<T>): Promise<T | Error> {
  try {
    return await within(deadline, work);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Waits so many milliseconds, or until the signal aborts. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) {
    return;
  }
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end);
  });
}
