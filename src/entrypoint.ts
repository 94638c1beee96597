import type { Caller, CallRecord, Credentials } from './aws';
import { deadlineIn, within } from './deadline';
import { NoExecutionRole } from './errors';
import { type Attempt, answerFailure } from './failures';
import type { Progress } from './progress';
import { Secrets } from './redaction';
import { type Action, type Envelope, type Input, parseEnvelope, parseInput, roleOf } from './request';
import type { RoleArn } from './role-arn';
import { startTelemetry } from './telemetry';

/** What Lambda tells of an invocation, as far as it is used here. */
export interface LambdaContext {
  readonly awsRequestId?: string;
  /** Milliseconds until Lambda cuts the invocation off. */
  getRemainingTimeInMillis?(): number;
}

/** One of the five operations, chosen by the input's action. */
export type Operate = (input: Input, handler: Caller) => Promise<Progress>;

/** The progress event on the wire. */
export type Response = Readonly<Record<string, unknown>>;

/** Milliseconds in which CloudFormation wants an answer (handler contract). */
const LIMITS: Readonly<Record<Action, number>> = {
  CREATE: 60_000,
  READ: 30_000,
  UPDATE: 60_000,
  DELETE: 60_000,
  LIST: 30_000,
};

/** The longest that telemetry holds up an answer, in milliseconds. */
const TELEMETRY_LIMIT = 1_000;

/** The longest message that CloudFormation records (API reference, RecordHandlerProgress, StatusMessage). */
const LONGEST_MESSAGE = 1024;

/**
 * An entry point for Lambda, in place of the library's: takes CloudFormation's request apart, has it
 * operated on, and answers with one progress event, whatever happens.
 */
export function entrypointOf(operate: Operate) {
  return async (event: unknown, context: LambdaContext = {}): Promise<Response> => {
    const secrets = new Secrets();
    const invocation = new AbortController();
    try {
      const progress = await invoke(event, context, operate, secrets, invocation.signal).catch((error) =>
        answerFailure(error, undefined),
      );
      progress.message = secrets.redact(progress.message).slice(0, LONGEST_MESSAGE);
      return progress.serialize();
    } finally {
      // What is still under way is this request's: it must not go on in the time of the next one.
      invocation.abort();
    }
  };
}

/** The same for the event that the library's `TestEntrypoint` takes: the request alone, and credentials. */
export function testEntrypointOf(entrypoint: ReturnType<typeof entrypointOf>): typeof entrypoint {
  return (event, context) => {
    const { action, credentials, request, callbackContext, region } = (event ?? {}) as TestEvent;
    const { desiredResourceState, previousResourceState, logicalResourceIdentifier, nextToken } =
      request ?? {};
    const accountId = /^arn:[^:]*:iam::(\d{12}):/.exec(String(desiredResourceState?.RoleArn))?.[1];
    const requestData = {
      callerCredentials: credentials,
      resourceProperties: desiredResourceState,
      previousResourceProperties: previousResourceState,
      logicalResourceId: logicalResourceIdentifier,
    };
    const protocolEvent = {
      action,
      callbackContext,
      nextToken,
      requestData,
      region: region ?? process.env.AWS_REGION,
      awsAccountId: request?.awsAccountId ?? accountId,
    };
    return entrypoint(protocolEvent, context);
  };
}

/** What `sam local invoke TestEntrypoint` sends; the entry point checks what is taken from it. */
interface TestEvent {
  readonly action?: unknown;
  readonly credentials?: unknown;
  readonly callbackContext?: unknown;
  readonly region?: unknown;
  readonly request?: {
    readonly desiredResourceState?: { readonly RoleArn?: unknown } | null;
    readonly previousResourceState?: unknown;
    readonly logicalResourceIdentifier?: unknown;
    readonly nextToken?: unknown;
    readonly awsAccountId?: unknown;
  } | null;
}

async function invoke(
  event: unknown,
  context: LambdaContext,
  operate: Operate,
  secrets: Secrets,
  invocation: AbortSignal,
): Promise<Progress> {
  const start = new Date();
  const started = performance.now();
  const envelope = parseEnvelope(event);
  const { action, region, callerCredentials, providerCredentials } = envelope;
  secrets.add(...envelope.secrets);

  const limits = limitsFor(action, context);
  const calls: CallRecord[] = [];
  const callerWith = (credentials: Credentials, onCall: Caller['onCall']): Caller => ({
    credentials,
    region,
    deadline: deadlineIn(limits.work, invocation),
    secrets,
    onCall,
  });
  const provider = providerCredentials && callerWith(providerCredentials, () => {});
  const telemetry = startTelemetry(envelope, provider, invocation);

  const handler = callerCredentials && callerWith(callerCredentials, (record) => calls.push(record));
  const { progress, role } = await answer(event, envelope, handler, operate);

  const milliseconds = Math.round(performance.now() - started);
  const line = logLine({ context, action, role, progress, milliseconds, calls }, secrets);
  console.log(line);
  const measurement = { start, milliseconds, errorCode: progress.errorCode };
  const undelivered = await telemetry.deliver([line], measurement, limits.telemetry);
  for (const reason of undelivered) {
    console.log(secrets.redact(`Telemetry was not delivered: ${reason}`));
  }
  return progress;
}

/** The answer, and the role that it is about, as far as the request was understood. */
interface Answer {
  readonly progress: Progress;
  readonly role: RoleArn | undefined;
}

async function answer(
  event: unknown,
  envelope: Envelope,
  handler: Caller | undefined,
  operate: Operate,
): Promise<Answer> {
  let attempt: Attempt | undefined;
  try {
    const input = parseInput(event, envelope);
    if (!handler) {
      throw new NoExecutionRole();
    }
    attempt = { input, handler };
    return { progress: await within(handler.deadline, operate(input, handler)), role: roleOf(input) };
  } catch (error) {
    return { progress: await answerFailure(error, attempt), role: attempt && roleOf(attempt.input) };
  }
}

/** How long the work and the telemetry may take: together less than CloudFormation and Lambda allow. */
function limitsFor(action: Action, context: LambdaContext) {
  const allowed = Math.min(LIMITS[action], context.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY);
  const total = Math.max(allowed * 0.95, 0);
  const telemetry = Math.min(TELEMETRY_LIMIT, total * 0.2);
  return { telemetry, work: total - telemetry };
}

interface Report {
  readonly context: LambdaContext;
  readonly action: Action;
  readonly role: RoleArn | undefined;
  readonly progress: Progress;
  readonly milliseconds: number;
  readonly calls: readonly CallRecord[];
}

/** One line of JSON that says what happened. */
function logLine({ context, action, role, progress, milliseconds, calls }: Report, secrets: Secrets): string {
  const { status, errorCode, message } = progress;
  const report = {
    action,
    roleArn: role?.arn,
    outcome: status,
    errorCode,
    message,
    milliseconds,
    requestId: context.awsRequestId,
    calls,
  };
  return JSON.stringify(report, (_, value) => (typeof value === 'string' ? secrets.redact(value) : value));
}
