import { randomUUID } from 'node:crypto';
import type { InvocationResult } from '../../lambda/function';
import type { Credentials } from '../../sts/store';
import { type Action, type Model, type ProgressEvent, RETRIABLE, readProgress } from './protocol';
import { type TypeSchema, timeoutSeconds } from './schema';

/** A version of a resource type as CloudFormation invokes it. */
export interface RunnableType {
  readonly typeName: string;
  /** `arn:…:type/resource/Acme-Ecs-RoleTrunking/00000001`. */
  readonly arn: string;
  readonly schema: TypeSchema;
  readonly function: { invoke(event: unknown): Promise<InvocationResult> };
  /** The role that the type was registered with; without one, requests have no credentials. */
  readonly executionRoleArn?: string | undefined;
  readonly logging?: { groupName: string; roleArn: string } | undefined;
}

/** How operations are driven. */
export interface DriverOptions {
  readonly accountId: string;
  readonly region: string;
  /** A session that CloudFormation makes for itself. @throws ApiError */
  assume(roleArn: string, options: SessionOptions): Promise<Credentials>;
  sleep(seconds: number): Promise<void>;
  /** How often an operation is invoked again after a retriable error or a crash. Defaults to 5. */
  readonly maxRetries?: number | undefined;
  /**
   * What an operation that is invoked again after a retriable error or a crash starts from: the last context and
   * model, or the original request, which knows nothing of what was done. CloudFormation does not document it.
   * Defaults to the last event.
   */
  readonly retryFrom?: 'last-event' | 'original-request' | undefined;
  /** Each answer of a handler as it comes. */
  readonly onProgress?: ((action: Action, event: ProgressEvent) => void) | undefined;
}

/** A session of CloudFormation's: for this account and this type's version. */
export interface SessionOptions {
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly sourceAccount: string;
  readonly sourceArn: string;
}

/** What an operation is about. */
export interface RunInput {
  properties?: Model | undefined;
  previousProperties?: Model | undefined;
  logicalId?: string;
  stackId?: string;
  /** For LIST. */
  nextToken?: string | undefined;
  /** Called once, with the first model that has an identifier, before the operation has ended. */
  onModel?: (model: Model) => void;
  /** Ends the operation before its next invocation. */
  isCanceled?: () => boolean;
}

/** How an operation went. A crash or an answer that breaks the contract shows as `InternalFailure`. */
export interface RunResult {
  /** Every answer, in order. */
  events: ProgressEvent[];
  final: ProgressEvent;
  /** The model by which CloudFormation would delete what a failed create left behind; see {@link modelHeld}. */
  held?: Model | undefined;
  /** How often a handler was invoked. */
  invocations: number;
  bearerToken: string;
}

/** A handler's answer; a crash or an answer that breaks the contract shows as `InternalFailure`. */
interface Answer {
  readonly event: ProgressEvent;
  /** Whether CloudFormation invokes the handler again. */
  readonly isRetriable: boolean;
}

/** One invocation of an operation. */
interface Turn {
  readonly action: Action;
  readonly input: RunInput;
  readonly callbackContext: Record<string, unknown> | undefined;
  readonly bearerToken: string;
}

/**
 * How long CloudFormation asks for the sessions of the execution role and of the log role to last, in seconds:
 * 70 s times 120 minutes (cloudformation-cli pull request 307; whether it still does is not known, so the longest
 * is taken), and what the CLI's managed-upload-infrastructure.yaml gives the log role.
 */
const EXECUTION_SESSION = 8_400;
const LOG_SESSION = 43_200;
const MOST_INVOCATIONS = 1_000;

/**
 * Runs one operation to its end: progress is followed with the last model and callback context, retriable errors
 * and crashes are tried again, each time with fresh credentials of the execution role.
 *
 * @throws ApiError AccessDenied or ValidationError when CloudFormation cannot assume the execution role or the
 * logging role.
 */
