import type { CallRecord } from '../calls/caller';
import type { Action } from '../protocol/envelope';
import type { ProgressEvent } from '../protocol/progress';
import type { Secrets } from './secrets';

/** What the log line contains about one invocation. */
export interface LogEntry {
  readonly progress: ProgressEvent;
  /** The type's version. */
  readonly version: string | undefined;
  /** Lambda's request ID. */
  readonly requestId: string | undefined;
  /** What the request is about. Missing, like all below, if the request could not be parsed. */
  readonly subject?: Readonly<Record<string, string>> | undefined;
  readonly action?: Action;
  readonly milliseconds?: number;
  /** The calls to AWS; a call without milliseconds had no response before the deadline. */
  readonly calls?: readonly CallRecord[];
  /** Of an error in the handler's own code. */
  readonly stack?: string | undefined;
}

/** One line of JSON about one invocation, without secrets. */
export function logLine(entry: LogEntry, secrets: Secrets): string {
  const { action, subject, progress, milliseconds, requestId, version, calls, stack } = entry;
  const { status, errorCode, message } = progress;
  const line = {
    action,
    ...subject,
    outcome: status,
    errorCode,
    message,
    milliseconds,
    requestId,
    version,
    calls,
    stack,
  };
  return redacted(line, secrets);
}

/** One line of JSON with what a resource type logs itself, without secrets. */
export function ownLine(entry: object, secrets: Secrets): string {
  return redacted(entry, secrets);
}

function redacted(line: object, secrets: Secrets): string {
  return JSON.stringify(line, (_, value) => (typeof value === 'string' ? secrets.redact(value) : value));
}
