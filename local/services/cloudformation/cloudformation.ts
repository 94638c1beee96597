import { setTimeout as wait } from 'node:timers/promises';
import type { LocalAccount } from '../../account';
import type { Caller } from '../../gateway/service';
import { callerOf } from '../sts/caller';
import {
  type DriverOptions,
  type RunInput,
  type RunnableType,
  type RunResult,
  runHandlers,
} from './handlers/driver';
import type { Action } from './handlers/protocol';
import { readSchema, type TypeSchema } from './handlers/schema';
import { iamProviders } from './providers/iam';
import type { Provider } from './providers/provider';
import { registeredProvider } from './providers/registered';
import { type DriftResult, readDrift, stackDrift } from './stacks/drift';
import { type ImportTarget, importTargets } from './stacks/imports';
import type { Stack, StackEvent } from './stacks/stack';
import { type StackInput, Stacks } from './stacks/stacks';

export type { RunInput, RunResult } from './handlers/driver';
export type { Action, Model, ProgressEvent } from './handlers/protocol';
export type { StackEvent } from './stacks/stack';

/** How CloudFormation is set up in an account and Region. */
export interface CloudFormationOptions
  extends Pick<DriverOptions, 'maxRetries' | 'retryFrom' | 'onProgress'> {
  readonly account: LocalAccount;
  /** The type's handlers. */
  readonly function: RunnableType['function'];
  readonly typeName: string;
  readonly region: string;
  /** The role that the type is registered with; without one, requests have no credentials. */
  readonly executionRoleArn?: string;
  /** The type's logging configuration. */
  readonly logging?: { groupName: string; roleArn: string };
  /** How to wait between invocations. Defaults to real time. */
  readonly sleep?: (seconds: number) => Promise<void>;
  /** The type's schema or its file. */
  readonly schema: TypeSchema | string;
  /** Each event of a stack as it happens. */
  readonly onEvent?: (event: StackEvent) => void;
}

/**
 * CloudFormation without its API, for tests: one resource type whose handlers run as given, whatever its namespace,
 * and stacks that are waited for.
 */
export class CloudFormation {
  #options: CloudFormationOptions;
  readonly #stacks: Stacks;
  readonly #iam: ReadonlyMap<string, Provider>;
  #schema: TypeSchema | undefined;
  #caller: Caller | undefined;

  constructor(options: CloudFormationOptions) {
    this.#options = options;
    const { account, region, onEvent, typeName } = options;
    const { accountId, partition } = account;
    this.#iam = iamProviders({
      identity: { accountId, partition },
      roles: account.roles,
      policies: account.policies,
      instanceProfiles: account.instanceProfiles,
    });
    this.#stacks = new Stacks({
      accountId,
      partition,
      region,
      onEvent,
      provider: (type) => (type === typeName ? this.#registered() : this.#iam.get(type)),
    });
  }

  /** Registers the type again, with another execution role or logging configuration. */
  register(registration: Pick<CloudFormationOptions, 'executionRoleArn' | 'logging'>): void {
    this.#options = { ...this.#options, ...registration };
  }

  /** One operation of the handlers to its end; see {@link runHandlers}. */
  run(action: Action, input: RunInput): Promise<RunResult> {
    return runHandlers(this.#type(), action, input, this.#driver());
  }

  /**
   * Creates a stack, or updates the one of that name, and rolls back what fails.
   *
   * @returns The stack when the operation has ended; its `status` tells the outcome.
   * @throws ApiError ValidationError for what CloudFormation refuses at once, such as an update without changes.
   */
  async deploy(name: string, template: string, parameters: Record<string, string> = {}): Promise<Stack> {
    const known = this.#stacks.find(name);
    const input = this.#input(template, parameters);
    return (known ? this.#stacks.update(known, input) : this.#stacks.create(name, input)).done;
  }

  /** Deletes a stack's resources in reverse order. A resource that is gone already counts as deleted. */
  async deleteStack(name: string): Promise<Stack> {
    return this.#stacks.delete(this.#stacks.get(name), { caller: this.#administrator() }).done;
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

  /** Reads each resource that can be read and compares it with what the template says of it. */
  async detectDrift(name: string): Promise<DriftResult> {
    const stack = this.#stacks.get(name);
    const resources = await Promise.all(
      stack.resources
        .filter(({ type }) => type === this.#options.typeName)
        .map((resource) => readDrift(this.#registered(), stack, resource, this.#administrator())),
    );
    return { stackName: name, status: stackDrift(resources), resources };
  }

  /** The stack of that name, if there is one. */
  stack(name: string): Stack | undefined {
    return this.#stacks.find(name);
  }

  #registered(): Provider {
    return registeredProvider(this.#type(), this.#driver());
  }

  #type(): RunnableType {
    const { account, region, typeName, schema } = this.#options;
    const name = typeName.replaceAll('::', '-');
    const arn = `arn:${account.partition}:cloudformation:${region}:${account.accountId}:type/resource/${name}/00000001`;
    this.#schema ??= typeof schema === 'string' ? readSchema(schema) : schema;
    return { ...this.#options, arn, schema: this.#schema };
  }

  #driver(): DriverOptions {
    const { account, sleep = (seconds) => wait(seconds * 1000) } = this.#options;
    const assume: DriverOptions['assume'] = (roleArn, session) =>
      account.assumeAsService('resources.cloudformation.amazonaws.com', roleArn, session);
    return { ...this.#options, accountId: account.accountId, assume, sleep };
  }

  #input(template: string, parameters: Record<string, string>): StackInput {
    const capabilities = ['CAPABILITY_NAMED_IAM'];
    return { template, parameters, capabilities, tags: {}, caller: this.#administrator() };
  }

  #administrator(): Caller {
    const { account } = this.#options;
    if (!this.#caller) {
      const { accessKeyId, sessionToken } = account.administrator();
      this.#caller = callerOf(account.sessions.find(accessKeyId, sessionToken), account);
    }
    return this.#caller;
  }
}
