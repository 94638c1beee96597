import type { CallRecord } from './aws/caller';
import type { Action } from './envelope';
import type { ProgressEvent } from './progress';
import type { Secrets } from './secrets';

/** What the log line says of one invocation. */
export interface Report {
  readonly progress: ProgressEvent;
  /** Lambda's request ID. */
  readonly requestId: string | undefined;
  /** What the request is about; missing, like everything below, where the request could not be read so far. */
  readonly subject?: Readonly<Record<string, string>> | undefined;
  readonly action?: Action;
  readonly milliseconds?: number;
  /** The calls to AWS; a call without milliseconds had no answer when the time was up. */
  readonly calls?: readonly CallRecord[];
  /** Where the handler's own code failed. */
  readonly stack?: string | undefined;
}

/** One line of JSON that says what happened, without secrets. */
export function logLine(report: Report, secrets: Secrets): string {
  const { action, subject, progress, milliseconds, requestId, calls, stack } = report;
  const { status, errorCode, message } = progress;
  const line = {
    action,
    ...subject,
    outcome: status,
    errorCode,
    message,
    milliseconds,
    requestId,
    calls,
    stack,
  };
  return JSON.stringify(line, (_, value) => (typeof value === 'string' ? secrets.redact(value) : value));
}
