import { ServiceError } from '../errors/service-error';

/** The time that one invocation can take: calls in flight are aborted with it, and none begins after it. */
export interface Deadline {
  /** Aborts when the deadline is exceeded. */
  readonly signal: AbortSignal;
  /** Milliseconds in which the response to an attempt must begin: a part of the whole, so that there is time for a retry. */
  readonly attemptTimeout: number;
  /** Aborts when the invocation should not wait any longer: there is time left to report why. */
  readonly patience: AbortSignal;
}

const LONGEST_ATTEMPT = 10_000;
const LONGEST_PATIENCE = 45_000;

/** A deadline after so many milliseconds, or at the end of the invocation, whichever comes first. */
export function deadlineIn(milliseconds: number, end: AbortSignal): Deadline {
  return {
    signal: abortedAfter(milliseconds, end),
    attemptTimeout: Math.ceil(Math.min(LONGEST_ATTEMPT, milliseconds / 4)),
    patience: abortedAfter(Math.min(LONGEST_PATIENCE, milliseconds * 0.8), end),
  };
}

/** A signal that aborts after so many milliseconds, or with the other signal. */
function abortedAfter(milliseconds: number, end: AbortSignal): AbortSignal {
  // Not AbortSignal.any: on Node 20 it loses a timeout that nothing else refers to.
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), milliseconds);
  const abort = () => {
    clearTimeout(timer);
    controller.abort();
  };
  end.addEventListener('abort', abort);
  return controller.signal;
}

/** Aborts work after so many milliseconds, or with the other signal, and leaves nothing behind when the work is done. */
export async function withTimeout<T>(
  milliseconds: number,
  end: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, milliseconds);
  end.addEventListener('abort', abort);
  if (end.aborted) {
    abort();
  }
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    end.removeEventListener('abort', abort);
  }
}

/** Thrown if the deadline is exceeded before the work is done. */
export class DeadlineExceeded extends Error {
  constructor() {
    super('there was no response in time');
  }
}

/**
 * The result of the work, if it is done before the deadline. The SDK's pause between two attempts takes no signal, so
 * this does not wait for its end.
 *
 * @throws DeadlineExceeded if the deadline comes first; whatever the work throws.
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

/**
 * As {@link within}, but an error of a service or of the deadline is returned. For calls that are made to explain
 * another error: they must not replace it.
 *
 * @throws any other error.
 */
export async function resultOrError<T>(
  deadline: Deadline,
  work: Promise<T>,
): Promise<T | ServiceError | DeadlineExceeded> {
  try {
    return await within(deadline, work);
  } catch (error) {
    if (error instanceof ServiceError || error instanceof DeadlineExceeded) {
      return error;
    }
    throw error;
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
