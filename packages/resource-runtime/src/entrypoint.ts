import { forgetSigningKeys } from './calls/call';
import type { Caller, CallScope } from './calls/caller';
import type { Credentials } from './calls/credentials';
import { reportFailure, reportOwnError } from './errors/report-error';
import { type Means, type Operation, operationFor } from './operation';
import type { Notes } from './protocol/callback-context';
import { type Envelope, parseEnvelope, secretsIn } from './protocol/envelope';
import { type ProgressEvent, withoutProperties } from './protocol/progress';
import type { ResourceType } from './resource-type';
import { type LogEntry, logLine, ownLine } from './telemetry/log-line';
import { Secrets } from './telemetry/secrets';
import { telemetryOf } from './telemetry/telemetry';
import { deadlineIn, within } from './time/deadline';
import { limitsFor } from './time/time-limits';

/** What Lambda passes beside the event, as far as it is used here. */
interface LambdaContext {
  readonly awsRequestId?: string;
  /** Milliseconds until Lambda ends the invocation. */
  getRemainingTimeInMillis?(): number;
}

/** A function for Lambda: an event in, one progress event out. */
export type Entrypoint = (event: unknown, context?: LambdaContext) => Promise<ProgressEvent>;

/** What one invocation owns. Everything ends with it. */
interface Invocation {
  readonly context: LambdaContext;
  readonly secrets: Secrets;
  /** Aborts when the invocation ends. */
  readonly end: AbortSignal;
}

/** The longest message that CloudFormation records (API reference, RecordHandlerProgress, StatusMessage). */
const LONGEST_MESSAGE = 1024;

/**
 * An entry point for a resource type. It reads CloudFormation's request, runs the operation with the credentials of
 * the request, and returns one progress event, whatever happens. It never throws.
 */
export function createEntrypoint<Identifier, Desired, Filter, Configuration, N extends Notes>(
  type: ResourceType<Identifier, Desired, Filter, Configuration, N>,
): Entrypoint {
  return async (event, context = {}) => {
    const secrets = new Secrets();
    secrets.add(...secretsIn(event));
    const end = new AbortController();
    try {
      const progress = await invoke(type, event, { context, secrets, end: end.signal });
      const message = secrets.redact(progress.message).slice(0, LONGEST_MESSAGE).toWellFormed();
      return { ...progress, message };
    } finally {
      // Calls in flight and cached signing keys belong to this request: none must outlive it.
      end.abort();
      forgetSigningKeys();
    }
  };
}

async function invoke<Identifier, Desired, Filter, Configuration, N extends Notes>(
  type: ResourceType<Identifier, Desired, Filter, Configuration, N>,
  event: unknown,
  invocation: Invocation,
): Promise<ProgressEvent> {
  const { context, secrets, end } = invocation;
  const startedAt = new Date();
  const start = performance.now();
  let envelope: Envelope;
  try {
    envelope = parseEnvelope(event, type.typeName);
  } catch (error) {
    // Without an envelope, neither the action nor the log group is known.
    const progress = reportOwnError(error);
    console.log(logLine({ progress, requestId: context.awsRequestId, version: type.version }, secrets));
    return progress;
  }
  const { action, region, callerCredentials, providerCredentials } = envelope;
  const limits = limitsFor(action, context.getRemainingTimeInMillis?.());
  const own: CallScope = { deadline: deadlineIn(limits.work, end), secrets, calls: [] };
  const callerWith = (scope: CallScope, credentials: Credentials | undefined): Caller | undefined =>
    credentials && { ...scope, credentials, region };
  // The log line has the calls of the operation only.
  const telemetry = telemetryOf(envelope, callerWith({ ...own, calls: [] }, providerCredentials), end);
  const lines: string[] = [];
  const print = (line: string) => {
    lines.push(line);
    console.log(line);
  };
  const means: Means = {
    ...own,
    caller: callerWith(own, callerCredentials),
    log: (entry) => print(ownLine(entry, secrets)),
  };
  const outcome = await operate(type, envelope, means);
  const milliseconds = Math.round(performance.now() - start);
  const requestId = context.awsRequestId;
  const { version } = type;
  print(logLine({ action, requestId, version, milliseconds, calls: own.calls, ...outcome }, secrets));
  const measurement = { startedAt, milliseconds, errorCode: outcome.progress.errorCode };
  for (const reason of await telemetry.deliver(lines, measurement, limits.telemetry)) {
    console.log(JSON.stringify({ telemetry: 'not delivered', reason: secrets.redact(reason) }));
  }
  return withoutProperties(outcome.progress, type.writeOnlyProperties ?? []);
}

/** The progress event, and what else the log line contains. */
type Outcome = Pick<LogEntry, 'progress' | 'subject' | 'stack'>;

/** Runs the operation, and turns whatever it throws into a progress event. */
async function operate<Identifier, Desired, Filter, Configuration, N extends Notes>(
  type: ResourceType<Identifier, Desired, Filter, Configuration, N>,
  envelope: Envelope,
  means: Means,
): Promise<Outcome> {
  let operation: Operation;
  try {
    operation = operationFor(type, envelope, means);
  } catch (error) {
    return outcomeOf(error, reportOwnError(error));
  }
  try {
    const progress = await within(means.deadline, operation.run());
    return { subject: operation.subject, progress };
  } catch (error) {
    return { subject: operation.subject, ...(await outcomeOfFailure(error, operation, means)) };
  }
}

/** Reports an error. An error in the report itself is an error in the code, and its stack is the one to log. */
async function outcomeOfFailure(error: unknown, operation: Operation, scope: CallScope): Promise<Outcome> {
  try {
    return outcomeOf(error, await reportFailure(error, operation, scope));
  } catch (own) {
    return outcomeOf(own, reportOwnError(own));
  }
}

/** With the stack of an error in the handler's own code. */
function outcomeOf(error: unknown, progress: ProgressEvent): Outcome {
  const isOwn = progress.errorCode === 'InternalFailure' && error instanceof Error;
  return { progress, stack: isOwn ? error.stack : undefined };
}
