import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { LocalAccount } from './account';
import {
  type Action,
  type Model,
  type ProgressEvent,
  RETRIABLE,
  readProgress,
  requestEvent,
} from './handler-protocol';
import type { InvocationResult } from './lambda';
import { readSchema, type TypeSchema, timeoutSeconds } from './schema';
import type { Credentials } from './sessions';
import { type DriftResult, type ImportTarget, type Stack, type StackEvent, Stacks } from './stacks';

export type { Action, Model, ProgressEvent } from './handler-protocol';
export type { DriftResult, ResourceDrift, Stack, StackEvent, StackResource } from './stacks';

/** How CloudFormation is set up in an account and Region. */
export interface CloudFormationOptions {
  account: LocalAccount;
  /** The type's handlers. */
  function: { invoke(event: unknown): Promise<InvocationResult> };
  typeName: string;
  region: string;
  /** The role that the type was registered with; without one, requests bear no credentials. */
  executionRoleArn?: string;
  /** The type's logging configuration. */
  logging?: { groupName: string; roleArn: string };
  /** How to wait between invocations; really, unless told. */
  sleep?: (seconds: number) => Promise<void>;
  /** How often an operation is invoked again after a retriable error or a crash; defaults to 5. */
  maxRetries?: number;
  /**
   * What an operation that is invoked again after a retriable error or a crash starts from: the last context and
   * model, or the original request, which knows nothing of what was done. CloudFormation does not document it.
   * Defaults to the last event.
   */
  retryFrom?: 'last-event' | 'original-request';
  /** The type's schema or its file; `custom-ecs-roletrunking.json` of the working directory unless told. */
  schema?: TypeSchema | string;
  /** Each event of a stack as it happens. */
  onEvent?: (event: StackEvent) => void;
  /** Each answer of a handler as it comes. */
  onProgress?: (action: Action, event: ProgressEvent) => void;
}

/** What an operation is about. */
export interface RunInput {
  properties?: Model | undefined;
  previousProperties?: Model | undefined;
  logicalId?: string;
  stackId?: string;
  /** For LIST. */
  nextToken?: string;
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
}

/** A handler's answer; a crash or an answer that breaks the contract shows as `InternalFailure`. */
interface Answer {
  readonly event: ProgressEvent;
  /** Whether CloudFormation invokes the handler again. */
  readonly isRetriable: boolean;
}

/**
 * How long CloudFormation asks for the sessions of the execution role and of the log role to last, in seconds:
 * 70 s times 120 minutes (cloudformation-cli pull request 307; whether it still does is not known, so the longest
 * is taken), and what the CLI's managed-upload-infrastructure.yaml gives the log role.
 */
const EXECUTION_SESSION = 8_400;
const LOG_SESSION = 43_200;

/** Drives a resource type's handlers as CloudFormation drives them. */
export class CloudFormation {
  #options: CloudFormationOptions;
  #stacks: Stacks;
  /** Of operations that are run without a stack. */
  #stackId: string;
  #schema: () => TypeSchema;

