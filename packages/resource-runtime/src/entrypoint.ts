import { forgetSigningKeys } from './aws/call';
import type { Caller } from './aws/caller';
import type { Credentials } from './aws/credentials';
import { NoExecutionRole } from './errors/handler-error';
import { reportFailure, reportOwnError } from './errors/report-error';
import { type Operation, operationFor } from './operation';
import { type Envelope, parseEnvelope, secretsIn } from './protocol/envelope';
import type { ProgressEvent } from './protocol/progress';
import type { ResourceType } from './resource-type';
import { type LogEntry, logLine } from './telemetry/log-line';
import { Secrets } from './telemetry/secrets';
import { startTelemetry } from './telemetry/telemetry';
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
export function createEntrypoint<Identifier, Desired extends Identifier, Filter>(
  type: ResourceType<Identifier, Desired, Filter>,
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

async function invoke<Identifier, Desired extends Identifier, Filter>(
  type: ResourceType<Identifier, Desired, Filter>,
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
  const deadline = deadlineIn(limits.work, end);
  const callerWith = (credentials: Credentials | undefined): Caller | undefined =>
    credentials && { credentials, region, deadline, secrets, calls: [] };
  const telemetry = startTelemetry(envelope, callerWith(providerCredentials), end);
  const handler = callerWith(callerCredentials);
  const outcome = await operate(type, envelope, handler);
  const milliseconds = Math.round(performance.now() - start);
  const requestId = context.awsRequestId;
  const { version } = type;
  const calls = handler?.calls ?? [];
  const line = logLine({ action, requestId, version, milliseconds, calls, ...outcome }, secrets);
  console.log(line);
  const measurement = { startedAt, milliseconds, errorCode: outcome.progress.errorCode };
  for (const reason of await telemetry.deliver([line], measurement, limits.telemetry)) {
    console.log(JSON.stringify({ telemetry: 'not delivered', reason: secrets.redact(reason) }));
  }
  return outcome.progress;
}

/** The progress event, and what else the log line contains. */
type Outcome = Pick<LogEntry, 'progress' | 'subject' | 'stack'>;

/** Runs the operation, and turns whatever it throws into a progress event. */
async function operate<Identifier, Desired extends Identifier, Filter>(
  type: ResourceType<Identifier, Desired, Filter>,
  envelope: Envelope,
  handler: Caller | undefined,
): Promise<Outcome> {
  let operation: Operation;
  try {
    operation = operationFor(type, envelope);
  } catch (error) {
    return outcomeOf(error, reportOwnError(error));
  }
  const { subject } = operation;
  if (!handler) {
    return { subject, progress: reportOwnError(new NoExecutionRole()) };
  }
  try {
    return { subject, progress: await within(handler.deadline, operation.run(handler)) };
  } catch (error) {
    return { subject, ...(await outcomeOfFailure(error, operation, handler)) };
  }
}

/** Reports an error. An error in the report itself is an error in the code, and its stack is the one to log. */
async function outcomeOfFailure(error: unknown, operation: Operation, handler: Caller): Promise<Outcome> {
  try {
    return outcomeOf(error, await reportFailure(error, operation, handler));
  } catch (own) {
    return outcomeOf(own, reportOwnError(own));
  }
}

/** With the stack of an error in the handler's own code. */
function outcomeOf(error: unknown, progress: ProgressEvent): Outcome {
  const isOwn = progress.errorCode === 'InternalFailure' && error instanceof Error;
  return { progress, stack: isOwn ? error.stack : undefined };
}
