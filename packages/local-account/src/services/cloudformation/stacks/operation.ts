import { isDeepStrictEqual } from 'node:util';
import { invalid } from '../../../gateway/errors';
import { isObject } from '../../../gateway/model';
import type { Session } from '../../sts/store';
import type { Model } from '../handlers/contract';
import {
  asFailure,
  type Existing,
  failureOf,
  isReplaced,
  type Provider,
  ResourceFailure,
  type Task,
} from '../providers/provider';
import type { References } from '../template/functions';
import type { Template, TemplateResource } from '../template/template';
import {
  type EventSource,
  exportsRefusal,
  placeIn,
  type Stack,
  type StackInput,
  type StackResource,
  stackReferences,
  without,
} from './stack';

interface StackContext {
  readonly all: readonly Stack[];
  provider(type: string): Provider;
}

export type Kind = 'CREATE' | 'UPDATE' | 'IMPORT';

/** A resource as the template has it, its properties resolved; in a replacement, with what the replaced one is. */
type Wanted = TemplateResource & EventSource;

/** Undoes a change of one resource, or cleans up after it. */
interface Step {
  readonly logicalId: string;
  run(): Promise<unknown>;
}

/** How often CloudFormation tries a delete of a clean-up before it skips it (re:Post, "cloudformation-stack-cleanup-stuck"). */
const CLEANUP_TRIES = 3;

/** Recorded: localstack, test_immutable_property_update_causes_resource_replacement. */
const REPLACEMENT = 'Requested update requires the creation of a new physical resource; hence creating one.';

/** One operation on one stack, and the steps that roll it back. */
export class StackOperation {
  /** What a rollback does first: it undoes updates. */
  #updated: Step[] = [];
  /** What a rollback does then: it deletes what was created. */
  readonly #created: Step[] = [];
  /** What the rollback of an update or an import returns to. */
  readonly #before: Pick<Stack, 'template' | 'input' | 'outputs' | 'exports' | 'imports' | 'resources'>;
  readonly #imports = new Set<string>();
  readonly #cancellation = new AbortController();
  /** What resources get of the operation: its service role, capabilities and tags. */
  #input: Task['stack'];

  constructor(
    private readonly stack: Stack,
    private readonly context: StackContext,
    /** Whose permissions apply to resources, in a rollback too. */
    private caller: Session,
  ) {
    const { template, input, outputs, exports, imports, resources } = stack;
    this.#before = { template, input, outputs, exports, imports, resources };
    this.#input = input;
  }

  /** Makes the operation fail before its next resource, or before a handler that creates one is invoked again. */
  cancel(): void {
    this.#cancellation.abort();
  }

