import { isDeepStrictEqual } from 'node:util';
import type { Session } from '../../sts/store';
import type { Model } from '../handlers/protocol';
import {
  type Existing,
  failureOf,
  isReplaced,
  type Provider,
  ResourceFailure,
  type Task,
} from '../providers/provider';
import { invalid } from '../template/document';
import type { References, Template, TemplateResource } from '../template/template';
import { type Emit, placeIn, type Stack, type StackResource, type StackSettings } from './stack';

/** What an operation on a stack takes from the account. */
export interface OperationOptions {
  readonly emit: Emit;
  /** With whose permissions resources are made, in a rollback too. */
  caller: Session;
  /** The provider of a resource type. @throws ApiError ValidationError for a type that is not known. */
  provider(type: string): Provider;
  /** The value of another stack's export. */
  exported(name: string): string | undefined;
  /** The stacks that import a name. */
  importers(exportName: string): readonly string[];
}

/** What to deploy. */
export interface Deployment {
  readonly kind: 'CREATE' | 'UPDATE' | 'IMPORT';
  readonly template: Template;
  readonly settings: StackSettings;
  /** Resources that exist, by logical ID: they are read by their identifier instead of created. */
  readonly targets: ReadonlyMap<string, Model>;
  /** Whether resources stay as they are when one fails. */
  readonly keepsFailed: boolean;
}

/** How to delete a stack. */
export interface Deletion {
  /** Resources that are kept. */
  readonly retain: readonly string[];
  /** Whether resources that cannot be deleted are kept. */
  readonly force: boolean;
}

/** How to take back a change of one resource, or to clean up after it. */
interface Step {
  readonly logicalId: string;
  run(): Promise<void>;
}

/** How often CloudFormation tries a delete of a clean-up before it skips it (re:Post, "cloudformation-stack-cleanup-stuck"). */
const CLEANUP_TRIES = 3;

/** One operation on one stack, with what it takes to go back. */
export class StackOperation {
  readonly #emit: Emit;
  /** What a rollback changes back first. */
  #updated: Step[] = [];
  /** What a rollback deletes afterwards. */
  #created: Step[] = [];
  #before: readonly StackResource[];
  #imports = new Set<string>();
  #isCanceled = false;

  constructor(
    private readonly stack: Stack,
    private readonly options: OperationOptions,
  ) {
    this.#emit = options.emit;
    this.#before = stack.resources;
  }

  /** Makes the operation fail before its next resource. */
  cancel(): void {
    this.#isCanceled = true;
  }

