import type { Session } from '../services/sts/store';
import type { Stores } from '../stores';
import type { Call, Observer } from './call';
import type { Faults } from './faults';
import type { AccountWith, Service } from './service';

/** The account as the gateway serves it. */
export interface Gateway extends AccountWith<keyof Stores> {
  /** By the name in a signature's credential scope. */
  readonly services: ReadonlyMap<string, Service>;
  readonly faults: Faults;
  readonly observers: ReadonlySet<Observer>;
  /** How long each call takes at least, in milliseconds of the clock. */
  readonly latencyMs: number;
  /** The caller of unsigned Invoke requests, such as those of `cfn test`: `sam local start-lambda` requires no signature. */
  readonly administratorSession: Session;
  /** Whether the account has stopped answering. Calls in progress then have no effect. */
  readonly isClosed: boolean;
  /** Every API call in order. Set its length to 0 to remove them. */
  readonly calls: Call[];
}