  /** Creates or updates the stack, or imports into it, and rolls back where a resource fails. */
  async deploy(kind: Kind, template: Template, input: StackInput): Promise<void> {
    const { stack } = this;
    this.#input = input;
    stack.reason = undefined;
    if (kind === 'CREATE') {
      Object.assign(stack, { template, input });
    }
    stack.emit(`${kind}_IN_PROGRESS`, 'User Initiated');
    try {
      const cleanups = await this.#applyAll(kind, template, input);
      const made = this.#outputs(template);
      if (kind === 'UPDATE') {
        stack.emit('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
      }
      Object.assign(stack, { template, input, ...made, imports: [...this.#imports] });
      if (input.confirm && !(await input.confirm())) {
        throw invalid('User Initiated');
      }
      await cleanUp(cleanups);
      stack.emit(`${kind}_COMPLETE`);
    } catch (error) {
      const { message } = asFailure(error);
      stack.reason ??= message;
      // The delete of a stack that is being created removes what exists.
      if (stack.status !== 'DELETE_IN_PROGRESS') {
        await this.#fail(kind, template, input, message);
      }
    }
  }

  /** Rolls back, or leaves the stack as it is, as it was asked for. */
  async #fail(kind: Kind, template: Template, input: StackInput, message: string): Promise<void> {
    const { stack } = this;
    if (input.disableRollback && kind !== 'IMPORT') {
      Object.assign(stack, { template, input, resources: this.#withReplaced() });
      stack.emit(`${kind}_FAILED`, message);
    } else if (kind === 'CREATE') {
      await this.#rollBackCreate(`${message.trimEnd()} Rollback requested by user.`);
    } else {
      await this.#rollBack(kind, message);
    }
  }

  /** Continues a failed rollback and skips some resources. */
  async continueRollback(skip: readonly string[], caller: Session): Promise<void> {
    this.caller = caller;
    const isSkipped = ({ logicalId }: Step) => skip.includes(logicalId);
    for (const { logicalId } of this.#updated.filter(isSkipped)) {
      const resource = this.stack.resource(logicalId);
      this.stack.emit('UPDATE_COMPLETE', 'Resource skipped during rollback', resource);
    }
    this.#updated = this.#updated.filter((step) => !isSkipped(step));
    await this.#rollBack('UPDATE', 'User Initiated');
  }

  /**
   * Deletes the stack's resources in reverse order of creation, dependents first.
   *
   * @param before The end of the create that this delete interrupts.
   */
  async delete(retain: readonly string[], before?: Promise<void>): Promise<void> {
    const { stack } = this;
    Object.assign(stack, { deletionTime: new Date(), changeSetId: undefined });
    stack.emit('DELETE_IN_PROGRESS', 'User Initiated');
    await before;
    const refusal = exportsRefusal(stack, this.context.all, {});
    if (refusal !== undefined) {
      stack.emit('DELETE_FAILED', refusal);
      return;
    }
    const failures = new Set<string>();
    const isNeeded = (id: string) => stack.resources.some(({ dependencies }) => dependencies.includes(id));
    const next = () => stack.resources.findLast(({ logicalId: id }) => !failures.has(id) && !isNeeded(id));
    for (let resource = next(); resource; resource = next()) {
      const { logicalId, deletionPolicy } = resource;
      const policy = retain.includes(logicalId) ? 'Retain' : deletionPolicy;
      const failure = await failureOf(this.#remove(resource, policy));
      if (failure) {
        stack.reason = failure.message;
        failures.add(logicalId);
      }
    }
    if (failures.size > 0) {
      stack.emit('DELETE_FAILED', failedTo('delete', [...failures].join(', ')));
      return;
    }
    Object.assign(stack, { outputs: {}, exports: {}, imports: [] });
    stack.emit('DELETE_COMPLETE');
  }

  /** @returns What to clean up once the whole operation has succeeded. @throws ApiError ValidationError */
  async #applyAll(kind: Kind, template: Template, { targets }: StackInput): Promise<Step[]> {
    const cleanups: Step[] = [];
    for (const declared of template.resources) {
      this.#checkCanceled();
      try {
        cleanups.push(...(await this.#apply(template, declared, targets?.get(declared.logicalId))));
      } catch (error) {
        this.stack.reason = asFailure(error).message;
        this.#checkCanceled();
        throw invalid(failedTo(kind.toLowerCase(), declared.logicalId));
      }
    }
    this.#checkCanceled();
    const removed = without(this.stack.resources, template).reverse();
    return [...cleanups, ...removed.map((resource) => this.#removal(resource, resource.deletionPolicy))];
  }

  #checkCanceled(): void {
    if (this.#cancellation.signal.aborted) {
      throw invalid('User Initiated');
    }
  }

  /** Creates, changes, replaces or imports one resource. @returns What to clean up once the whole operation has succeeded. */
  async #apply(template: Template, declared: TemplateResource, target: Model | undefined): Promise<Step[]> {
    const properties = template.resolve(declared.properties, this.#references()) as Model;
    const provider = this.context.provider(declared.type);
    const current = this.stack.resource(declared.logicalId);
    const wanted = { ...current, ...declared, properties };
    if (current?.type === declared.type && !isReplaced(provider, current.properties, properties)) {
      return this.#update(provider, current, { ...current, ...wanted });
    }
    if (current) {
      await this.#create(provider, wanted, current);
      return [this.#removal(current, current.updateReplacePolicy)];
    }
    await (target ? this.#adopt(provider, wanted, target) : this.#create(provider, wanted));
    return [];
  }

  /** Creates a resource, or the replacement of one. What a failed create leaves behind belongs to the stack, too. */
  async #create(provider: Provider, wanted: Wanted, replaced?: StackResource): Promise<void> {
    const verb = replaced ? 'UPDATE' : 'CREATE';
    let isInitiated = false;
    const initiated = (physicalId: string) => {
      if (!isInitiated) {
        isInitiated = true;
        this.stack.emit(`${verb}_IN_PROGRESS`, 'Resource creation Initiated', { ...wanted, physicalId });
      }
    };
    try {
      await this.#withEvents(verb, wanted, { begun: replaced && REPLACEMENT }, async (task) => {
        const created = await provider.create(wanted.properties, task, initiated);
        initiated(created.physicalId);
        return this.#keep({ ...wanted, ...created }, replaced);
      });
    } catch (error) {
      const { leftBehind } = asFailure(error);
      if (leftBehind) {
        this.#keep({ ...wanted, ...leftBehind });
      }
      throw error;
    }
  }

  /** Adds a resource that exists now, which a rollback deletes. */
  #keep(resource: StackResource, replaced?: StackResource): StackResource {
    // Only RetainExceptOnCreate distinguishes a rollback's delete from others (user guide, "aws-attribute-deletionpolicy").
    const policy = resource.deletionPolicy === 'Retain' ? 'Retain' : 'Delete';
    this.#created.push(this.#removal(resource, policy));
    // What is created, a replacement included, goes to the end.
    this.stack.resources = [...this.stack.resources.filter((other) => other !== replaced), resource];
    return resource;
  }

  async #update(provider: Provider, current: StackResource, wanted: StackResource): Promise<Step[]> {
    const { logicalId } = current;
    const { nested } = provider;
    let updated = wanted;
    // Handlers are not invoked for the template's own attributes, such as DeletionPolicy.
    const hasOtherTags = provider.isTaggable && !isDeepStrictEqual(this.#input.tags, this.stack.input.tags);
    if (nested || hasOtherTags || !isDeepStrictEqual(current.properties, wanted.properties)) {
      const change = (to: StackResource, act: (task: Task) => Promise<Existing>) =>
        this.#withEvents('UPDATE', current, {}, async (task) => ({ ...to, ...(await act(task)) }));
      const undo = (task: Task) =>
        nested ? nested.undo(current) : provider.update(wanted, current.properties, task);
      // A failed update might have changed something, so it is rolled back too.
      this.#updated.push({ logicalId, run: () => change(current, undo) });
      updated = await change(wanted, (task) => provider.update(current, wanted.properties, task));
    }
    this.stack.resources = this.stack.resources.map((other) => (other === current ? updated : other));
    return nested ? [{ logicalId, run: () => nested.finish(updated) }] : [];
  }

  /** Adds an existing resource to the stack. Nothing is written to the resource. */
  async #adopt(provider: Provider, wanted: Wanted, identifier: Model): Promise<void> {
    const reasons = { begun: 'Resource import started.', ended: 'Resource import completed.' };
    const adopted = await this.#withEvents('IMPORT', wanted, reasons, async (place) => {
      const found = await provider.read?.(identifier, place);
      if (found) {
        return { ...wanted, ...found };
      }
      const what = `type '${wanted.type}' with identifier '${JSON.stringify(identifier)}'`;
      const message = `Resource of ${what} was not found. (HandlerErrorCode: NotFound)`;
      throw new ResourceFailure(message, 'NotFound');
    });
    this.stack.resources = [...this.stack.resources, adopted];
  }

  async #remove(resource: StackResource, policy: string): Promise<void> {
    if (policy === 'Delete') {
      await this.#withEvents('DELETE', resource, {}, async (task) => {
        await this.context.provider(resource.type).delete(resource, task);
        return resource;
      });
    } else {
      this.stack.emit('DELETE_SKIPPED', undefined, resource);
    }
    this.stack.resources = this.stack.resources.filter((other) => other !== resource);
  }

