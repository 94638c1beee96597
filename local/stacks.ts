import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { LocalAccount } from './account';
import type { RunInput, RunResult } from './cloudformation';
import { compare, type DriftResult, type ResourceDrift } from './drift';
import { ApiError } from './errors';
import type { Action, Model } from './handler-protocol';
import {
  type Existing,
  instanceProfileProvider,
  type Place,
  type Provider,
  ResourceFailure,
  registryProvider,
  roleProvider,
} from './resource-providers';
import { propertyNames, type TypeSchema } from './schema';
import { parseTemplate, type References, type Template, type TemplateResource } from './template';

export type { DriftResult, ResourceDrift } from './drift';

/** A resource of a stack. */
export interface StackResource extends Existing {
  logicalId: string;
  type: string;
  dependencies: string[];
  deletionPolicy: 'Delete' | 'Retain';
}

/** A stack after an operation; `status` is CloudFormation's, such as `CREATE_COMPLETE`. */
export interface Stack {
  name: string;
  id: string;
  status: string;
  /** Why the last operation failed. */
  reason?: string;
  /** The template's text, as of the last operation that succeeded. */
  template: string;
  parameters: Record<string, string>;
  /** In the order in which they were created. */
  resources: StackResource[];
  outputs: Record<string, string>;
  events: StackEvent[];
}

/** One line of a stack's events. */
export interface StackEvent {
  stackName: string;
  /** The stack's name for events of the stack itself. */
  logicalId: string;
  type: string;
  physicalId?: string;
  status: string;
  reason?: string;
}

/** A resource to import: which of the template's, and by which identifier it is found. */
export interface ImportTarget {
  logicalId: string;
  identifier: Model;
}

/** What stacks need of CloudFormation. */
export interface StackWiring {
  account: LocalAccount;
  region: string;
  typeName: string;
  schema: () => TypeSchema;
  run: (action: Action, input: RunInput) => Promise<RunResult>;
  onEvent: (event: StackEvent) => void;
}

/** How to take back one step of an operation, or to clean up after it. */
type Undo = () => Promise<void>;

/** How to take an operation back: what was changed goes back first, what is new is deleted afterwards. */
interface Rollback {
  readonly updated: Undo[];
  readonly created: Undo[];
}

/** How often CloudFormation tries a delete of a clean-up before it skips it (re:Post, "cloudformation-stack-cleanup-stuck"). */
const CLEANUP_TRIES = 3;

/** The stacks of one Region. One operation at a time on each. */
export class Stacks {
  #stacks = new Map<string, Stack>();
  #wiring: StackWiring;
  #providers: Map<string, Provider>;

