import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ChangeSetSummary, ResourceChange } from '@aws-sdk/client-cloudformation';
import { ApiError, found, invalid } from '../../../gateway/errors';
import type { Model } from '../handlers/contract';
import { asFailure } from '../providers/provider';
import { existing, refuseAny } from '../template/document';
import { KNOWN_AFTER_APPLY } from '../template/functions';
import type { Template } from '../template/template';
import { changesOf } from './changes';
import { type Actual, readActual } from './drift';
import { type Actor, placeIn, type Stack, type StackInput, stackReferences } from './stack';
import type { Stacks } from './stacks';

export interface ChangeSetInput extends StackInput {
  readonly name: string;
  readonly type: 'CREATE' | 'UPDATE' | 'IMPORT';
  readonly description?: string | undefined;
  readonly resourcesToImport: readonly { logicalId: string; type: string; identifier: Model }[];
  /** Whether resources of the template that exist already are imported instead of created. */
  readonly importExisting: boolean;
  /** Whether the templates of nested stacks are read, too. */
  readonly includesNested: boolean;
  /** Whether it compares the template with the resources as they are, not with the last template. */
  readonly revertsDrift: boolean;
}

export interface ChangeSet {
  readonly stack: Stack;
  readonly input: ChangeSetInput;
  readonly template: Template;
  /** The end of the stack's last operation when the change set was made; after another one, it is obsolete. */
  readonly basis: Promise<void>;
  /** Its name, ID and status, in the members of ListChangeSets. */
  readonly summary: ChangeSetSummary;
  /** Resolves when it is complete or has failed. */
  ready: Promise<void>;
  changes: readonly ResourceChange[];
  /** The resources that it imports; see {@link StackInput}. */
  targets: ReadonlyMap<string, Model>;
  /** The resources as they are, if it reverts drift. */
  actual?: Actual;
  /** Nested stacks that would not change, if it includes them, by logical ID. */
  unchanged?: ReadonlySet<string>;
}

/** Why a change set without changes fails; the AWS CLI's `deploy` looks for these words. */
const NO_CHANGES =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

/** The change sets of one Region's stacks. */
export class ChangeSets {
  #changeSets: ChangeSet[] = [];

  constructor(private readonly stacks: Stacks) {}

