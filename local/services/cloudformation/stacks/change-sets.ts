import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ResourceChange } from '@aws-sdk/client-cloudformation';
import { ApiError } from '../../../gateway/errors';
import type { Model } from '../handlers/protocol';
import { differences, failureOf, isReplaced } from '../providers/provider';
import { invalid } from '../template/document';
import type { Template } from '../template/template';
import { placeIn, type Stack, type StackInput, stackReferences } from './stack';
import type { Stacks } from './stacks';

/** A resource to import: which of the template's, and the identifier that it is read by. */
interface ImportTarget {
  readonly logicalId: string;
  readonly type: string;
  readonly identifier: Model;
}

/** What a change set is created with. */
export interface ChangeSetInput extends StackInput {
  readonly name: string;
  readonly type: 'CREATE' | 'UPDATE' | 'IMPORT';
  readonly description?: string | undefined;
  /** For the type IMPORT. */
  readonly resourcesToImport: readonly ImportTarget[];
  /** Whether resources of the template that exist already are imported instead of created. */
  readonly importExisting: boolean;
}

/** A change set of a stack. */
export interface ChangeSet {
  readonly id: string;
  readonly stack: Stack;
  readonly input: ChangeSetInput;
  readonly template: Template;
  readonly creationTime: Date;
  status: 'CREATE_IN_PROGRESS' | 'CREATE_COMPLETE' | 'FAILED';
  executionStatus:
    | 'UNAVAILABLE'
    | 'AVAILABLE'
    | 'EXECUTE_IN_PROGRESS'
    | 'EXECUTE_COMPLETE'
    | 'EXECUTE_FAILED';
  reason?: string;
  changes: readonly ResourceChange[];
  /** The resources that it imports; see {@link StackInput}. */
  targets: ReadonlyMap<string, Model>;
}

/** What an empty change set fails with; the AWS CLI's `deploy` looks for these words. */
const NO_CHANGES =
  "The submitted information didn't contain changes. Submit different information to create a change set.";
/** The text for a value that is known only after the change (DescribeChangeSet, `AfterContext`). */
const KNOWN_AFTER_APPLY = '{{changeSet:KNOWN_AFTER_APPLY}}';

/** The change sets of one Region's stacks. */
export class ChangeSets {
  #changeSets: ChangeSet[] = [];

  constructor(private readonly stacks: Stacks) {}