export async function runHandlers(
  type: RunnableType,
  action: Action,
  input: RunInput,
  options: DriverOptions,
): Promise<RunResult> {
  const { maxRetries = 5, retryFrom = 'last-event', onProgress } = options;
  const limit = timeoutSeconds(type.schema, action);
  const bearerToken = randomUUID();
  const events: ProgressEvent[] = [];
  let turn: Turn = { action, input, callbackContext: undefined, bearerToken };
  let [retries, slept] = [0, 0];
  const ended = (final: ProgressEvent): RunResult => {
    const all = final === events.at(-1) ? events : [...events, final];
    return { events: all, final, invocations: events.length, held: modelHeld(events), bearerToken };
  };
  for (;;) {
    const { event, isRetriable } = await invoke(type, turn, options);
    events.push(event);
    onProgress?.(action, event);
    if (event.resourceModel && events.filter(({ resourceModel }) => resourceModel).length === 1) {
      input.onModel?.(event.resourceModel);
    }
    if (event.status === 'IN_PROGRESS') {
      const properties = event.resourceModel ?? turn.input.properties;
      turn = {
        ...turn,
        input: { ...input, properties },
        callbackContext: event.callbackContext ?? undefined,
      };
    } else if (isRetriable && retries < maxRetries) {
      retries += 1;
      if (retryFrom === 'original-request') {
        turn = { ...turn, input, callbackContext: undefined };
      }
    } else {
      return ended(event);
    }
    const seconds = event.status === 'IN_PROGRESS' ? (event.callbackDelaySeconds ?? 0) : 2 ** (retries - 1);
    slept += seconds;
    if (slept > limit || events.length > MOST_INVOCATIONS) {
      return ended(failed('NotStabilized', `${action} did not end within ${limit} seconds`));
    }
    await options.sleep(seconds);
    if (input.isCanceled?.()) {
      return ended(failed('InternalFailure', 'The operation was canceled'));
    }
  }
}

/** The event is protocol 2.0.0's; what is missing is left out, as CloudFormation does. */
async function invoke(type: RunnableType, turn: Turn, options: DriverOptions): Promise<Answer> {
  const { action, input, callbackContext, bearerToken } = turn;
  const { accountId, region } = options;
  const { stackId = `arn:aws:cloudformation:${region}:${accountId}:stack/Stack/${bearerToken}` } = input;
  const { payload, functionError } = await type.function.invoke({
    action,
    awsAccountId: accountId,
    bearerToken,
    region,
    resourceType: type.typeName,
    resourceTypeVersion: type.arn.slice(-8),
    callbackContext,
    nextToken: input.nextToken,
    stackId,
    requestData: {
      resourceProperties: input.properties,
      previousResourceProperties: input.previousProperties,
      logicalResourceId: input.logicalId ?? 'Resource',
      callerCredentials: await session(type, type.executionRoleArn, EXECUTION_SESSION, options),
      providerCredentials: await session(type, type.logging?.roleArn, LOG_SESSION, options),
      providerLogGroupName: type.logging?.groupName,
      systemTags: { 'aws:cloudformation:stack-id': stackId },
      stackTags: {},
    },
  });
  if (functionError) {
    const message = `The handler ended without an answer: ${JSON.stringify(payload)}`;
    return { event: failed('InternalFailure', message), isRetriable: true };
  }
  const progress = readProgress(payload, action);
  if (typeof progress === 'string') {
    return { event: failed('InternalFailure', progress), isRetriable: false };
  }
  return { event: progress, isRetriable: RETRIABLE.has(progress.errorCode ?? '') };
}

async function session(
  { arn }: RunnableType,
  roleArn: string | undefined,
  durationSeconds: number,
  { accountId, assume }: DriverOptions,
): Promise<Credentials | undefined> {
  if (roleArn === undefined) {
    return undefined;
  }
  const caller = { sourceAccount: accountId, sourceArn: arn };
  return assume(roleArn, { sessionName: 'AWSCloudFormation', durationSeconds, ...caller });
}

/**
 * The first model that a handler returned, by which CloudFormation deletes what a failed create left behind. The
 * model of an AlreadyExists is dropped, and only that (pulumi-aws-native issue 1138); whether an earlier one
 * survives it is not known, so it does.
 */
function modelHeld(events: readonly ProgressEvent[]): Model | undefined {
  const first = events.find(({ errorCode, resourceModel }) => resourceModel && errorCode !== 'AlreadyExists');
  return first?.resourceModel ?? undefined;
}

function failed(errorCode: string, message: string): ProgressEvent {
  return { status: 'FAILED', errorCode, message };
}