  /**
   * Begins a change set. The types CREATE and IMPORT make its stack, in `REVIEW_IN_PROGRESS`, if it does not exist.
   *
   * @throws ApiError AlreadyExistsException, InsufficientCapabilitiesException, ValidationError
   */
  create(stackName: string, input: ChangeSetInput): ChangeSet {
    const { name, type, resourcesToImport } = input;
    const known = this.stacks.lookup(stackName);
    if (known) {
      this.#checkKnown(known, stackName, input);
    } else if (type === 'UPDATE') {
      throw invalid(`Stack [${stackName}] does not exist`);
    }
    const stack = known ?? this.stacks.draft(stackName);
    const changeSet: ChangeSet = {
      stack,
      input,
      template: this.stacks.parse(stack, input),
      basis: stack.ended,
      summary: {
        ChangeSetId: stack.id.replace(/:stack\/.*/, `:changeSet/${name}/${randomUUID()}`),
        ChangeSetName: name,
        StackId: stack.id,
        StackName: stack.name,
        Description: input.description,
        CreationTime: new Date(),
        Status: 'CREATE_IN_PROGRESS',
        ExecutionStatus: 'UNAVAILABLE',
        IncludeNestedStacks: input.includesNested,
        ImportExistingResources: input.importExisting || undefined,
      },
      ready: Promise.resolve(),
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
    changeSet.ready = this.#prepare(changeSet).catch((error: unknown) => {
      Object.assign(changeSet.summary, { Status: 'FAILED', StatusReason: asFailure(error).message });
    });
    return changeSet;
  }

  /** By name and stack, or by ARN; if a stack is given, only among its change sets. */
  find(nameOrId: string, stack?: Stack): ChangeSet | undefined {
    return this.#changeSets.findLast(
      (it) =>
        it.stack === (stack ?? it.stack) &&
        [it.summary.ChangeSetId, stack && it.input.name].includes(nameOrId),
    );
  }

  /** By name and stack, or by ARN. @throws ApiError ChangeSetNotFound */
  get(nameOrId: string, stackName?: string): ChangeSet {
    // Recorded: localstack, test_delete_change_set_exception, test_describe_change_set_nonexisting.
    if (stackName === undefined && !nameOrId.startsWith('arn:')) {
      throw invalid('StackName must be specified if ChangeSetName is not specified as an ARN.');
    }
    const unknown = `Stack [${stackName}] does not exist`;
    const stack = stackName === undefined ? undefined : this.stacks.get(stackName, unknown);
    const missing = new ApiError('ChangeSetNotFound', `ChangeSet [${nameOrId}] does not exist`);
    const changeSet = found(this.find(nameOrId, stack), missing);
    const { summary, basis } = changeSet;
    if (summary.ExecutionStatus === 'AVAILABLE' && changeSet.stack.ended !== basis) {
      summary.ExecutionStatus = 'OBSOLETE';
    }
    return changeSet;
  }

  /** The change sets of a stack that were not executed (API reference, ListChangeSets: the active ones). */
  list(stack: Stack): ChangeSet[] {
    return this.#changeSets.filter(
      (it) => it.stack === stack && !it.summary.ExecutionStatus?.startsWith('EXECUTE'),
    );
  }

  /** Deletes a change set. The stack of one of the type CREATE stays in `REVIEW_IN_PROGRESS`. */
  delete(changeSet: ChangeSet): void {
    this.#changeSets = this.#changeSets.filter((other) => other !== changeSet);
  }

  /**
   * Applies a change set, and deletes the stack's other change sets.
   *
   * @throws ApiError InvalidChangeSetStatus, ValidationError
   */
  execute(changeSet: ChangeSet, actor: Actor & Pick<StackInput, 'disableRollback'>): void {
    const { stack, template, summary, targets, input, actual } = changeSet;
    if (summary.ExecutionStatus !== 'AVAILABLE') {
      const current = summary.Status === 'FAILED' ? summary.Status : summary.ExecutionStatus;
      const what = `ChangeSet [${summary.ChangeSetId}] cannot be executed`;
      throw new ApiError('InvalidChangeSetStatus', `${what} in its current status of [${current}]`);
    }
    this.#checkDeployable(stack);
    const kind = input.type === 'IMPORT' ? 'IMPORT' : 'UPDATE';
    // What is rolled back to is the actual state, too (user guide, "drift-aware-change-sets").
    stack.resources = actual?.resources ?? stack.resources;
    this.stacks.deploy(kind, stack, template, { ...input, ...actor, targets }, summary.ChangeSetId);
    summary.ExecutionStatus = 'EXECUTE_IN_PROGRESS';
    for (const other of this.list(stack).filter((it) => it !== changeSet)) {
      this.delete(other);
    }
    const ended = () => {
      const isComplete = /^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(stack.status);
      summary.ExecutionStatus = isComplete ? 'EXECUTE_COMPLETE' : 'EXECUTE_FAILED';
    };
    stack.ended.then(ended, ended);
  }

  #checkKnown(stack: Stack, stackName: string, { type, name }: ChangeSetInput): void {
    if (type === 'CREATE' && !stack.isUnderReview) {
      const again = `cannot be created again with the changeSet [${name}]`;
      throw invalid(`Stack [${stackName}] already exists and ${again}.`);
    }
    if (this.list(stack).some((other) => other.input.name === name)) {
      throw new ApiError('AlreadyExistsException', `ChangeSet ${name} already exists for stack ${stack.id}`);
    }
    this.#checkDeployable(stack);
  }

  /** A stack under review is created by its change set. @throws ApiError ValidationError */
  #checkDeployable(stack: Stack): void {
    if (!stack.isUnderReview) {
      this.stacks.checkUpdatable(stack);
    }
  }

  /**
   * Checks an import as CreateChangeSet does (user guide, "import-resources-manually", considerations): each resource
   * to import has a deletion policy and its type's identifier, and nothing else of the stack changes.
   */
  #checkImport(changeSet: ChangeSet): void {
    const { stack, template, input } = changeSet;
    const { Resources } = template.document.sections;
    for (const { logicalId, identifier, type } of input.resourcesToImport) {
      if (Resources[logicalId]?.Type !== type) {
        throw invalid(`Resources to import [${logicalId}] are not in the template with this type`);
      }
      if (stack.resource(logicalId)) {
        throw invalid(`Resource [${logicalId}] to import is already in the stack ${stack.name}`);
      }
      const { read, identifiers } = this.stacks.provider(type);
      const names = existing(read && identifiers, `ResourceTypes [${type}] are not supported for Import`);
      if (!isDeepStrictEqual([...names].sort(), Object.keys(identifier).sort())) {
        throw invalid(`Invalid resource identifier for [${logicalId}]: it takes [${names.join(', ')}]`);
      }
    }
    const changes = changesOf(this.stacks, changeSet);
    const named = (...actions: ResourceChange['Action'][]) =>
      changes.filter(({ Action }) => actions.includes(Action)).map((it) => it.LogicalResourceId ?? '');
    const disposable = named('Import').filter((id) => !Resources[id]?.DeletionPolicy);
    refuseAny(named('Add'), (ids) => `Resource [${ids}] is missing from ResourceToImport list`);
    refuseAny(disposable, (ids) => {
      const condition = 'must have DeletionPolicy attribute specified in the template.';
      return `Following resources to import [${ids}] ${condition}`;
    });
    refuseAny(named('Modify', 'Remove'), (ids) => {
      const rule = 'Update, create or delete operations cannot be executed during import operations.';
      return `You have modified resources [${ids}] in your template that are not being imported. ${rule}`;
    });
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
    if (input.revertsDrift) {
      changeSet.actual = await readActual(this.stacks, stack);
    }
    if (input.includesNested) {
      changeSet.unchanged = await this.#unchangedNested(changeSet);
    }
    changeSet.changes = changesOf(this.stacks, changeSet);
    const hasChanges = changeSet.changes.length > 0 || this.stacks.isChanged(stack, template, input);
    if (!stack.isUnderReview && !hasChanges) {
      throw invalid(NO_CHANGES);
    }
    Object.assign(changeSet.summary, { Status: 'CREATE_COMPLETE', ExecutionStatus: 'AVAILABLE' });
  }

  /**
   * Reads the templates of nested stacks, as AWS does now and not when they are created (aws-cdk-cli pull request
   * 1531). On AWS, they have change sets of their own, and the reason for a failure is in these.
   *
   * @throws ApiError for a template that cannot be deployed, such as one with a type that is not registered yet.
   */
  async #unchangedNested({ stack, template, input }: ChangeSet): Promise<Set<string>> {
    const unchanged = new Set<string>();
    const { signal } = new AbortController();
    const references = stackReferences(stack, this.stacks.all, KNOWN_AFTER_APPLY);
    for (const { logicalId, type, properties } of template.resources) {
      const { nested } = this.stacks.provider(type);
      const task = { ...placeIn(stack, logicalId), caller: input.caller, stack: input, signal };
      const wanted = template.resolve(properties, references) as Model;
      if (nested && !(await nested.preview(wanted, task, stack.resource(logicalId)))) {
        unchanged.add(logicalId);
      }
    }
    return unchanged;
  }

  /**
   * Resources of the template that exist and can be imported: with an identifier that the template gives literally,
   * and a deletion policy of Retain or RetainExceptOnCreate (user guide, "import-resources-automatically").
   */
  async #existing({ stack, template }: ChangeSet): Promise<Map<string, Model>> {
    const targets = new Map<string, Model>();
    for (const { logicalId, type, properties, deletionPolicy } of template.resources) {
      const provider = this.stacks.provider(type);
      const names = provider.identifiers ?? [];
      const isLiteral = names.length > 0 && names.every((name) => typeof properties[name] === 'string');
      if (stack.resource(logicalId) || !isLiteral || deletionPolicy === 'Delete') {
        continue;
      }
      const identifier = Object.fromEntries(names.map((name) => [name, properties[name]]));
      if (await provider.read?.(identifier, placeIn(stack, logicalId))) {
        targets.set(logicalId, identifier);
      }
    }
    return targets;
  }
}