  constructor(wiring: StackWiring) {
    this.#wiring = wiring;
    this.#providers = new Map([
      ['AWS::IAM::Role', roleProvider(wiring.account)],
      ['AWS::IAM::InstanceProfile', instanceProfileProvider(wiring.account)],
      [wiring.typeName, registryProvider(wiring.schema, wiring.run)],
    ]);
  }

  get(name: string): Stack | undefined {
    return this.#stacks.get(name);
  }

  /** A new stack ID. */
  idOf(name: string): string {
    const { account, region } = this.#wiring;
    return `arn:${account.partition}:cloudformation:${region}:${account.accountId}:stack/${name}/${randomUUID()}`;
  }

  async deploy(name: string, text: string, parameters: Record<string, string>): Promise<Stack> {
    const known = this.#stacks.get(name);
    if (known && !/^(CREATE|UPDATE|UPDATE_ROLLBACK|IMPORT)_COMPLETE$/.test(known.status)) {
      throw new Error(`Stack ${name} is in ${known.status} state and can not be updated.`);
    }
    const stack = known ?? this.#newStack(name);
    const template = this.#parse(text, stack, parameters);
    this.#stacks.set(name, stack);
    const operation = known ? 'UPDATE' : 'CREATE';
    if (known?.template === text && isDeepStrictEqual(known.parameters, template.parameters)) {
      throw new ApiError('ValidationError', 'No updates are to be performed.');
    }
    const before = [...stack.resources];
    const undo: Rollback = { updated: [], created: [] };
    this.#stackEvent(stack, `${operation}_IN_PROGRESS`);
    try {
      const cleanups: Undo[] = [];
      for (const declared of template.resources)
        cleanups.push(...(await this.#apply(stack, template, declared, undo)));
      cleanups.push(...this.#removals(stack, template));
      const outputs = this.#outputs(stack, template);
      if (known && cleanups.length > 0) this.#stackEvent(stack, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
      await cleanUp(cleanups);
      stack.template = text;
      stack.parameters = template.parameters;
      stack.outputs = outputs;
      delete stack.reason;
      return this.#stackEvent(stack, `${operation}_COMPLETE`);
    } catch (error) {
      stack.reason = failureOf(error).message;
      return this.#rollback(stack, before, undo, known !== undefined);
    }
  }

  async delete(name: string): Promise<Stack> {
    const stack = this.#existing(name);
    this.#stackEvent(stack, 'DELETE_IN_PROGRESS');
    const kept = new Set<string>();
    for (const resource of [...stack.resources].reverse()) {
      if (kept.has(resource.logicalId)) {
        for (const id of resource.dependencies) kept.add(id);
        continue;
      }
      try {
        await this.#remove(stack, resource);
      } catch (error) {
        stack.reason = failureOf(error).message;
        kept.add(resource.logicalId);
        for (const id of resource.dependencies) kept.add(id);
      }
    }
    if (kept.size > 0) return this.#stackEvent(stack, 'DELETE_FAILED', stack.reason);
    this.#stacks.delete(name);
    stack.outputs = {};
    return this.#stackEvent(stack, 'DELETE_COMPLETE');
  }

  async import(
    name: string,
    text: string,
    targets: ImportTarget[],
    parameters: Record<string, string>,
  ): Promise<Stack> {
    const stack = this.#stacks.get(name) ?? this.#newStack(name);
    const template = this.#parse(text, stack, parameters);
    this.#stacks.set(name, stack);
    const before = [...stack.resources];
    this.#stackEvent(stack, 'IMPORT_IN_PROGRESS');
    try {
      for (const declared of template.resources) await this.#adopt(stack, template, declared, targets);
      stack.template = text;
      stack.parameters = template.parameters;
      stack.outputs = this.#outputs(stack, template);
      return this.#stackEvent(stack, 'IMPORT_COMPLETE');
    } catch (error) {
      stack.reason = failureOf(error).message;
      stack.resources = before;
      return this.#stackEvent(stack, 'IMPORT_ROLLBACK_COMPLETE', stack.reason);
    }
  }

  async detectDrift(name: string): Promise<DriftResult> {
    const stack = this.#existing(name);
    const resources: ResourceDrift[] = [];
    for (const resource of stack.resources) {
      if (resource.type !== this.#wiring.typeName) continue;
      const identifier = this.#identifier(resource.attributes);
      const place = { stackId: stack.id, logicalId: resource.logicalId };
      const { final } = await this.#wiring.run('READ', { properties: identifier, ...place });
      if (final.status !== 'SUCCESS' && final.errorCode !== 'NotFound') {
        throw new Error(
          `Drift of ${resource.logicalId} cannot be told: ${final.errorCode}: ${final.message}`,
        );
      }
      const actual = final.status === 'SUCCESS' ? (final.resourceModel ?? {}) : undefined;
      resources.push(compare(resource.logicalId, resource.physicalId, resource.properties, actual));
    }
    const drifted = resources.some(({ status }) => status !== 'IN_SYNC');
    return { stackName: name, status: drifted ? 'DRIFTED' : 'IN_SYNC', resources };
  }

  /** Creates, changes or replaces one resource. @returns what is to be cleaned up when all went well. */
  async #apply(
    stack: Stack,
    template: Template,
    declared: TemplateResource,
    undo: Rollback,
  ): Promise<Undo[]> {
    const { logicalId, type, dependencies, deletionPolicy } = declared;
    const provider = this.#provider(type);
    const properties = template.resolve(declared.properties, referencesOf(stack)) as Model;
    const place = { stackName: stack.name, stackId: stack.id, logicalId };
    const current = stack.resources.find((resource) => resource.logicalId === logicalId);
    const asResource = (existing: Existing): StackResource => ({
      ...existing,
      logicalId,
      type,
      dependencies,
      deletionPolicy,
    });
    if (!current || current.type !== type || provider.replaces(current, properties)) {
      if (current)
        this.#event(stack, current, 'UPDATE_IN_PROGRESS', 'Requested update requires a new resource');
      const verb = current ? 'UPDATE' : 'CREATE';
      if (!current) this.#event(stack, { logicalId, type }, 'CREATE_IN_PROGRESS');
      try {
        const created = asResource(await provider.create(properties, place));
        undo.created.push(() => this.#remove(stack, created));
        stack.resources = [...stack.resources.filter((resource) => resource !== current), created];
        this.#event(stack, created, `${verb}_COMPLETE`);
      } catch (error) {
        const { message, leftBehind } = failureOf(error);
        this.#event(stack, { logicalId, type }, `${verb}_FAILED`, message);
        if (leftBehind) undo.created.push(() => this.#remove(stack, asResource(leftBehind)));
        throw error;
      }
      return current ? [() => this.#remove(stack, current)] : [];
    }
    if (isDeepStrictEqual(current.properties, properties)) {
      // The template's own attributes are CloudFormation's business; no handler hears of them.
      const kept = { ...current, dependencies, deletionPolicy };
      stack.resources = stack.resources.map((resource) => (resource === current ? kept : resource));
      return [];
    }
    this.#event(stack, current, 'UPDATE_IN_PROGRESS');
    // A failed update may have changed something, so it is taken back like one that went well.
    undo.updated.push(async () => {
      this.#event(stack, current, 'UPDATE_IN_PROGRESS');
      await provider.update({ ...current, properties }, current.properties, place);
      this.#event(stack, current, 'UPDATE_COMPLETE');
    });
    try {
      const updated = asResource(await provider.update(current, properties, place));
      stack.resources = stack.resources.map((resource) => (resource === current ? updated : resource));
      this.#event(stack, updated, 'UPDATE_COMPLETE');
    } catch (error) {
      this.#event(stack, current, 'UPDATE_FAILED', failureOf(error).message);
      throw error;
    }
    return [];
  }

  async #adopt(
    stack: Stack,
    template: Template,
    declared: TemplateResource,
    targets: ImportTarget[],
  ): Promise<void> {
    const { logicalId, type, dependencies, deletionPolicy } = declared;
    const properties = template.resolve(declared.properties, referencesOf(stack)) as Model;
    const current = stack.resources.find((resource) => resource.logicalId === logicalId);
    const target = targets.find((candidate) => candidate.logicalId === logicalId);
    if (current) {
      if (target || !isDeepStrictEqual(current.properties, properties)) {
        throw new ResourceFailure(
          `${logicalId} is in the stack; an import cannot change it`,
          'InvalidRequest',
        );
      }
      return;
    }
    if (!target || type !== this.#wiring.typeName) {
      throw new ResourceFailure(
        `${logicalId} is not to be imported; an import cannot create it`,
        'InvalidRequest',
      );
    }
    this.#event(stack, { logicalId, type }, 'IMPORT_IN_PROGRESS');
    const place = { stackId: stack.id, logicalId };
    const { final } = await this.#wiring.run('READ', { properties: target.identifier, ...place });
    if (final.status !== 'SUCCESS' || !final.resourceModel) {
      const reason = `${final.message ?? ''} (HandlerErrorCode: ${final.errorCode})`;
      this.#event(stack, { logicalId, type }, 'IMPORT_FAILED', reason);
      throw new ResourceFailure(reason, final.errorCode ?? 'InternalFailure');
    }
    const attributes = { ...final.resourceModel };
    const physicalId = Object.values(this.#identifier(attributes)).join('|');
    const adopted = { logicalId, type, dependencies, deletionPolicy, physicalId, attributes, properties };
    stack.resources = [...stack.resources, adopted];
    this.#event(stack, adopted, 'IMPORT_COMPLETE');
  }

  async #rollback(stack: Stack, before: StackResource[], undo: Rollback, update: boolean): Promise<Stack> {
    const prefix = update ? 'UPDATE_ROLLBACK' : 'ROLLBACK';
    this.#stackEvent(stack, `${prefix}_IN_PROGRESS`, stack.reason);
    const created = undo.created.reverse();
    try {
      for (const step of update ? undo.updated.reverse() : created) await step();
    } catch (error) {
      return this.#stackEvent(stack, `${prefix}_FAILED`, failureOf(error).message);
    }
    if (update && created.length > 0) {
      this.#stackEvent(stack, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
      await cleanUp(created);
    }
    stack.resources = before;
    return this.#stackEvent(stack, `${prefix}_COMPLETE`);
  }

  async #remove(stack: Stack, resource: StackResource): Promise<void> {
    const place: Place = { stackName: stack.name, stackId: stack.id, logicalId: resource.logicalId };
    if (resource.deletionPolicy === 'Retain') {
      this.#event(stack, resource, 'DELETE_SKIPPED');
    } else {
      this.#event(stack, resource, 'DELETE_IN_PROGRESS');
      try {
        await this.#provider(resource.type).delete(resource, place);
      } catch (error) {
        this.#event(stack, resource, 'DELETE_FAILED', failureOf(error).message);
        throw error;
      }
      this.#event(stack, resource, 'DELETE_COMPLETE');
    }
    stack.resources = stack.resources.filter((other) => other !== resource);
  }

  /** What the stack has and the template no longer. */
  #removals(stack: Stack, template: Template): Undo[] {
    const declared = new Set(template.resources.map(({ logicalId }) => logicalId));
    return stack.resources
      .filter(({ logicalId }) => !declared.has(logicalId))
      .reverse()
      .map((resource) => () => this.#remove(stack, resource));
  }

  #outputs(stack: Stack, template: Template): Record<string, string> {
    const references = referencesOf(stack);
    const values = Object.entries(template.outputs).map(([name, value]) => [
      name,
      String(template.resolve(value, references)),
    ]);
    return Object.fromEntries(values) as Record<string, string>;
  }

  #identifier(model: Model): Model {
    const names = propertyNames(this.#wiring.schema().primaryIdentifier);
    return Object.fromEntries(names.map((name) => [name, model[name]]));
  }

  #newStack(name: string): Stack {
    return {
      name,
      id: this.idOf(name),
      status: '',
      template: '',
      parameters: {},
      resources: [],
      outputs: {},
      events: [],
    };
  }

  #existing(name: string): Stack {
    const stack = this.#stacks.get(name);
    if (stack) return stack;
    throw new Error(`Stack with id ${name} does not exist`);
  }

  #parse(text: string, stack: Stack, parameters: Record<string, string>): Template {
    const { account, region } = this.#wiring;
    const { accountId, partition } = account;
    const stackScope = { stackName: stack.name, stackId: stack.id };
    const template = parseTemplate(text, { parameters, accountId, region, partition, ...stackScope });
    for (const { type } of template.resources) this.#provider(type);
    return template;
  }

  #provider(type: string): Provider {
    const provider = this.#providers.get(type);
    if (provider) return provider;
    throw new Error(`Resources of type ${type} are not known here`);
  }

  #stackEvent(stack: Stack, status: string, reason?: string): Stack {
    stack.status = status;
    this.#event(
      stack,
      { logicalId: stack.name, type: 'AWS::CloudFormation::Stack', physicalId: stack.id },
      status,
      reason,
    );
    return stack;
  }

  #event(
    stack: Stack,
    resource: { logicalId: string; type: string; physicalId?: string },
    status: string,
    reason?: string,
  ): void {
    const { logicalId, type, physicalId } = resource;
    const event: StackEvent = {
      stackName: stack.name,
      logicalId,
      type,
      status,
      ...(physicalId === undefined ? {} : { physicalId }),
      ...(reason === undefined ? {} : { reason }),
    };
    stack.events.push(event);
    this.#wiring.onEvent(event);
  }
}

function referencesOf(stack: Stack): References {
  const find = (logicalId: string) => {
    const resource = stack.resources.find((candidate) => candidate.logicalId === logicalId);
    if (resource) return resource;
    throw new Error(`There is no resource ${logicalId}`);
  };
  return {
    ref: (logicalId) => find(logicalId).physicalId,
    getAtt: (logicalId, attribute) => {
      const value = find(logicalId).attributes[attribute];
      if (value === undefined) throw new Error(`${logicalId} has no attribute ${attribute}`);
      return value;
    },
  };
}

/** Only what a resource's provider says is a failed operation; anything else is a fault of this code. */
function failureOf(error: unknown): ResourceFailure {
  if (error instanceof ResourceFailure) return error;
  throw error;
}

/** What cannot be cleaned up is skipped: it stays behind, and the operation is complete all the same. */
async function cleanUp(cleanups: readonly Undo[]): Promise<void> {
  for (const cleanup of cleanups) {
    for (let tries = 1; tries <= CLEANUP_TRIES; tries += 1) {
      try {
        await cleanup();
        break;
      } catch (error) {
        // Its event was given already.
        failureOf(error);
      }
    }
  }
}
