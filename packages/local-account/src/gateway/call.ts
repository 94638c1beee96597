import type { Fault } from './faults';
import type { Parameters } from './service';

/** One API call as the account saw it. */
export interface Call {
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  /** The principal's ARN, or `undefined` if the caller is not known. */
  readonly caller: string | undefined;
  /** The request's parameters, without its payload: events contain credentials. */
  readonly parameters: Parameters;
  readonly requestId: string;
  readonly startedAt: number;
  /** The HTTP status; 0 until the call is answered, and also if the connection was cut. */
  status: number;
  errorCode?: string;
  fault?: Fault['kind'];
  finishedAt?: number;
}

/** A call before it takes effect, or after it took effect and before it is answered. */
export interface Moment {
  readonly phase: 'before' | 'after';
  readonly call: Call;
}

/**
 * Called at both moments of each call; the call waits for it. If it returns `drop`, the connection is cut: before the
 * call, that means no effect, as if its sender had died first.
 */
export type Observer = (moment: Moment) => unknown;
