import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { LocalAccount } from '../../account';
import type { Session } from '../sts/store';
import {
  type DriverOptions,
  type RunInput,
  type RunnableType,
  type RunResult,
  runHandlers,
} from './handlers/driver';
import type { Action } from './handlers/protocol';
import type { TypeSchema } from './handlers/schema';
import { registeredProvider } from './providers/registered';
import { type ResourceDrift, readDrift, stackDrift } from './stacks/drift';
import { type ImportTarget, importTargets } from './stacks/imports';
import { placeIn, type Stack, type StackEvent } from './stacks/stack';
import { type StackInput, Stacks } from './stacks/stacks';

export type { RunInput, RunResult } from './handlers/driver';
export type { Action, Model, ProgressEvent } from './handlers/protocol';
export type { StackEvent } from './stacks/stack';

/** How CloudFormation is set up in an account and Region, with one resource type. */
export interface CloudFormationOptions
  extends Pick<RunnableType, 'typeName' | 'function' | 'executionRoleArn' | 'logging'>,
    Pick<DriverOptions, 'region' | 'maxRetries' | 'retryFrom' | 'onProgress'> {
  readonly account: LocalAccount;
  /** The type's schema or its file. */
  readonly schema: TypeSchema | string;
  /** How to wait between invocations. Defaults to real time. */
  readonly sleep?: (seconds: number) => Promise<void>;
  /** Each event of a stack as it happens. */
  readonly onEvent?: (event: StackEvent) => void;
}

/**
 * CloudFormation without its API, for tests: one resource type whose handlers run as given, whatever its namespace,
 * and stacks that are waited for. An administrator deploys them.
 */
export class CloudFormation {
  #type: RunnableType;
  readonly #driver: DriverOptions;
  readonly #stacks: Stacks;
  readonly #caller: Session;

  constructor(options: CloudFormationOptions) {
    const { account, region, typeName, schema, onEvent, sleep = (seconds) => wait(seconds * 1000) } = options;
    const { accountId, partition } = account.identity;
    const name = typeName.replaceAll('::', '-');
    const arn = `arn:${partition}:cloudformation:${region}:${accountId}:type/resource/${name}/00000001`;
    const parsed = typeof schema === 'string' ? JSON.parse(readFileSync(schema, 'utf8')) : schema;
    this.#type = { ...options, arn, schema: parsed };
    this.#driver = { ...options, sleep };
    this.#caller = account.tester;
    const provider = (type: string) =>
      type === typeName ? registeredProvider(this.#type, this.#driver) : account.providers.get(type);
    this.#stacks = new Stacks({ accountId, partition, region, onEvent, provider });
  }

  /** Registers the type again, with another execution role or logging configuration. */
  register(registration: Partial<Pick<RunnableType, 'executionRoleArn' | 'logging'>>): void {
    this.#type = { ...this.#type, ...registration };
  }

  /** One operation of the handlers to its end; see {@link runHandlers}. */
  run(action: Action, input: RunInput): Promise<RunResult> {
    return runHandlers(this.#type, action, input, this.#driver);
  }

  /**
   * Creates a stack, or updates the one of that name, and rolls back what fails.
   *
   * @returns The stack when the operation has ended; its `status` is the outcome.
   * @throws ApiError ValidationError for what CloudFormation refuses at once, such as an update without changes.
   */
  async deploy(name: string, template: string, parameters: Record<string, string> = {}): Promise<Stack> {
    const known = this.#stacks.find(name);
    const input = this.#input(template, parameters);
    return (known ? this.#stacks.update(known, input) : this.#stacks.create(name, input)).done;
  }

  /** Deletes a stack's resources in reverse order. A resource that is gone already counts as deleted. */
  async deleteStack(name: string): Promise<Stack> {
    return this.#stacks.delete(this.#stacks.get(name), { caller: this.#caller }).done;
  }

  /** Makes resources that exist part of a stack: each is read by its identifier, nothing is written. */
  async import(
    name: string,
    template: string,
    resources: readonly ImportTarget[],
    parameters: Record<string, string> = {},
  ): Promise<Stack> {
    const stack = this.#stacks.find(name) ?? this.#stacks.review(name);
    const input = this.#input(template, parameters);
    const targets = importTargets(this.#stacks, stack, this.#stacks.parse(stack, input), resources);
    return this.#stacks.import(stack, { ...input, targets }).done;
  }

  /** Reads each resource of the type and compares it with what the template says of it. */
  async detectDrift(name: string): Promise<{ status: string; resources: readonly ResourceDrift[] }> {
    const stack = this.#stacks.get(name);
    const own = stack.resources.filter(({ type }) => type === this.#type.typeName);
    const provider = registeredProvider(this.#type, this.#driver);
    const resources = await Promise.all(
      own.map((resource) => readDrift(provider, placeIn(stack, resource.logicalId), resource)),
    );
    return { status: stackDrift(resources), resources };
  }

  /** The stack of that name, if there is one. */
  stack(name: string): Stack | undefined {
    return this.#stacks.find(name);
  }

  #input(template: string, parameters: Record<string, string>): StackInput {
    const caller = this.#caller;
    return { caller, template, parameters, capabilities: ['CAPABILITY_NAMED_IAM'], tags: {} };
  }
}