  /** Creates or updates the stack, or imports into it, and rolls back where a resource fails. */
  async deploy(deployment: Deployment): Promise<void> {
    const { kind, template, settings } = deployment;
    const { stack } = this;
    this.#emit(undefined, `${kind}_IN_PROGRESS`, 'User Initiated');
    let failing = '';
    try {
      const cleanups: Step[] = [];
      for (const declared of template.resources) {
        failing = declared.logicalId;
        if (this.#isCanceled) {
          throw new ResourceFailure('User Initiated', 'InternalFailure');
        }
        cleanups.push(...(await this.#apply(template, declared, deployment.targets)));
      }
      failing = '';
      cleanups.push(...this.#removals(template));
      const outputs = this.#outputs(template);
      if (kind === 'UPDATE') {
        this.#emit(undefined, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
      }
      await cleanUp(cleanups);
      Object.assign(stack, settings, outputs, {
        description: template.document.description,
        imports: [...this.#imports],
      });
      delete stack.reason;
      this.#emit(undefined, `${kind}_COMPLETE`);
    } catch (error) {
      stack.reason = failureOf(error).message;
      const verb = kind.toLowerCase();
      const reason = this.#isCanceled || !failing ? stack.reason : failed(verb, failing);
      if (deployment.keepsFailed && kind !== 'IMPORT') {
        this.#emit(undefined, `${kind}_FAILED`, reason);
      } else {
        await this.#rollback(kind, kind === 'CREATE' ? `${reason} Rollback requested by user.` : reason);
      }
    }
  }

  /** Goes on with a rollback that failed, and leaves some resources as they are. */
  async continueRollback(skip: readonly string[], caller: Session): Promise<void> {
    this.options.caller = caller;
    for (const { logicalId } of this.#updated.filter((step) => skip.includes(step.logicalId))) {
      const resource = this.stack.resources.find((it) => it.logicalId === logicalId);
      this.#emit(resource, 'UPDATE_COMPLETE', 'Resource skipped during rollback');
    }
    this.#updated = this.#updated.filter((step) => !skip.includes(step.logicalId));
    await this.#rollback('UPDATE', 'User Initiated');
  }

  /** Deletes the stack's resources, the last created first. */
  async delete({ retain, force }: Deletion): Promise<void> {
    const { stack } = this;
    this.#emit(undefined, 'DELETE_IN_PROGRESS', 'User Initiated');
    const used = Object.keys(stack.exports).find((name) => this.options.importers(name).length > 0);
    if (used !== undefined) {
      const by = this.options.importers(used).join(', ');
      this.#emit(undefined, 'DELETE_FAILED', `Cannot delete export ${used} as it is in use by ${by}.`);
      return;
    }
    const kept = new Set<string>();
    const failures: string[] = [];
    for (const resource of [...stack.resources].reverse()) {
      const { logicalId, dependencies } = resource;
      try {
        if (!kept.has(logicalId)) {
          await this.#remove(resource, retain.includes(logicalId) ? 'Retain' : resource.deletionPolicy);
        }
      } catch (error) {
        stack.reason = failureOf(error).message;
        kept.add(logicalId);
        failures.push(logicalId);
      }
      for (const id of kept.has(logicalId) && !force ? dependencies : []) {
        kept.add(id);
      }
    }
    if (failures.length > 0 && !force) {
      this.#emit(undefined, 'DELETE_FAILED', failed('delete', failures.join(', ')));
      return;
    }
    Object.assign(stack, { outputs: {}, exports: {}, imports: [], deletionTime: new Date() });
    this.#emit(undefined, 'DELETE_COMPLETE');
  }

  /** Creates, changes, replaces or imports one resource. @returns What is to be cleaned up when all went well. */
  async #apply(
    template: Template,
    declared: TemplateResource,
    targets: ReadonlyMap<string, Model>,
  ): Promise<Step[]> {
    const { logicalId, type, dependencies, deletionPolicy, updateReplacePolicy } = declared;
    const properties = template.resolve(declared.properties, this.#references()) as Model;
    const provider = this.options.provider(type);
    const current = this.stack.resources.find((resource) => resource.logicalId === logicalId);
    const asResource = (existing: Existing): StackResource => {
      return { ...existing, logicalId, type, dependencies, deletionPolicy, updateReplacePolicy };
    };
    const target = targets.get(logicalId);
    if (!current && target) {
      await this.#adopt(provider, asResource({ physicalId: '', attributes: {}, properties }), target);
      return [];
    }
    if (current?.type === type && !isReplaced(provider, current.properties, properties)) {
      await this.#update(provider, current, asResource({ ...current, properties }));
      return [];
    }
    if (current) {
      this.#emit(
        current,
        'UPDATE_IN_PROGRESS',
        'Requested update requires the creation of a new physical resource',
      );
    }
    await this.#create(provider, asResource({ physicalId: '', attributes: {}, properties }), current);
    return current ? [this.#removal(current, current.updateReplacePolicy)] : [];
  }

  async #create(
    provider: Provider,
    wanted: StackResource,
    current: StackResource | undefined,
  ): Promise<void> {
    const { logicalId, type, properties } = wanted;
    const verb = current ? 'UPDATE' : 'CREATE';
    const [about, task] = [{ logicalId, type }, this.#task(logicalId)];
    // Only RetainExceptOnCreate distinguishes a rollback's delete from others (user guide, "aws-attribute-deletionpolicy").
    const policy = wanted.deletionPolicy === 'Retain' ? 'Retain' : 'Delete';
    let isInitiated = false;
    const initiated = (physicalId: string) => {
      if (!isInitiated) {
        isInitiated = true;
        this.#emit({ ...about, physicalId }, `${verb}_IN_PROGRESS`, 'Resource creation Initiated');
      }
    };
    if (!current) {
      this.#emit(about, 'CREATE_IN_PROGRESS');
    }
    try {
      const created = { ...wanted, ...(await provider.create(properties, task, initiated)) };
      initiated(created.physicalId);
      this.#created.push(this.#removal(created, policy));
      this.#put(created, current);
      this.#emit(created, `${verb}_COMPLETE`);
    } catch (error) {
      const { message, leftBehind } = failureOf(error);
      this.#emit({ ...about, physicalId: leftBehind?.physicalId }, `${verb}_FAILED`, message);
      if (leftBehind) {
        const remains = { ...wanted, ...leftBehind };
        this.#created.push(this.#removal(remains, policy));
        this.#put(remains, undefined);
      }
      throw error;
    }
  }

  async #update(provider: Provider, current: StackResource, wanted: StackResource): Promise<void> {
    if (isDeepStrictEqual(current.properties, wanted.properties)) {
      // The template's own attributes are CloudFormation's business; handlers are not invoked for them.
      this.#put(wanted, current);
      return;
    }
    this.#emit(current, 'UPDATE_IN_PROGRESS');
    // A failed update may have changed something, so it is taken back like one that succeeded.
    this.#updated.push({
      logicalId: current.logicalId,
      run: async () => {
        this.#emit(current, 'UPDATE_IN_PROGRESS');
        try {
          await provider.update(wanted, current.properties, this.#task(current.logicalId));
        } catch (error) {
          this.#emit(current, 'UPDATE_FAILED', failureOf(error).message);
          throw error;
        }
        this.#emit(current, 'UPDATE_COMPLETE');
      },
    });
    try {
      const task = this.#task(current.logicalId);
      const updated = { ...wanted, ...(await provider.update(current, wanted.properties, task)) };
      this.#put(updated, current);
      this.#emit(updated, 'UPDATE_COMPLETE');
    } catch (error) {
      this.#emit(current, 'UPDATE_FAILED', failureOf(error).message);
      throw error;
    }
  }

  /** Makes a resource that exists part of the stack. Nothing is written. */
  async #adopt(provider: Provider, wanted: StackResource, identifier: Model): Promise<void> {
    this.#emit(wanted, 'IMPORT_IN_PROGRESS', 'Resource import started.');
    try {
      const found = await provider.read?.(identifier, placeIn(this.stack, wanted.logicalId));
      if (!found) {
        const what = JSON.stringify(identifier);
        throw new ResourceFailure(
          `Resource of type '${wanted.type}' with identifier '${what}' was not found. (HandlerErrorCode: NotFound)`,
          'NotFound',
        );
      }
      const adopted = { ...wanted, ...found };
      this.#put(adopted, undefined);
      this.#emit(adopted, 'IMPORT_COMPLETE', 'Resource import completed.');
    } catch (error) {
      this.#emit(wanted, 'IMPORT_FAILED', failureOf(error).message);
      throw error;
    }
  }

  async #rollback(kind: Deployment['kind'], reason: string): Promise<void> {
    const prefix = kind === 'CREATE' ? 'ROLLBACK' : `${kind}_ROLLBACK`;
    this.#emit(undefined, `${prefix}_IN_PROGRESS`, reason);
    const [first, verb] = kind === 'CREATE' ? [this.#created, 'delete'] : [this.#updated, 'update'];
    for (let step = first.at(-1); step; step = first.at(-1)) {
      try {
        await step.run();
        first.pop();
      } catch (error) {
        failureOf(error);
        this.#emit(undefined, `${prefix}_FAILED`, failed(verb, step.logicalId));
        return;
      }
    }
    if (kind === 'UPDATE') {
      this.#emit(undefined, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
      await cleanUp(this.#created.reverse());
    }
    this.stack.resources = this.#before;
    this.#emit(undefined, `${prefix}_COMPLETE`);
  }

  async #remove(resource: StackResource, policy: string): Promise<void> {
    if (policy === 'Delete') {
      this.#emit(resource, 'DELETE_IN_PROGRESS');
      try {
        await this.options.provider(resource.type).delete(resource, this.#task(resource.logicalId));
      } catch (error) {
        this.#emit(resource, 'DELETE_FAILED', failureOf(error).message);
        throw error;
      }
    }
    this.#emit(resource, policy === 'Delete' ? 'DELETE_COMPLETE' : 'DELETE_SKIPPED');
    this.stack.resources = this.stack.resources.filter((other) => other !== resource);
  }

  #task(logicalId: string): Task {
    return { ...placeIn(this.stack, logicalId), caller: this.options.caller };
  }

  #removal(resource: StackResource, policy: string): Step {
    return { logicalId: resource.logicalId, run: () => this.#remove(resource, policy) };
  }

  /** What the stack has and the template no longer. */
  #removals(template: Template): Step[] {
    const declared = new Set(template.resources.map(({ logicalId }) => logicalId));
    return this.stack.resources
      .filter(({ logicalId }) => !declared.has(logicalId))
      .reverse()
      .map((resource) => this.#removal(resource, resource.deletionPolicy));
  }

  #outputs({ outputs, resolve }: Template): Pick<Stack, 'outputs' | 'exports'> {
    const references = this.#references();
    const values = outputs.map(({ name, value }) => [name, String(resolve(value, references))] as const);
    const byName = Object.fromEntries(values);
    const named = outputs.filter(({ exportName }) => exportName !== undefined);
    const exports = Object.fromEntries(
      named.map(({ name, exportName }) => [String(resolve(exportName, references)), byName[name] ?? '']),
    );
    const { exports: before } = this.stack;
    const taken = Object.keys(exports).find(
      (it) => !(it in before) && this.options.exported(it) !== undefined,
    );
    if (taken !== undefined) {
      throw invalid(`Export with name ${taken} is already exported by another stack.`);
    }
    const changed = Object.keys(before).filter((it) => before[it] !== exports[it]);
    const used = changed.find((it) => this.options.importers(it).length > 0);
    if (used !== undefined) {
      const verb = used in exports ? 'update' : 'delete';
      throw invalid(
        `Cannot ${verb} export ${used} as it is in use by ${this.options.importers(used).join(', ')}.`,
      );
    }
    return { outputs: byName, exports };
  }

