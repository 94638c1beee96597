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
import { readSchema, type TypeSchema } from './schema';
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
  /** How often an operation is invoked again after a retriable error or a crash; 5 unless told. */
  maxRetries?: number;
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
  /** How often a handler was invoked. */
  invocations: number;
}

/** The longest that an operation may take in all, by its callback delays: the default of 120 minutes. */
const TIMEOUT_SECONDS = 7200;

/** Drives a resource type's handlers as CloudFormation drives them. */
export class CloudFormation {
  #options: CloudFormationOptions;
  #stacks: Stacks;

  constructor(options: CloudFormationOptions) {
    this.#options = options;
    const { account, region, typeName, onEvent, schema = 'custom-ecs-roletrunking.json' } = options;
    this.#stacks = new Stacks({
      account,
      region,
      typeName,
      schema: () => (typeof schema === 'string' ? readSchema(schema) : schema),
      run: (action, input) => this.run(action, input),
      onEvent: onEvent ?? (() => {}),
    });
  }

  /** Registers the type anew, with another execution role or logging configuration. */
  register(registration: Pick<CloudFormationOptions, 'executionRoleArn' | 'logging'>): void {
    this.#options = { ...this.#options, ...registration };
  }

  /**
   * One operation to its end: progress is followed with the last model and callback context, retriable errors
   * and crashes are tried again, each time with fresh credentials of the execution role.
   * @throws ApiError AccessDenied when CloudFormation may not assume the execution role or the logging role.
   */
  async run(action: Action, input: RunInput): Promise<RunResult> {
    const { maxRetries = 5, sleep = (seconds: number) => wait(seconds * 1000), onProgress } = this.#options;
    const bearerToken = randomUUID();
    const events: ProgressEvent[] = [];
    let { properties } = input;
    let callbackContext: Record<string, unknown> | undefined;
    let retries = 0;
    let slept = 0;
    for (let invocations = 1; ; invocations += 1) {
      const event = await this.#invoke(action, { ...input, properties }, callbackContext, bearerToken);
      events.push(event);
      onProgress?.(action, event);
      if (event.status === 'IN_PROGRESS') {
        const seconds = event.callbackDelaySeconds ?? 0;
        slept += seconds;
        if (slept > TIMEOUT_SECONDS || invocations > 1000) {
          const final = failed('NotStabilized', `${action} did not end within ${TIMEOUT_SECONDS} seconds`);
          return { events: [...events, final], final, invocations };
        }
        properties = event.resourceModel ?? properties;
        callbackContext = event.callbackContext ?? undefined;
        retries = 0;
        await sleep(seconds);
      } else if (event.status === 'FAILED' && mayBeRetried(event) && retries < maxRetries) {
        retries += 1;
        await sleep(2 ** (retries - 1));
      } else {
        return { events, final: event, invocations };
      }
    }
  }

  /**
   * Creates a stack, or updates the one of that name, and rolls back what fails. Roles and instance profiles go
   * into the account, resources of the type through its handlers.
   * @returns the stack; its `status` tells the outcome.
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
  ): Promise<ProgressEvent> {
    const { account, region, typeName, logging } = this.#options;
    const { logicalId = 'Resource', stackId = this.#stacks.idOf('Stack'), nextToken } = input;
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
      callerCredentials: await this.#credentials(this.#options.executionRoleArn),
      providerCredentials: await this.#credentials(logging?.roleArn),
      providerLogGroupName: logging?.groupName,
    });
    const { payload, functionError } = await this.#options.function.invoke(request);
    if (functionError) return crash(`The handler ended without an answer: ${JSON.stringify(payload)}`);
    const progress = readProgress(payload, action);
    return typeof progress === 'string' ? failed('InternalFailure', progress) : progress;
  }

  /** A session as CloudFormation makes it: for this account and this type's version. */
  async #credentials(roleArn: string | undefined): Promise<Credentials | undefined> {
    if (roleArn === undefined) return undefined;
    const { account, region, typeName } = this.#options;
    const type = typeName.replaceAll('::', '-');
    return account.assumeAsService('resources.cloudformation.amazonaws.com', roleArn, {
      sessionName: 'AWSCloudFormation',
      sourceAccount: account.accountId,
      sourceArn: `arn:${account.partition}:cloudformation:${region}:${account.accountId}:type/resource/${type}/00000001`,
    });
  }
}

const CRASHES = new WeakSet<ProgressEvent>();

function crash(message: string): ProgressEvent {
  const event = failed('InternalFailure', message);
  CRASHES.add(event);
  return event;
}

function failed(errorCode: string, message: string): ProgressEvent {
  return { status: 'FAILED', errorCode, message };
}

function mayBeRetried(event: ProgressEvent): boolean {
  return CRASHES.has(event) || RETRIABLE.has(event.errorCode ?? '');
}
