import { randomUUID } from 'node:crypto';
import { ApiError } from '../../../gateway/errors';
import type { Session } from '../../sts/store';
import type { Model } from '../handlers/protocol';
import { differences, isReplaced, type Provider } from '../providers/provider';
import { invalid } from '../template/document';
import type { References, Template } from '../template/template';
import { type ImportTarget, importTargets } from './imports';
import { stackReferences } from './operation';
import { placeIn, type Stack } from './stack';
import type { StackInput, Stacks, Started } from './stacks';

/** What a change set would do to one resource, in the members of DescribeChangeSet. */
interface ResourceChange {
  readonly Action: 'Add' | 'Modify' | 'Remove' | 'Import';
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceType: string;
  readonly Replacement?: 'True' | 'False';
  readonly Scope?: readonly string[];
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
  readonly creationTime: Date;
  /** Resolves when the change set is complete or has failed. */
  readonly ready: Promise<void>;
  status: 'CREATE_IN_PROGRESS' | 'CREATE_COMPLETE' | 'FAILED';
  executionStatus:
    | 'UNAVAILABLE'
    | 'AVAILABLE'
    | 'EXECUTE_IN_PROGRESS'
    | 'EXECUTE_COMPLETE'
    | 'EXECUTE_FAILED';
  reason?: string;
  changes: readonly ResourceChange[];
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
   * Begins a change set; of the types CREATE and IMPORT it makes the stack that it is for, in `REVIEW_IN_PROGRESS`.
   *
   * @throws ApiError AlreadyExistsException, InsufficientCapabilitiesException, ValidationError
   */
  create(stackName: string, input: ChangeSetInput): ChangeSet {
    const known = this.stacks.find(stackName);
    if (input.type === 'CREATE' && known && known.status !== 'REVIEW_IN_PROGRESS') {
      const again = `cannot be created again with the changeSet [${input.name}]`;
      throw invalid(`Stack [${stackName}] already exists and ${again}.`);
    }
    if (input.type === 'UPDATE' && !known) {
      throw invalid(`Stack [${stackName}] does not exist`);
    }
    if (known && this.list(known).some((other) => other.input.name === input.name)) {
      const message = `ChangeSet ${input.name} already exists for stack ${known.id}`;
      throw new ApiError('AlreadyExistsException', message);
    }
    if (known) {
      this.stacks.checkUpdatable(known);
    }
    const future = known ?? this.stacks.scratch(stackName);
    const template = this.stacks.parse(future, input);
    const targets =
      input.type === 'IMPORT'
        ? importTargets(this.stacks, future, template, input.resourcesToImport)
        : new Map();
    const stack = known ?? this.stacks.review(stackName);
    let ready = () => {};
    const changeSet: ChangeSet = {
      id: stack.id.replace(/:stack\/.*/, `:changeSet/${input.name}/${randomUUID()}`),
      stack,
      input,
      creationTime: new Date(),
      ready: new Promise((resolve) => {
        ready = resolve;
      }),
      status: 'CREATE_IN_PROGRESS',
      executionStatus: 'UNAVAILABLE',
      changes: [],
      targets,
    };
    this.#changeSets.push(changeSet);
    this.#prepare(changeSet, template)
      .catch((error: unknown) => fail(changeSet, String(error instanceof Error ? error.message : error)))
      .finally(ready);
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
  execute(changeSet: ChangeSet, caller: Session, onFailure: StackInput['onFailure']): Started {
    const { stack, status, executionStatus, targets } = changeSet;
    if (executionStatus !== 'AVAILABLE') {
      const message = `ChangeSet [${changeSet.id}] cannot be executed in its current status of [${status}]`;
      throw new ApiError('InvalidChangeSetStatus', message);
    }
    const input = { ...changeSet.input, caller, targets, onFailure: onFailure ?? changeSet.input.onFailure };
    const started =
      input.type === 'IMPORT' ? this.stacks.import(stack, input) : this.stacks.update(stack, input);
    changeSet.executionStatus = 'EXECUTE_IN_PROGRESS';
    for (const other of this.list(stack).filter((it) => it !== changeSet)) {
      this.delete(other);
    }
    const ended = ({ status: final }: Stack) => {
      changeSet.executionStatus = /^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(final)
        ? 'EXECUTE_COMPLETE'
        : 'EXECUTE_FAILED';
    };
    started.done.then(ended, () => ended(stack));
    return started;
  }

  async #prepare(changeSet: ChangeSet, template: Template): Promise<void> {
    const { stack, input } = changeSet;
    if (input.importExisting) {
      changeSet.targets = await this.#existing(changeSet, template);
    }
    const isNew = stack.status === 'REVIEW_IN_PROGRESS';
    if (!isNew && changeSet.targets.size === 0 && !this.stacks.isChanged(stack, template.document, input)) {
      fail(changeSet, NO_CHANGES);
      return;
    }
    changeSet.changes = changesOf(stack, template, changeSet.targets, (type) => this.#provider(type));
    changeSet.status = 'CREATE_COMPLETE';
    changeSet.executionStatus = 'AVAILABLE';
  }

  /**
   * Resources of the template that exist and can be imported: with an identifier that the template gives literally,
   * and a deletion policy of Retain or RetainExceptOnCreate (user guide, "import-resources-automatically").
   */
  async #existing({ stack }: ChangeSet, template: Template): Promise<Map<string, Model>> {
    const found = new Map<string, Model>();
    for (const { logicalId, type, properties, deletionPolicy } of template.resources) {
      const provider = this.#provider(type);
      const names = provider.identifiers?.() ?? [];
      const declared = properties as Model;
      const isLiteral = names.length > 0 && names.every((name) => typeof declared[name] === 'string');
      const isPresent = stack.resources.some((resource) => resource.logicalId === logicalId);
      if (isPresent || !isLiteral || deletionPolicy === 'Delete') {
        continue;
      }
      const identifier = Object.fromEntries(names.map((name) => [name, declared[name]]));
      if (await provider.read?.(identifier, placeIn(stack, logicalId))) {
        found.set(logicalId, identifier);
      }
    }
    return found;
  }