  #removal(resource: StackResource, policy: string): Step {
    return { logicalId: resource.logicalId, run: () => this.#remove(resource, policy) };
  }

  /** Changes a resource, with an event before and an event after. @returns The changed resource. */
  async #withEvents(
    verb: string,
    resource: EventSource,
    reasons: { readonly begun?: string | undefined; readonly ended?: string },
    act: (task: Task) => Promise<StackResource>,
  ): Promise<StackResource> {
    this.stack.emit(`${verb}_IN_PROGRESS`, reasons.begun, resource);
    try {
      const place = { ...placeIn(this.stack, resource.logicalId), stackTags: this.#input.tags };
      const { signal } = this.#cancellation;
      const changed = await act({ ...place, caller: this.caller, stack: this.#input, signal });
      this.stack.emit(`${verb}_COMPLETE`, reasons.ended, changed);
      return changed;
    } catch (error) {
      const { message, leftBehind } = asFailure(error);
      this.stack.emit(`${verb}_FAILED`, message, { ...resource, ...leftBehind });
      throw error;
    }
  }

  async #rollBackCreate(reason: string): Promise<void> {
    const { stack } = this;
    stack.emit('ROLLBACK_IN_PROGRESS', reason);
    stack.deletionTime = new Date();
    const failed = await takeBack(this.#created);
    if (failed) {
      stack.emit('ROLLBACK_FAILED', failedTo('delete', failed.logicalId));
    } else {
      stack.resources = [];
      stack.emit('ROLLBACK_COMPLETE');
    }
  }

  /** Takes back what an update has changed, then deletes what it has made; an import has done neither. */
  async #rollBack(kind: 'UPDATE' | 'IMPORT', reason: string): Promise<void> {
    const { stack } = this;
    const { resources, ...before } = this.#before;
    Object.assign(stack, before);
    this.#input = { ...this.#input, tags: before.input.tags };
    stack.emit(`${kind}_ROLLBACK_IN_PROGRESS`, reason);
    const failed = await takeBack(this.#updated);
    if (failed) {
      stack.resources = this.#withReplaced();
      stack.emit(`${kind}_ROLLBACK_FAILED`, failedTo('update', failed.logicalId));
      return;
    }
    if (kind === 'UPDATE') {
      stack.emit('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
      await cleanUp(this.#created.reverse());
    }
    stack.resources = resources;
    stack.emit(`${kind}_ROLLBACK_COMPLETE`);
  }

  /** The stack's resources and those that were replaced: they still exist, and are deleted with the stack. */
  #withReplaced(): StackResource[] {
    const there = new Set(this.stack.resources.map(({ physicalId }) => physicalId));
    return [
      ...this.#before.resources.filter(({ physicalId }) => !there.has(physicalId)),
      ...this.stack.resources,
    ];
  }

  #outputs(template: Template): Pick<Stack, 'outputs' | 'exports'> {
    const references = this.#references();
    const outputs: Record<string, string> = {};
    const exports: Record<string, string> = {};
    for (const [name, { Value, Export }] of Object.entries(template.outputs)) {
      const value = String(template.resolve(Value, references));
      outputs[name] = value;
      if (isObject(Export)) {
        exports[String(template.resolve(Export.Name, references))] = value;
      }
    }
    const refusal = exportsRefusal(this.stack, this.context.all, exports);
    if (refusal !== undefined) {
      throw invalid(refusal);
    }
    return { outputs, exports };
  }

  #references(): References {
    const references = stackReferences(this.stack, this.context.all);
    return {
      ...references,
      importValue: (name) => {
        this.#imports.add(name);
        return references.importValue(name);
      },
    };
  }
}

function failedTo(verb: string, logicalIds: string): string {
  // The space at the end is AWS's (recorded: localstack, test_blocked_stack_deletion).
  return `The following resource(s) failed to ${verb}: [${logicalIds}]. `;
}

/** Takes steps back, the last one first. @returns The step that failed, if one did; it is still in the list. */
async function takeBack(steps: Step[]): Promise<Step | undefined> {
  for (let step = steps.at(-1); step; step = steps.at(-1)) {
    if (await failureOf(step.run())) {
      return step;
    }
    steps.pop();
  }
  return undefined;
}

/** Cleans up. A resource that cannot be deleted is skipped: it still exists, and the operation succeeds. */
async function cleanUp(cleanups: readonly Step[]): Promise<void> {
  for (const cleanup of cleanups) {
    let tries = 1;
    // The event of a failure is already written.
    while ((await failureOf(cleanup.run())) && tries < CLEANUP_TRIES) {
      tries += 1;
    }
  }
}
