import { isDeepStrictEqual } from 'node:util';
import { invalid } from '../../../gateway/errors';
import type { Session } from '../../sts/store';
import type { Model } from '../handlers/schema';
import {
  type Existing,
  failureOf,
  isReplaced,
  type Provider,
  ResourceFailure,
  type Task,
} from '../providers/provider';
import { isNode } from '../template/document';
import type { References, Template, TemplateResource } from '../template/template';
import { placeIn, type Stack, type StackInput, type StackResource, stackReferences } from './stack';

/** What an operation on a stack takes from its Region. */
interface StackContext {
  /** All stacks. */
  readonly all: readonly Stack[];
  /** The provider of a resource type. @throws ApiError ValidationError for a type that is not known. */
  provider(type: string): Provider;
}

type Kind = 'CREATE' | 'UPDATE' | 'IMPORT';

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
  readonly #before: readonly StackResource[];
  readonly #imports = new Set<string>();
  /** The tags of an update; otherwise the stack's are meant. */
  #tags: Pick<Task, 'stackTags' | 'previousStackTags'> | undefined;
  readonly #cancellation = new AbortController();
  #input: Task['stack'];

  constructor(
    private readonly stack: Stack,
    private readonly context: StackContext,
    /** Whose permissions apply to resources, in a rollback too. */
    private caller: Session,
  ) {
    this.#before = stack.resources;
    this.#input = stack.input;
  }

  /** Makes the operation fail before its next resource, or before a handler that creates one is invoked again. */
  cancel(): void {
    this.#cancellation.abort();
  }

  /**
   * Creates or updates the stack, or imports into it, and rolls back where a resource fails.
   *
   * @param confirm Resolves to whether an update that has succeeded stays; it does without this.
   */
  async deploy(
    kind: Kind,
    template: Template,
    input: StackInput,
    confirm?: () => Promise<boolean>,
  ): Promise<void> {
    const { stack } = this;
    const { template: last, input: lastInput, outputs, exports, imports } = stack;
    this.#input = input;
    stack.reason = undefined;
    if (kind === 'CREATE') {
      Object.assign(stack, { template, input });
    }
    stack.emit(`${kind}_IN_PROGRESS`, 'User Initiated');
    this.#tags = { stackTags: input.tags, previousStackTags: stack.input.tags };
    try {
      const cleanups = await this.#applyAll(kind, template, input);
      const made = this.#outputs(template);
      if (kind === 'UPDATE') {
        stack.emit('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
      }
      Object.assign(stack, { template, input, ...made, imports: [...this.#imports] });
      if (confirm && !(await confirm())) {
        Object.assign(stack, { template: last, input: lastInput, outputs, exports, imports });
        throw invalid('User Initiated');
      }
      await cleanUp(cleanups);
      stack.emit(`${kind}_COMPLETE`);
    } catch (error) {
      const { message } = failureOf(error);
      stack.reason ??= message;
      // The delete of a stack that is being created removes what exists.
      if (!stack.isBeingDeleted) {
        await this.#fail(kind, template, input, message);
      }
    }
  }

  /** Rolls back, deletes the stack or leaves it as it is, as it was asked for. */
  async #fail(kind: Kind, template: Template, input: StackInput, message: string): Promise<void> {
    const { stack } = this;
    if (input.onFailure === 'DELETE' && kind === 'CREATE') {
      await this.delete([], undefined, `${message.trimEnd()} Delete requested by user.`);
    } else if (input.onFailure === 'DO_NOTHING' && kind !== 'IMPORT') {
      // What was replaced still exists, and is deleted with the stack.
      const there = new Set(stack.resources.map(({ physicalId }) => physicalId));
      const replaced = this.#before.filter(({ physicalId }) => !there.has(physicalId));
      Object.assign(stack, { template, input, resources: [...stack.resources, ...replaced] });
      stack.emit(`${kind}_FAILED`, message);
    } else {
      await this.#rollback(
        kind,
        kind === 'CREATE' ? `${message.trimEnd()} Rollback requested by user.` : message,
      );
    }
  }

  /** Continues a failed rollback and skips some resources. */
  async continueRollback(skip: readonly string[], caller: Session): Promise<void> {
    this.caller = caller;
    for (const { logicalId } of this.#updated.filter((step) => skip.includes(step.logicalId))) {
      const resource = this.stack.resource(logicalId);
      this.stack.emit('UPDATE_COMPLETE', 'Resource skipped during rollback', resource);
    }
    this.#updated = this.#updated.filter((step) => !skip.includes(step.logicalId));
    await this.#rollback('UPDATE', 'User Initiated');
  }

  /**
   * Deletes the stack's resources in reverse order of creation, dependents first.
   *
   * @param before The end of the create that this delete interrupts.
   */
  async delete(retain: readonly string[], before?: Promise<void>, reason = 'User Initiated'): Promise<void> {
    const { stack } = this;
    Object.assign(stack, { deletionTime: new Date(), changeSetId: undefined });
    stack.emit('DELETE_IN_PROGRESS', reason);
    await before;
    const inUse = this.#inUse({});
    if (inUse !== undefined) {
      stack.emit('DELETE_FAILED', inUse);
      return;
    }
    const failures = new Set<string>();
    const isNeeded = (id: string) => stack.resources.some(({ dependencies }) => dependencies.includes(id));
    const next = () => stack.resources.findLast(({ logicalId: id }) => !failures.has(id) && !isNeeded(id));
    for (let resource = next(); resource; resource = next()) {
      const { logicalId, deletionPolicy } = resource;
      try {
        await this.#remove(resource, retain.includes(logicalId) ? 'Retain' : deletionPolicy);
      } catch (error) {
        stack.reason = failureOf(error).message;
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
        this.stack.reason = failureOf(error).message;
        this.#checkCanceled();
        throw invalid(failedTo(kind.toLowerCase(), declared.logicalId));
      }
    }
    this.#checkCanceled();
    const removed = this.stack.without(template).reverse();
    return [...cleanups, ...removed.map((resource) => this.#removal(resource, resource.deletionPolicy))];
  }

  #checkCanceled(): void {
    if (this.#cancellation.signal.aborted) {
      throw invalid('User Initiated');
    }
  }

  /** Creates, changes, replaces or imports one resource. @returns What to clean up once the whole operation has succeeded. */
  async #apply(template: Template, declared: TemplateResource, target: Model | undefined): Promise<Step[]> {
    const { logicalId, type } = declared;
    const properties = template.resolve(declared.properties, this.#references()) as Model;
    const provider = this.context.provider(type);
    const current = this.stack.resource(logicalId);
    const wanted: StackResource = { physicalId: '', attributes: {}, ...current, ...declared, properties };
    if (!current && target) {
      await this.#adopt(provider, wanted, target);
    } else if (current?.type === type && !isReplaced(provider, current.properties, properties)) {
      return this.#update(provider, current, wanted);
    } else {
      await this.#create(provider, wanted, current);
      return current ? [this.#removal(current, current.updateReplacePolicy)] : [];
    }
    return [];
  }

  /** Creates a resource, or the replacement of one. What a failed create leaves behind belongs to the stack, too. */
  async #create(
    provider: Provider,
    wanted: StackResource,
    replaced: StackResource | undefined,
  ): Promise<void> {
    const verb = replaced ? 'UPDATE' : 'CREATE';
    const reason = replaced && REPLACEMENT;
    let isInitiated = false;
    const initiated = (physicalId: string) => {
      if (!isInitiated) {
        isInitiated = true;
        this.stack.emit(`${verb}_IN_PROGRESS`, 'Resource creation Initiated', { ...wanted, physicalId });
      }
    };
    const act = async (task: Task) => {
      const created = { ...wanted, ...(await provider.create(wanted.properties, task, initiated)) };
      initiated(created.physicalId);
      this.#keep(created, replaced);
      return created;
    };
    try {
      await this.#withEvents(verb, wanted, [reason], act);
    } catch (error) {
      const { leftBehind } = failureOf(error);
      if (leftBehind) {
        this.#keep({ ...wanted, ...leftBehind });
      }
      throw error;
    }
  }

  /** Adds a resource that exists now, which a rollback deletes. */
  #keep(resource: StackResource, replaced?: StackResource): void {
    // Only RetainExceptOnCreate distinguishes a rollback's delete from others (user guide, "aws-attribute-deletionpolicy").
    const policy = resource.deletionPolicy === 'Retain' ? 'Retain' : 'Delete';
    this.#created.push(this.#removal(resource, policy));
    this.#put(resource, replaced);
  }

  async #update(provider: Provider, current: StackResource, wanted: StackResource): Promise<Step[]> {
    const { nested } = provider;
    let updated = wanted;
    // Handlers are not invoked for the template's own attributes, such as DeletionPolicy.
    const { stackTags, previousStackTags } = this.#tags ?? {};
    const hasOtherTags = provider.isTaggable && !isDeepStrictEqual(stackTags, previousStackTags);
    if (nested || hasOtherTags || !isDeepStrictEqual(current.properties, wanted.properties)) {
      const change = (to: StackResource, act: (task: Task) => Promise<Existing>) =>
        this.#withEvents('UPDATE', current, [], async (task) => ({ ...to, ...(await act(task)) }));
      const undo = (task: Task) =>
        nested ? nested.undo(current) : provider.update(wanted, current.properties, task);
      // A failed update might have changed something, so it is rolled back too.
      this.#updated.push({ logicalId: current.logicalId, run: () => change(current, undo) });
      updated = await change(wanted, (task) => provider.update(current, wanted.properties, task));
    }
    this.#put(updated, current);
    return nested ? [{ logicalId: current.logicalId, run: () => nested.finish(updated) }] : [];
  }

  /** Adds an existing resource to the stack. Nothing is written to the resource. */
  async #adopt(provider: Provider, wanted: StackResource, identifier: Model): Promise<void> {
    const reasons = ['Resource import started.', 'Resource import completed.'];
    const adopted = await this.#withEvents('IMPORT', wanted, reasons, async (place) => {
      const found = await provider.read?.(identifier, place);
      if (found) {
        return { ...wanted, ...found };
      }
      const what = JSON.stringify(identifier);
      throw new ResourceFailure(
        `Resource of type '${wanted.type}' with identifier '${what}' was not found. (HandlerErrorCode: NotFound)`,
        'NotFound',
      );
    });
    this.#put(adopted);
  }

  async #remove(resource: StackResource, policy: string): Promise<void> {
    if (policy === 'Delete') {
      await this.#withEvents('DELETE', resource, [], async (task) => {
        await this.context.provider(resource.type).delete(resource, task);
        return resource;
      });
    } else {
      this.stack.emit('DELETE_SKIPPED', undefined, resource);
    }
    this.stack.resources = this.stack.resources.filter((other) => other !== resource);
  }

  /** Changes a resource, with an event before and an event after. @returns The changed resource. */
  async #withEvents(
    verb: string,
    resource: StackResource,
    [begun, ended]: readonly (string | undefined)[],
    act: (task: Task) => Promise<StackResource>,
  ): Promise<StackResource> {
    this.stack.emit(`${verb}_IN_PROGRESS`, begun, resource);
    try {
      const place = { ...placeIn(this.stack, resource.logicalId), ...this.#tags };
      const { signal } = this.#cancellation;
      const changed = await act({ ...place, caller: this.caller, stack: this.#input, signal });
      this.stack.emit(`${verb}_COMPLETE`, ended, changed);
      return changed;
    } catch (error) {
      const { message, leftBehind } = failureOf(error);
      this.stack.emit(`${verb}_FAILED`, message, { ...resource, ...leftBehind });
      throw error;
    }
  }

  async #rollback(kind: Kind, reason: string): Promise<void> {
    const { stack } = this;
    const prefix = kind === 'CREATE' ? 'ROLLBACK' : `${kind}_ROLLBACK`;
    stack.emit(`${prefix}_IN_PROGRESS`, reason);
    this.#tags = undefined;
    if (kind === 'CREATE') {
      stack.deletionTime = new Date();
    }
    const [steps, verb] = kind === 'CREATE' ? [this.#created, 'delete'] : [this.#updated, 'update'];
    const failed = await takeBack(steps);
    if (failed) {
      // Resources that were replaced still exist; a delete of the stack must find them.
      const there = new Set(stack.resources.map(({ physicalId }) => physicalId));
      const replaced = this.#before.filter(({ physicalId }) => !there.has(physicalId));
      stack.resources = [...replaced, ...stack.resources];
      stack.emit(`${prefix}_FAILED`, failedTo(verb, failed.logicalId));
      return;
    }
    if (kind === 'UPDATE') {
      stack.emit('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
      await cleanUp(this.#created.reverse());
    }
    stack.resources = this.#before;
    stack.emit(`${prefix}_COMPLETE`);
  }

  #removal(resource: StackResource, policy: string): Step {
    return { logicalId: resource.logicalId, run: () => this.#remove(resource, policy) };
  }

  /** @throws ApiError ValidationError for exports that another stack has, or uses. */
  #outputs(template: Template): Pick<Stack, 'outputs' | 'exports'> {
    const references = this.#references();
    const outputs: Record<string, string> = {};
    const exports: Record<string, string> = {};
    for (const [name, { Value, Export }] of Object.entries(template.outputs)) {
      const value = String(template.resolve(Value, references));
      outputs[name] = value;
      if (isNode(Export)) {
        exports[String(template.resolve(Export.Name, references))] = value;
      }
    }
    const others = this.#others();
    const taken = Object.keys(exports).find((name) => others.some((other) => name in other.exports));
    if (taken !== undefined) {
      throw invalid(`Export with name ${taken} is already exported by another stack.`);
    }
    const inUse = this.#inUse(exports);
    if (inUse !== undefined) {
      throw invalid(inUse);
    }
    return { outputs, exports };
  }

  /** Why the stack's exports cannot become these: one that other stacks use would change. */
  #inUse(exports: Readonly<Record<string, string>>): string | undefined {
    const { exports: before } = this.stack;
    for (const name of Object.keys(before).filter((it) => before[it] !== exports[it])) {
      const users = this.#others().filter(({ imports }) => imports.includes(name));
      if (users.length > 0) {
        const verb = name in exports ? 'update' : 'delete';
        const names = users.map((user) => user.name).join(', ');
        return `Cannot ${verb} export ${name} as it is in use by ${names}.`;
      }
    }
    return undefined;
  }

  #others(): Stack[] {
    return this.context.all.filter((other) => other !== this.stack);
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

  #put(resource: StackResource, instead?: StackResource): void {
    const { resources } = this.stack;
    // What is updated keeps its place; what is created, a replacement included, goes to the end.
    this.stack.resources =
      instead && instead.physicalId === resource.physicalId
        ? resources.map((other) => (other === instead ? resource : other))
        : [...resources.filter((other) => other !== instead), resource];
  }
}

function failedTo(verb: string, logicalIds: string): string {
  // The space at the end is AWS's (recorded: localstack, test_blocked_stack_deletion).
  return `The following resource(s) failed to ${verb}: [${logicalIds}]. `;
}

/** Takes steps back, the last one first. @returns The step that failed, if one did; it is still in the list. */
async function takeBack(steps: Step[]): Promise<Step | undefined> {
  for (let step = steps.at(-1); step; step = steps.at(-1)) {
    try {
      await step.run();
      steps.pop();
    } catch (error) {
      failureOf(error);
      return step;
    }
  }
  return undefined;
}

/** Cleans up. A resource that cannot be deleted is skipped: it still exists, and the operation succeeds. */
async function cleanUp(cleanups: readonly Step[]): Promise<void> {
  for (const cleanup of cleanups) {
    for (let tries = 1; tries <= CLEANUP_TRIES; tries += 1) {
      try {
        await cleanup.run();
        break;
      } catch (error) {
        // Its event is already written.
        failureOf(error);
      }
    }
  }
}