  #provider(type: string): Provider {
    const provider = this.stacks.options.provider(type);
    if (provider) {
      return provider;
    }
    throw invalid(`Template format error: Unrecognized resource types: [${type}]`);
  }
}

function fail(changeSet: ChangeSet, reason: string): void {
  Object.assign(changeSet, { status: 'FAILED', executionStatus: 'UNAVAILABLE', reason });
}

function changesOf(
  stack: Stack,
  template: Template,
  targets: ReadonlyMap<string, Model>,
  providerOf: (type: string) => Provider,
): ResourceChange[] {
  const references = foreseen(stackReferences(stack, () => KNOWN_AFTER_APPLY));
  const changes = template.resources.flatMap(({ logicalId, type, properties }): ResourceChange[] => {
    const about = { LogicalResourceId: logicalId, ResourceType: type };
    const current = stack.resources.find((resource) => resource.logicalId === logicalId);
    if (!current) {
      return [{ Action: targets.has(logicalId) ? 'Import' : 'Add', ...about }];
    }
    const wanted = template.resolve(properties, references) as Model;
    const names = differences(current.properties, wanted);
    if (names.length === 0) {
      return [];
    }
    const provider = providerOf(type);
    const Replacement = isReplaced(provider, current.properties, wanted) ? 'True' : 'False';
    const rest = {
      PhysicalResourceId: current.physicalId,
      Replacement,
      Scope: ['Properties'],
    };
    return [{ Action: 'Modify', ...about, ...rest } as ResourceChange];
  });
  const declared = new Set(template.resources.map(({ logicalId }) => logicalId));
  const removed = stack.resources.filter(({ logicalId }) => !declared.has(logicalId));
  const removals = removed.map(({ logicalId, type, physicalId }): ResourceChange => {
    const about = { LogicalResourceId: logicalId, PhysicalResourceId: physicalId, ResourceType: type };
    return { Action: 'Remove', ...about };
  });
  return [...changes, ...removals];
}

/** References to what does not exist yet. */
function foreseen(references: References): References {
  const orLater = (find: () => unknown) => {
    try {
      return find();
    } catch {
      return KNOWN_AFTER_APPLY;
    }
  };
  return {
    ref: (id) => orLater(() => references.ref(id)),
    getAtt: (id, attribute) => orLater(() => references.getAtt(id, attribute)),
    importValue: references.importValue,
  };
}
