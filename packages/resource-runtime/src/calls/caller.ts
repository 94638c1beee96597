import type { Secrets } from '../telemetry/secrets';
import type { Deadline } from '../time/deadline';
import type { Credentials } from './credentials';

/** What every call within one invocation is made with. */
export interface CallScope {
  readonly deadline: Deadline;
  /** Add every secret that becomes known during the invocation. */
  readonly secrets: Secrets;
  /** The calls made so far, for the log. */
  readonly calls: CallRecord[];
}

/**
 * Who calls AWS. A caller that is derived from another one, such as a role that it assumes, shares its `secrets` and
 * `calls`.
 */
export interface Caller extends CallScope {
  readonly credentials: Credentials;
  readonly region: string;
}

/** One call with all its attempts. Until the call ends, only the action is known. */
export interface CallRecord {
  /** The IAM action, such as `sts:AssumeRole`. */
  readonly action: string;
  requestId?: string | undefined;
  attempts?: number | undefined;
  milliseconds?: number;
  /** AWS's error code, if the call failed. */
  error?: string;
}
