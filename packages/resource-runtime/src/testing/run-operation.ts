import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Credentials } from '../calls/credentials';
import type { Entrypoint } from '../entrypoint';
import type { Action } from '../protocol/envelope';
import type { Model, ProgressEvent } from '../protocol/progress';
import type { Tags } from '../protocol/tags';
import { CREDENTIALS } from './scripted-aws';

/** What CloudFormation is asked for, and how it behaves. */
export interface OperationInput {
  readonly properties?: Model;
  readonly previousProperties?: Model;
  readonly stackTags?: Tags;
  readonly previousStackTags?: Tags;
  readonly systemTags?: Tags;
  readonly typeConfiguration?: Model;
  /** Of the execution role; `null` for a type that is registered without one. Defaults to {@link CREDENTIALS}. */
  readonly credentials?: Credentials | null;
  /** The same for all invocations of the operation. Defaults to a random one. */
  readonly token?: string;
  readonly nextToken?: string;
  /** Waits between invocations. By default, nothing waits. */
  readonly sleep?: (seconds: number) => Promise<unknown>;
  /**
   * Whether CloudFormation loses the answer of an invocation, which it then repeats.
   *
   * @param invocation From 1.
   */
  readonly isLost?: (invocation: number) => boolean;
  /** What an invocation starts from after a lost answer. Defaults to the last answer that arrived. */
  readonly retryFrom?: 'last-event' | 'original-request';
}

/** How an operation went. */
export interface OperationResult {
  /** Every answer, the lost ones included. */
  readonly events: readonly ProgressEvent[];
  /** The last answer. */
  readonly final: ProgressEvent;
  /** Seconds that CloudFormation was asked to wait. */
  readonly waited: number;
}

/** An operation that has not ended by then never will: CloudFormation's own limit is a time. */
const MOST_INVOCATIONS = 1_000;

/**
 * Runs an operation to its end, in this process, as CloudFormation does: after each `IN_PROGRESS`, the entry point is
 * invoked again with the model and the callback context, both as JSON.
 */
export async function runOperation(
  entrypoint: Entrypoint,
  action: Action,
  input: OperationInput = {},
): Promise<OperationResult> {
  const { sleep = () => wait(0), isLost = () => false, retryFrom = 'last-event' } = input;
  const original = requestFor(action, input);
  const events: ProgressEvent[] = [];
  let request = original;
  let waited = 0;
  for (;;) {
    const event: ProgressEvent = copyOf(await entrypoint(copyOf(request)));
    events.push(event);
    if (events.length === MOST_INVOCATIONS) {
      throw new Error(`${action} has not ended after ${MOST_INVOCATIONS} invocations.`);
    }
    if (isLost(events.length)) {
      request = retryFrom === 'original-request' ? original : request;
    } else if (event.status === 'IN_PROGRESS') {
      const { callbackContext, resourceModel } = event;
      const requestData = { ...request.requestData, resourceProperties: resourceModel };
      request = { ...request, callbackContext, requestData };
      waited += event.callbackDelaySeconds;
      await sleep(event.callbackDelaySeconds);
    } else {
      return { events, final: event, waited };
    }
  }
}

/** A request of CloudFormation's protocol 2.0.0. */
function requestFor(action: Action, input: OperationInput) {
  const { token = randomUUID(), credentials = CREDENTIALS } = input;
  return {
    action,
    awsAccountId: '111122223333',
    region: 'us-east-1',
    bearerToken: token,
    nextToken: input.nextToken,
    callbackContext: undefined as object | undefined,
    requestData: {
      logicalResourceId: 'Resource',
      resourceProperties: input.properties ?? {},
      previousResourceProperties: input.previousProperties,
      stackTags: input.stackTags,
      previousStackTags: input.previousStackTags,
      systemTags: input.systemTags,
      typeConfiguration: input.typeConfiguration,
      callerCredentials: credentials ?? undefined,
    },
  };
}

function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}