  #references(): References {
    return stackReferences(this.stack, (name) => {
      const value = this.options.exported(name);
      if (value === undefined) {
        throw invalid(`No export named ${name} found.`);
      }
      this.#imports.add(name);
      return value;
    });
  }

  #put(resource: StackResource, instead: StackResource | undefined): void {
    const { resources } = this.stack;
    // What is updated keeps its place; what is created, a replacement included, goes to the end.
    this.stack.resources =
      instead && instead.physicalId === resource.physicalId
        ? resources.map((other) => (other === instead ? resource : other))
        : [...resources.filter((other) => other !== instead), resource];
  }
}

/** What `Ref` and `Fn::GetAtt` of a stack's resources give. */
export function stackReferences(stack: Stack, importValue: (name: string) => string): References {
  const find = (logicalId: string) => {
    const resource = stack.resources.find((candidate) => candidate.logicalId === logicalId);
    if (resource) {
      return resource;
    }
    throw invalid(`Template format error: Unresolved resource dependencies [${logicalId}]`);
  };
  return {
    ref: (logicalId) => find(logicalId).physicalId,
    getAtt: (logicalId, attribute) => {
      const value = find(logicalId).attributes[attribute];
      if (value === undefined) {
        throw invalid(
          `Template error: resource ${logicalId} does not support attribute type ${attribute} in Fn::GetAtt`,
        );
      }
      return value;
    },
    importValue,
  };
}

function failed(verb: string, logicalIds: string): string {
  return `The following resource(s) failed to ${verb}: [${logicalIds}].`;
}

/** What cannot be cleaned up is skipped: it stays behind, and the operation is complete all the same. */
async function cleanUp(cleanups: readonly Step[]): Promise<void> {
  for (const cleanup of cleanups) {
    for (let tries = 1; tries <= CLEANUP_TRIES; tries += 1) {
      try {
        await cleanup.run();
        break;
      } catch (error) {
        // Its event was written already.
        failureOf(error);
      }
    }
  }
}
