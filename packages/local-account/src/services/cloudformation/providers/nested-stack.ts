import type { Model } from '../handlers/contract';
import type { Permissions } from '../permissions';
import type { Stack, StackEvent, StackInput } from '../stacks/stack';
import type { Stacks } from '../stacks/stacks';
import { readTemplate, refuseAny } from '../template/document';
import { KNOWN_AFTER_APPLY } from '../template/functions';
import { type Existing, generatedName, type Provider, ResourceFailure, type Task } from './provider';

const PROPERTIES = ['TemplateURL', 'Parameters', 'Tags'];

/**
 * `AWS::CloudFormation::Stack`: stacks with the permissions, the capabilities and the tags of the stack that they are
 * in. Their templates are read when they are created or updated, not before (API reference, ResourceChangeDetail,
 * `ChangeSource`: "aren't visible to CloudFormation until you run an update on the parent stack").
 */
export class NestedStackProvider implements Provider {
  readonly createOnly = [];
  readonly nested = {
    finish: ({ physicalId }: Existing) => this.#decide(this.stacks.get(physicalId), true),
    undo: this.#undo.bind(this),
    preview: this.#preview.bind(this),
  };
  /** How to tell a stack that is updated whether that stays. It cleans up, or rolls back, when its parent does. */
  readonly #decisions = new Map<string, (stays: boolean) => void>();

  constructor(
    private readonly stacks: Stacks,
    private readonly permissions: Permissions,
  ) {}

  async create(properties: Model, task: Task, initiated: (physicalId: string) => void): Promise<Existing> {
    const name = generatedName(task, 128);
    await this.permissions.authorize(task.caller, 'CreateStack', this.stacks.arnOf(name));
    const input = await this.#input(properties, task);
    const stack = this.stacks.create(name, input, this.stacks.get(task.stackId));
    initiated(stack.id);
    task.signal.addEventListener('abort', () => this.stacks.cancel(stack));
    await stack.ended;
    if (stack.status !== 'CREATE_COMPLETE') {
      const { ResourceStatusReason: reason } = lastRollback(stack);
      throw failed(stack, `created: ${reason?.replace('Rollback requested by user.', '')}`, properties);
    }
    return existingOf(stack, properties);
  }

  async update({ physicalId }: Existing, properties: Model, task: Task): Promise<Existing> {
    const stack = this.stacks.get(physicalId);
    await this.permissions.authorize(task.caller, 'UpdateStack', stack.id);
    const input = await this.#input(properties, task);
    if (this.stacks.isUpdatedBy(stack, this.stacks.parse(stack, input), input)) {
      await this.#begin(stack, input);
      if (!this.#decisions.has(stack.id)) {
        const { ResourceStatus, ResourceStatusReason } = lastRollback(stack);
        throw failed(stack, `updated. Currently in ${ResourceStatus} with reason: ${ResourceStatusReason}`);
      }
    }
    return existingOf(stack, properties);
  }

  async delete({ physicalId }: Existing, task: Task): Promise<void> {
    const stack = this.stacks.find(physicalId);
    if (stack) {
      await this.permissions.authorize(task.caller, 'DeleteStack', stack.id);
      this.stacks.delete(stack, { ...task.stack, caller: task.caller });
      await stack.ended;
    }
    if (stack?.status === 'DELETE_FAILED') {
      throw failed(stack, `deleted: ${stack.statusReason}`);
    }
  }

  /** Updates a stack until it waits for a decision or has failed. */
  #begin(stack: Stack, input: StackInput): Promise<void> {
    return new Promise((resolve) => {
      const confirm = () =>
        new Promise<boolean>((stays) => {
          this.#decisions.set(stack.id, stays);
          resolve();
        });
      this.stacks.update(stack, { ...input, confirm });
      stack.ended.then(resolve, resolve);
    });
  }

  async #decide(stack: Stack, stays: boolean): Promise<void> {
    this.#decisions.get(stack.id)?.(stays);
    this.#decisions.delete(stack.id);
    await stack.ended;
  }

  /** A stack whose update has failed has rolled back by itself. */
  async #undo({ physicalId, properties }: Existing): Promise<Existing> {
    const stack = this.stacks.get(physicalId);
    await this.#decide(stack, false);
    if (stack.status.endsWith('_FAILED')) {
      throw failed(stack, `updated. Currently in ${stack.status} with reason: ${stack.statusReason}`);
    }
    return existingOf(stack, properties);
  }

  async #preview(properties: Model, task: Task, current: Existing | undefined): Promise<boolean> {
    const input = await this.#input(properties, task);
    this.stacks.typesIn(readTemplate(input.template));
    const stack = current && this.stacks.find(current.physicalId);
    const isKnown = !Object.values(input.parameters).some((value) => value.includes(KNOWN_AFTER_APPLY));
    return !stack || !isKnown || this.stacks.isUpdatedBy(stack, this.stacks.parse(stack, input), input);
  }

  async #input(properties: Model, { stack, caller }: Task): Promise<StackInput> {
    const { TemplateURL, Parameters = {}, Tags = [] } = properties;
    const unsupported = Object.keys(properties).filter((name) => !PROPERTIES.includes(name));
    refuseAny(unsupported, (names) => `The local account does not support ${names} of nested stacks`);
    const values = Object.entries(Parameters as Model).map(([name, it]) => [name, [it].flat().join(',')]);
    const tags = (Tags as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value]);
    return {
      caller,
      roleArn: stack.roleArn,
      capabilities: stack.capabilities,
      template: await this.permissions.templateAt(caller, String(TemplateURL)),
      parameters: Object.fromEntries(values),
      tags: { ...stack.tags, ...Object.fromEntries(tags) },
    };
  }
}

function existingOf({ id, outputs }: Stack, properties: Model): Existing {
  const values = Object.entries(outputs).map(([name, value]) => [`Outputs.${name}`, value]);
  return { physicalId: id, attributes: Object.fromEntries(values), properties };
}

/** The event with which the last operation of a stack began to roll back. */
function lastRollback({ id, events }: Stack): Partial<StackEvent> {
  const isRollback = ({ PhysicalResourceId, ResourceStatus }: StackEvent) =>
    PhysicalResourceId === id && ResourceStatus.endsWith('ROLLBACK_IN_PROGRESS');
  return events.findLast(isRollback) ?? {};
}

/** As in events that users of AWS published, such as those in tongueroo/jets-docs. */
function failed(stack: Stack, what: string, properties?: Model): ResourceFailure {
  const message = `Embedded stack ${stack.id} was not successfully ${what}`;
  return new ResourceFailure(message, 'GeneralServiceException', properties && existingOf(stack, properties));
}
