import type { Clock } from '../clock';
import type { Call, Observer } from './call';
import type { Faults } from './faults';
import type { Authorize, Caller, Service } from './service';

/** What the gateway works with. */
export interface Gateway {
  /** By the name in a signature's credential scope. */
  readonly services: ReadonlyMap<string, Service>;
  readonly faults: Faults;
  readonly observers: ReadonlySet<Observer>;
  /** How long each call takes at least, in milliseconds of the clock. */
  readonly latencyMs: number;
  readonly clock: Clock;
  readonly authorize: Authorize;
  /** Whether IAM knows an action, such as `ecs:ListClusters`. */
  isAction(action: string): Promise<boolean>;
  /** The caller behind an access key and a session token. @throws ApiError for credentials that are not valid. */
  findCaller(accessKeyId: string, sessionToken: string): Caller;
  /** The caller of unsigned Invoke requests, such as those of `cfn test`: `sam local start-lambda` requires no signature. */
  readonly tester: Caller;
  /** The ARNs of the roles that a call concerns: the caller and the role that it names. */
  rolesOf(call: Call): string[];
  /** Whether the account has stopped answering. Calls in progress then have no effect. */
  isClosed(): boolean;
  record(call: Call): void;
}