  constructor(options: CloudFormationOptions) {
    this.#options = options;
    const { account, region, typeName, onEvent, schema = 'custom-ecs-roletrunking.json' } = options;
    this.#schema = () => (typeof schema === 'string' ? readSchema(schema) : schema);
    this.#stacks = new Stacks({
      account,
      region,
      typeName,
      schema: this.#schema,
      run: (action, input) => this.run(action, input),
      onEvent: onEvent ?? (() => {}),
    });
    this.#stackId = this.#stacks.idOf('Stack');
  }

  /** Registers the type anew, with another execution role or logging configuration. */
  register(registration: Pick<CloudFormationOptions, 'executionRoleArn' | 'logging'>): void {
    this.#options = { ...this.#options, ...registration };
  }

  /**
   * One operation to its end: progress is followed with the last model and callback context, retriable errors
   * and crashes are tried again, each time with fresh credentials of the execution role.
   * @throws ApiError AccessDenied or ValidationError when CloudFormation cannot assume the execution role or the
   * logging role.
   */
  async run(action: Action, input: RunInput): Promise<RunResult> {
    const { maxRetries = 5, retryFrom = 'last-event', onProgress } = this.#options;
    const { sleep = (seconds: number) => wait(seconds * 1000) } = this.#options;
    const limit = timeoutSeconds(this.#schema(), action);
    const bearerToken = randomUUID();
    const events: ProgressEvent[] = [];
    let [request, callbackContext] = [input, undefined as Record<string, unknown> | undefined];
    let [retries, slept] = [0, 0];
    const ended = (final: ProgressEvent) => {
      const invocations = events.length;
      return {
        events: final === events.at(-1) ? events : [...events, final],
        final,
        invocations,
        held: modelHeld(events),
      };
    };
    for (;;) {
      const { event, isRetriable } = await this.#invoke(action, request, callbackContext, bearerToken);
      events.push(event);
      onProgress?.(action, event);
      if (event.status === 'IN_PROGRESS') {
        request = { ...input, properties: event.resourceModel ?? request.properties };
        callbackContext = event.callbackContext ?? undefined;
      } else if (isRetriable && retries < maxRetries) {
        retries += 1;
        if (retryFrom === 'original-request') {
          [request, callbackContext] = [input, undefined];
        }
      } else {
        return ended(event);
      }
      const seconds = event.status === 'IN_PROGRESS' ? (event.callbackDelaySeconds ?? 0) : 2 ** (retries - 1);
      slept += seconds;
      if (slept > limit || events.length > 1000) {
        return ended(failed('NotStabilized', `${action} did not end within ${limit} seconds`));
      }
      await sleep(seconds);
    }
  }

  /**
   * Creates a stack, or updates the one of that name, and rolls back what fails. Roles and instance profiles go
   * into the account, resources of the type through its handlers.
   * @returns the stack; its `status` tells the outcome.
   * @throws ApiError ValidationError for an update that would change nothing.
   * @throws Error for a template that cannot be read.
   */
  deploy(stackName: string, template: string, parameters: Record<string, string> = {}): Promise<Stack> {
    return this.#stacks.deploy(stackName, template, parameters);
  }

  /** Deletes a stack's resources in reverse order. What is gone already counts as deleted. */
  deleteStack(stackName: string): Promise<Stack> {
    return this.#stacks.delete(stackName);
  }

  /** Makes resources that exist part of a stack: each is read by its identifier, nothing is written. */
  import(
    stackName: string,
    template: string,
    targets: ImportTarget[],
    parameters: Record<string, string> = {},
  ): Promise<Stack> {
    return this.#stacks.import(stackName, template, targets, parameters);
  }

  /** Reads each resource of the type and compares it with what the template says of it. */
  detectDrift(stackName: string): Promise<DriftResult> {
    return this.#stacks.detectDrift(stackName);
  }

  /** The stack of that name, if there is one. */
  stack(stackName: string): Stack | undefined {
    return this.#stacks.get(stackName);
  }

  async #invoke(
    action: Action,
    input: RunInput,
    callbackContext: Record<string, unknown> | undefined,
    bearerToken: string,
  ): Promise<Answer> {
    const { account, region, typeName, logging } = this.#options;
    const { logicalId = 'Resource', stackId = this.#stackId, nextToken } = input;
    const request = requestEvent({
      action,
      typeName,
      accountId: account.accountId,
      region,
      stackId,
      logicalId,
      properties: input.properties,
      previousProperties: input.previousProperties,
      callbackContext,
      nextToken,
      bearerToken,
      callerCredentials: await this.#credentials(this.#options.executionRoleArn, EXECUTION_SESSION),
      providerCredentials: await this.#credentials(logging?.roleArn, LOG_SESSION),
      providerLogGroupName: logging?.groupName,
    });
    const { payload, functionError } = await this.#options.function.invoke(request);
    if (functionError) {
      const message = `The handler ended without an answer: ${JSON.stringify(payload)}`;
      return { event: failed('InternalFailure', message), isRetriable: true };
    }
    const progress = readProgress(payload, action);
    return typeof progress === 'string'
      ? { event: failed('InternalFailure', progress), isRetriable: false }
      : {
          event: progress,
          isRetriable: progress.status === 'FAILED' && RETRIABLE.has(progress.errorCode ?? ''),
        };
  }

  /** A session as CloudFormation makes it: for this account and this type's version. */
  async #credentials(roleArn: string | undefined, durationSeconds: number): Promise<Credentials | undefined> {
    if (roleArn === undefined) return undefined;
    const { account, region, typeName } = this.#options;
    const type = typeName.replaceAll('::', '-');
    return account.assumeAsService('resources.cloudformation.amazonaws.com', roleArn, {
      sessionName: 'AWSCloudFormation',
      durationSeconds,
      sourceAccount: account.accountId,
      sourceArn: `arn:${account.partition}:cloudformation:${region}:${account.accountId}:type/resource/${type}/00000001`,
    });
  }
}

/**
 * The first model that a handler told, by which CloudFormation deletes what a failed create left behind. The model
 * of an AlreadyExists is dropped, and only that (pulumi-aws-native issue 1138); whether an earlier one survives
 * it is not known, so it does.
 */
function modelHeld(events: readonly ProgressEvent[]): Model | undefined {
  const first = events.find(({ errorCode, resourceModel }) => resourceModel && errorCode !== 'AlreadyExists');
  return first?.resourceModel ?? undefined;
}

function failed(errorCode: string, message: string): ProgressEvent {
  return { status: 'FAILED', errorCode, message };
}
