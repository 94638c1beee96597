import { HandlerErrorCode } from '@amazon-web-services-cloudformation/cloudformation-cli-typescript-lib';
import { type Caller, type CallRecord, forgetSigningKeys } from './aws';
import { FIRST_INVOCATION, Journal } from './callback-context';
import { deadlineIn, within } from './deadline';
import { NoExecutionRole } from './errors';
import { type Attempt, answerFailure } from './failures';
import type { Progress } from './progress';
import { Secrets } from './redaction';
import { type Action, type Envelope, type Input, parseEnvelope, parseInput, roleOf } from './request';
import { startTelemetry } from './telemetry';

/** What Lambda tells of an invocation, as far as it is used here. */
export interface LambdaContext {
  readonly awsRequestId?: string;
  /** Milliseconds until Lambda cuts the invocation off. */
  getRemainingTimeInMillis?(): number;
}

/** One of the five operations, chosen by the input's action. */
export type Operate = (input: Input, journal: Journal, handler: Caller) => Promise<Progress>;

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
      const progress = await invoke(event, context, operate, secrets, invocation.signal);
      progress.message = secrets.redact(progress.message).slice(0, LONGEST_MESSAGE);
      return progress.serialize();
    } finally {
      // What is under way, or kept, is this request's: it must not go on in the time of the next one.
      invocation.abort();
      forgetSigningKeys();
    }
  };
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
  let envelope: Envelope;
  try {
    envelope = parseEnvelope(event);
  } catch (error) {
    // Without it, neither the action nor the log group is known.
    const progress = await answerFailure(error, undefined);
    console.log(logLine({ context, progress }, secrets));
    return progress;
  }
  secrets.add(...envelope.secrets);

  const { action, region, callerCredentials, providerCredentials } = envelope;
  const limits = limitsFor(action, context);
  const deadline = deadlineIn(limits.work, invocation);
  const calls: CallRecord[] = [];
  const handler = callerCredentials && { credentials: callerCredentials, region, deadline, secrets, calls };
  const provider = providerCredentials && {
    credentials: providerCredentials,
    region,
    deadline,
    secrets,
    calls: [],
  };

  const telemetry = startTelemetry(envelope, provider, invocation);
  const answer = await answerTo(envelope, handler, operate);
  const { progress } = answer;
  const milliseconds = Math.round(performance.now() - started);
  const line = logLine({ context, action, ...answer, milliseconds, calls }, secrets);
  console.log(line);
  const measurement = { start, milliseconds, errorCode: progress.errorCode };
  const undelivered = await telemetry.deliver([line], measurement, limits.telemetry);
  for (const reason of undelivered) {
    console.log(secrets.redact(`Telemetry was not delivered: ${reason}`));
  }
  return progress;
}

/** The answer, and what the log says beside it. */
interface Answer {
  readonly progress: Progress;
  /** What the request is about, as far as it was understood. */
  readonly roleArn?: string | undefined;
  /** Where our own code failed. */
  readonly stack?: string | undefined;
}

async function answerTo(envelope: Envelope, handler: Caller | undefined, operate: Operate): Promise<Answer> {
  let attempt: Attempt | undefined;
  try {
    const input = parseInput(envelope);
    if (!handler) {
      throw new NoExecutionRole();
    }
    const journal = new Journal('context' in input ? input.context : FIRST_INVOCATION);
    attempt = { input, journal, handler };
    const progress = await within(handler.deadline, operate(input, journal, handler));
    return { progress, roleArn: roleOf(input)?.arn };
  } catch (error) {
    const progress = await answerFailure(error, attempt);
    const isOurs = progress.errorCode === HandlerErrorCode.InternalFailure && error instanceof Error;
    return {
      progress,
      roleArn: attempt && roleOf(attempt.input)?.arn,
      stack: isOurs ? error.stack : undefined,
    };
  }
}

/** How long the work and the telemetry may take: together less than CloudFormation and Lambda allow. */
function limitsFor(action: Action, context: LambdaContext) {
  const allowed = Math.min(LIMITS[action], context.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY);
  const total = Math.max(allowed * 0.95, 0);
  const telemetry = Math.min(TELEMETRY_LIMIT, total * 0.2);
  return { telemetry, work: total - telemetry };
}

interface Report extends Answer {
  readonly context: LambdaContext;
  readonly action?: Action;
  readonly milliseconds?: number;
  readonly calls?: readonly CallRecord[];
}

/** One line of JSON that says what happened. A call without milliseconds had no answer when the time was up. */
function logLine(
  { context, action, progress, roleArn, milliseconds, calls, stack }: Report,
  secrets: Secrets,
): string {
  const { status, errorCode, message } = progress;
  const requestId = context.awsRequestId;
  const report = {
    action,
    roleArn,
    outcome: status,
    errorCode,
    message,
    milliseconds,
    requestId,
    calls,
    stack,
  };
  return JSON.stringify(report, (_, value) => (typeof value === 'string' ? secrets.redact(value) : value));
}