  /**
   * Makes a change set; of the types CREATE and IMPORT it makes the stack that it is for, in `REVIEW_IN_PROGRESS`.
   *
   * @returns It, complete or failed.
   * @throws ApiError AlreadyExistsException, InsufficientCapabilitiesException, ValidationError
   */
  async create(stackName: string, input: ChangeSetInput): Promise<ChangeSet> {
    const { name, type, resourcesToImport } = input;
    const known = this.stacks.find(stackName);
    if (known) {
      this.#checkKnown(known, input);
    } else if (type === 'UPDATE') {
      throw invalid(`Stack [${stackName}] does not exist`);
    }
    const stack = known ?? this.stacks.draft(stackName);
    const changeSet: ChangeSet = {
      id: stack.id.replace(/:stack\/.*/, `:changeSet/${name}/${randomUUID()}`),
      stack,
      input,
      template: this.stacks.parse(stack, input),
      creationTime: new Date(),
      status: 'CREATE_IN_PROGRESS',
      executionStatus: 'UNAVAILABLE',
      changes: [],
      targets: new Map(resourcesToImport.map(({ logicalId, identifier }) => [logicalId, identifier])),
    };
    if (type === 'IMPORT') {
      this.#checkImport(changeSet);
    }
    if (!known) {
      this.stacks.review(stack);
    }
    this.#changeSets.push(changeSet);
    await this.#prepare(changeSet).catch((error: unknown) => {
      Object.assign(changeSet, { status: 'FAILED', reason: failureOf(error).message });
    });
    return changeSet;
  }

  /** By name and stack, or by ARN. @throws ApiError ChangeSetNotFound */
  get(nameOrId: string, stackName?: string): ChangeSet {
    const stack = stackName === undefined ? undefined : this.stacks.get(stackName);
    const found = this.#changeSets.findLast(
      ({ id, input, stack: owner }) => id === nameOrId || (input.name === nameOrId && owner === stack),
    );
    if (found) {
      return found;
    }
    throw new ApiError('ChangeSetNotFound', `ChangeSet [${nameOrId}] does not exist`, 404);
  }

  /** The change sets of a stack that were not executed (API reference, ListChangeSets: the active ones). */
  list(stack: Stack): ChangeSet[] {
    return this.#changeSets.filter(
      ({ stack: owner, executionStatus }) => owner === stack && !executionStatus.startsWith('EXECUTE'),
    );
  }

  /** Deletes a change set. The stack of one of the type CREATE stays in `REVIEW_IN_PROGRESS`. */
  delete(changeSet: ChangeSet): void {
    this.#changeSets = this.#changeSets.filter((other) => other !== changeSet);
  }

  /**
   * Applies a change set; the stack's others are deleted.
   *
   * @throws ApiError InvalidChangeSetStatus, ValidationError
   */
  execute(changeSet: ChangeSet, onFailure?: StackInput['onFailure']): void {
    const { stack, status, executionStatus, targets } = changeSet;
    if (executionStatus !== 'AVAILABLE') {
      const message = `ChangeSet [${changeSet.id}] cannot be executed in its current status of [${status}]`;
      throw new ApiError('InvalidChangeSetStatus', message);
    }
    const input = { ...changeSet.input, targets, onFailure: onFailure ?? changeSet.input.onFailure };
    if (input.type === 'IMPORT') {
      this.stacks.import(stack, input);
    } else {
      this.stacks.update(stack, input);
    }
    changeSet.executionStatus = 'EXECUTE_IN_PROGRESS';
    for (const other of this.list(stack).filter((it) => it !== changeSet)) {
      this.delete(other);
    }
    const ended = () => {
      const isComplete = /^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(stack.status);
      changeSet.executionStatus = isComplete ? 'EXECUTE_COMPLETE' : 'EXECUTE_FAILED';
    };
    stack.ended.then(ended, ended);
  }

  #checkKnown(stack: Stack, { type, name }: ChangeSetInput): void {
    if (type === 'CREATE' && stack.status !== 'REVIEW_IN_PROGRESS') {
      const again = `cannot be created again with the changeSet [${name}]`;
      throw invalid(`Stack [${stack.name}] already exists and ${again}.`);
    }
    if (this.list(stack).some((other) => other.input.name === name)) {
      const message = `ChangeSet ${name} already exists for stack ${stack.id}`;
      throw new ApiError('AlreadyExistsException', message);
    }
    this.stacks.checkUpdatable(stack);
  }

  /**
   * Checks an import as CreateChangeSet does (user guide, "import-resources-manually", considerations): each resource
   * to import has a deletion policy and its type's identifier, and nothing else of the stack changes.
   *
   * @throws ApiError ValidationError
   */
  #checkImport(changeSet: ChangeSet): void {
    const { stack, template, input } = changeSet;
    for (const { logicalId, identifier, type } of input.resourcesToImport) {
      if (template.document.sections.Resources[logicalId]?.Type !== type) {
        throw invalid(`Resources to import [${logicalId}] are not in the template with this type`);
      }
      if (stack.resource(logicalId)) {
        throw invalid(`Resource [${logicalId}] to import is already in the stack ${stack.name}`);
      }
      const names = this.stacks.provider(type).identifiers?.();
      if (!names) {
        throw invalid(`ResourceTypes [${type}] are not supported for Import`);
      }
      if (!isDeepStrictEqual([...names].sort(), Object.keys(identifier).sort())) {
        throw invalid(`Invalid resource identifier for [${logicalId}]: it takes [${names.join(', ')}]`);
      }
    }
    const changes = this.#changes(changeSet);
    const named = (isMeant: (change: ResourceChange) => boolean) =>
      changes.filter(isMeant).map(({ LogicalResourceId = '' }) => LogicalResourceId);
    const added = named(({ Action }) => Action === 'Add');
    if (added.length > 0) {
      throw invalid(`Resource [${added.join(', ')}] is missing from ResourceToImport list`);
    }
    const { Resources } = template.document.sections;
    const imported = named(({ Action }) => Action === 'Import');
    const without = imported.filter((id) => !Resources[id]?.DeletionPolicy);
    if (without.length > 0) {
      throw invalid(
        `Following resources to import [${without.join(', ')}] must have DeletionPolicy attribute specified in the template.`,
      );
    }
    const modified = named(({ Action }) => Action === 'Modify' || Action === 'Remove');
    if (modified.length > 0) {
      throw invalid(
        `You have modified resources [${modified.join(', ')}] in your template that are not being imported. ` +
          'Update, create or delete operations cannot be executed during import operations.',
      );
    }
    if (Object.keys(template.outputs).some((name) => !(name in stack.outputs))) {
      throw invalid('As part of the import operation, you cannot modify or add [Outputs]');
    }
  }

  /** @throws ApiError, ResourceFailure with the reason why the change set fails. */
  async #prepare(changeSet: ChangeSet): Promise<void> {
    const { stack, template, input } = changeSet;
    if (input.importExisting) {
      changeSet.targets = await this.#existing(changeSet);
    }
    const isNew = stack.status === 'REVIEW_IN_PROGRESS';
    if (!isNew && changeSet.targets.size === 0 && !this.stacks.isChanged(stack, template, input)) {
      throw invalid(NO_CHANGES);
    }
    const changes = this.#changes(changeSet);
    Object.assign(changeSet, { status: 'CREATE_COMPLETE', executionStatus: 'AVAILABLE', changes });
  }

  /**
   * Resources of the template that exist and can be imported: with an identifier that the template gives literally,
   * and a deletion policy of Retain or RetainExceptOnCreate (user guide, "import-resources-automatically").
   */
  async #existing({ stack, template }: ChangeSet): Promise<Map<string, Model>> {
    const found = new Map<string, Model>();
    for (const { logicalId, type, properties, deletionPolicy } of template.resources) {
      const provider = this.stacks.provider(type);
      const names = provider.identifiers?.() ?? [];
      const isLiteral = names.length > 0 && names.every((name) => typeof properties[name] === 'string');
      if (stack.resource(logicalId) || !isLiteral || deletionPolicy === 'Delete') {
        continue;
      }
      const identifier = Object.fromEntries(names.map((name) => [name, properties[name]]));
      if (await provider.read?.(identifier, placeIn(stack, logicalId))) {
        found.set(logicalId, identifier);
      }
    }
    return found;
  }

  /** What a change set would do to each resource. */
  #changes({ stack, template, targets }: ChangeSet): ResourceChange[] {
    const importValue = (name: string) => this.stacks.importValue(name);
    const references = stackReferences(stack, importValue, KNOWN_AFTER_APPLY);
    const changes = template.resources.flatMap(({ logicalId, type, properties }): ResourceChange[] => {
      const about = { LogicalResourceId: logicalId, ResourceType: type };
      const current = stack.resource(logicalId);
      if (!current) {
        return [{ Action: targets.has(logicalId) ? 'Import' : 'Add', ...about }];
      }
      const wanted = template.resolve(properties, references) as Model;
      if (current.type === type && differences(current.properties, wanted).length === 0) {
        return [];
      }
      const isNew =
        current.type !== type || isReplaced(this.stacks.provider(type), current.properties, wanted);
      const Replacement = isNew ? 'True' : 'False';
      const { physicalId: PhysicalResourceId } = current;
      return [{ Action: 'Modify', ...about, PhysicalResourceId, Replacement, Scope: ['Properties'] }];
    });
    const declared = new Set(template.resources.map(({ logicalId }) => logicalId));
    const removed = stack.resources.filter(({ logicalId }) => !declared.has(logicalId));
    const removals = removed.map(({ logicalId, type, physicalId }): ResourceChange => {
      const about = { LogicalResourceId: logicalId, PhysicalResourceId: physicalId, ResourceType: type };
      return { Action: 'Remove', ...about };
    });
    return [...changes, ...removals];
  }
}
