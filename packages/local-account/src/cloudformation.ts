import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { StackResourceDrift } from '@aws-sdk/client-cloudformation';
import type { LocalAccount } from './account';
import { cloudFormationArn } from './ids';
import type { Action, Model, TypeSchema } from './services/cloudformation/handlers/contract';
import {
  type Driver,
  type RunInput,
  type RunnableType,
  type RunResult,
  runHandler,
} from './services/cloudformation/handlers/driver';
import { registeredProvider } from './services/cloudformation/providers/registered';
import { ChangeSets } from './services/cloudformation/stacks/change-sets';
import { detectDrift, stackDrift } from './services/cloudformation/stacks/drift';
import type { Stack, StackEvent, StackInput } from './services/cloudformation/stacks/stack';
import { Stacks } from './services/cloudformation/stacks/stacks';
import type { Session } from './services/sts/store';

/** How CloudFormation is set up in an account and Region, with one resource type. */
export interface CloudFormationOptions
  extends Pick<RunnableType, 'typeName' | 'function' | 'executionRoleArn' | 'logging'>,
    Pick<Driver, 'region' | 'maxRetries' | 'retryFrom' | 'onProgress'> {
  readonly account: LocalAccount;
  /** The type's schema or its file. */
  readonly schema: TypeSchema | string;
  /** How to wait between invocations. Defaults to real time. */
  readonly sleep?: Driver['sleep'];
  /** Each event of a stack as it happens. */
  readonly onStackEvent?: (event: StackEvent) => void;
}

/**
 * CloudFormation without its API: one resource type whose handlers run as given, whatever its namespace, and stacks
 * that are waited for. An administrator deploys them.
 */
export class CloudFormation {
  #type: RunnableType;
  readonly #driver: Driver;
  readonly #stacks: Stacks;
  readonly #caller: Session;

  constructor(options: CloudFormationOptions) {
    const {
      account,
      region,
      typeName,
      schema,
      onStackEvent,
      sleep = (seconds) => wait(seconds * 1000),
    } = options;
    const { accountId } = account;
    const name = typeName.replaceAll('::', '-');
    const arn = cloudFormationArn({ region, accountId }, `type/resource/${name}/00000001`);
    const parsed = typeof schema === 'string' ? JSON.parse(readFileSync(schema, 'utf8')) : schema;
    this.#type = { ...options, arn, schema: parsed };
    this.#driver = { ...options, sleep };
    this.#caller = account.administratorSession;
    const provider = (type: string) =>
      type === typeName ? registeredProvider(this.#type, this.#driver) : account.providers.get(type);
    this.#stacks = new Stacks({ accountId, region, onStackEvent, provider });
  }

  /** Registers the type again, with another execution role or logging configuration. */
  register(registration: Partial<Pick<RunnableType, 'executionRoleArn' | 'logging'>>): void {
    this.#type = { ...this.#type, ...registration };
  }

  /** One operation of the handlers to its end; see {@link runHandler}. */
  run(action: Action, input: RunInput): Promise<RunResult> {
    return runHandler(this.#type, action, input, this.#driver);
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
    if (known) {
      this.#stacks.update(known, input);
    }
    return ended(known ?? this.#stacks.create(name, input));
  }

  /** Continues a rollback that failed, without the resources of these logical IDs. */
  async continueRollback(name: string, resourcesToSkip: string[]): Promise<Stack> {
    const stack = this.#stacks.get(name);
    this.#stacks.continueRollback(stack, resourcesToSkip, this.#caller);
    return ended(stack);
  }

  /** Deletes a stack's resources in reverse order. A resource that does not exist counts as deleted. */
  async deleteStack(name: string): Promise<Stack> {
    const stack = this.#stacks.get(name);
    this.#stacks.delete(stack, { caller: this.#caller });
    return ended(stack);
  }

  /** Adds an existing resource of the type to a stack: it is read by its identifier, nothing is written. */
  async import(
    stackName: string,
    template: string,
    { logicalId, identifier }: { logicalId: string; identifier: Model },
    parameters: Record<string, string> = {},
  ): Promise<Stack> {
    const changeSets = new ChangeSets(this.#stacks);
    const changeSet = changeSets.create(stackName, {
      ...this.#input(template, parameters),
      name: 'import',
      type: 'IMPORT',
      resourcesToImport: [{ logicalId, type: this.#type.typeName, identifier }],
      importExisting: false,
      includesNested: false,
      revertsDrift: false,
    });
    await changeSet.ready;
    changeSets.execute(changeSet, { caller: this.#caller });
    return ended(changeSet.stack);
  }

  /** Reads each resource of the type and compares it with what the template says of it. */
  async detectDrift(name: string): Promise<{ status: string; resources: readonly StackResourceDrift[] }> {
    const resources = await detectDrift(this.#stacks, this.#stacks.get(name));
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

async function ended(stack: Stack): Promise<Stack> {
  await stack.ended;
  return stack;
}
