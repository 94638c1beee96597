import type { Session } from '../services/sts/store';
import type { Fault, Faults } from './faults';
import type { AccountWith, Parameters, Service } from './service';

/** The account as the gateway serves it. */
export interface Gateway extends AccountWith {
  /** By the name in a signature's credential scope. */
  readonly services: ReadonlyMap<string, Service>;
  readonly faults: Faults;
  readonly observers: ReadonlySet<Observer>;
  readonly latencyMs: number;
  /** The caller of unsigned Invoke requests, such as those of `cfn test`: `sam local start-lambda` requires no signature. */
  readonly administratorSession: Session;
  /** Whether the account has stopped answering. Calls in progress then have no effect. */
  readonly isClosed: boolean;
  /** Every API call in order. Set its length to 0 to remove them. */
  readonly calls: Call[];
}

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
