import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { ApiError } from '../../../gateway/errors';
import type { Session } from '../../sts/store';
import type { Model } from '../handlers/protocol';
import { differences, type Provider } from '../providers/provider';
import { invalid, readTemplate, type TemplateDocument } from '../template/document';
import { parseTemplate, type Template } from '../template/template';
import { type Deletion, type OperationOptions, StackOperation } from './operation';
import { type Emit, eventWriter, newStack, type Stack, type StackEvent, type StackSettings } from './stack';

/** What stacks need of their account and Region. */
interface StacksOptions {
  readonly accountId: string;
  readonly partition: string;
  readonly region: string;
  /** The provider of a resource type; nothing for a type that is not known. */
  provider(type: string): Provider | undefined;
  /** Each event of a stack as it happens. */
  onEvent?: ((event: StackEvent) => void) | undefined;
}

/** What a stack is created or updated with. */
export interface StackInput extends StackSettings {
  /** With whose permissions resources are made: who calls, or the service role. */
  readonly caller: Session;
  readonly token?: string | undefined;
  /** What becomes of the stack when a resource fails. Defaults to a rollback. */
  readonly onFailure?: 'ROLLBACK' | 'DO_NOTHING' | 'DELETE' | undefined;
  /** Resources to import, by logical ID, with their identifiers. */
  readonly targets?: ReadonlyMap<string, Model> | undefined;
}

/** How to delete a stack. */
interface DeleteInput extends Partial<Deletion> {
  readonly caller: Session;
  readonly token?: string | undefined;
}

/** An operation that has begun. */
export interface Started {
  readonly stack: Stack;
  /** Resolves when the operation has ended, whether the stack's status is a success or not. */
  readonly done: Promise<Stack>;
}

const UPDATABLE =
  /^(CREATE|UPDATE|UPDATE_ROLLBACK|IMPORT|IMPORT_ROLLBACK)_COMPLETE$|^(CREATE|UPDATE)_FAILED$/;

/** The stacks of one Region. One operation at a time on each. */
export class Stacks {
  /** Deleted ones included, in the order of their creation. */
  readonly #stacks: Stack[] = [];
  #isClosed = false;
  readonly #running = new Map<string, { operation: StackOperation; done: Promise<Stack> }>();

  constructor(readonly options: StacksOptions) {}

  /** A stack by its name, or by its ID when it is deleted too. */
  find(nameOrId: string): Stack | undefined {
    return this.#stacks.findLast(
      ({ name, id, status }) => id === nameOrId || (name === nameOrId && status !== 'DELETE_COMPLETE'),
    );
  }

  /** @throws ApiError ValidationError when there is no such stack. */
  get(nameOrId: string): Stack {
    const stack = this.find(nameOrId);
    if (stack) {
      return stack;
    }
    throw invalid(`Stack with id ${nameOrId} does not exist`);
  }

  /** All stacks, deleted ones included, the newest first. */
  list(): Stack[] {
    return [...this.#stacks].reverse();
  }

  /** The end of the operation that is in progress on a stack, if there is one. */
  ended({ id }: Stack): Promise<unknown> | undefined {
    return this.#running.get(id)?.done;
  }

  /** A stack that only has change sets so far. @throws ApiError AlreadyExistsException */
  review(name: string): Stack {
    this.#refuseExisting(name);
    const stack = this.scratch(name);
    this.#stacks.push(stack);
    this.#writer(stack, undefined)(undefined, 'REVIEW_IN_PROGRESS', 'User Initiated');
    return stack;
  }

  /** @throws ApiError AlreadyExistsException, InsufficientCapabilitiesException, ValidationError */
  create(name: string, input: StackInput): Started {
    this.#refuseExisting(name);
    const stack = this.scratch(name);
    const template = this.parse(stack, input);
    this.#stacks.push(stack);
    return this.#deploy(stack, 'CREATE', template, input);
  }

  /** Deploys into a stack that is there: with `REVIEW_IN_PROGRESS` a create. @throws ApiError as `create` */
  update(stack: Stack, input: StackInput): Started {
    const isNew = stack.status === 'REVIEW_IN_PROGRESS';
    this.checkUpdatable(stack);
    const template = this.parse(stack, input);
    if (!isNew && !input.targets?.size && !this.isChanged(stack, template.document, input)) {
      throw invalid('No updates are to be performed.');
    }
    stack.lastUpdatedTime = isNew ? undefined : new Date();
    return this.#deploy(stack, isNew ? 'CREATE' : 'UPDATE', template, input);
  }

  /** @throws ApiError ValidationError for a stack whose status allows neither an update nor its creation. */
  checkUpdatable({ id, status }: Stack): void {
    if (status !== 'REVIEW_IN_PROGRESS' && !UPDATABLE.test(status)) {
      throw invalid(`Stack:${id} is in ${status} state and can not be updated.`);
    }
  }

  /** Imports resources that exist; nothing else of the stack may change. @throws ApiError as `create` */
  import(stack: Stack, input: StackInput): Started {
    this.checkUpdatable(stack);
    const template = this.parse(stack, input);
    return this.#deploy(stack, 'IMPORT', template, { ...input, onFailure: 'ROLLBACK' });
  }

  /** @throws ApiError ValidationError when the stack must not be deleted. */
  delete(stack: Stack, { caller, token, retain = [], force = false }: DeleteInput): Started {
    if (stack.isProtected) {
      const state = `Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`;
      throw invalid(state);
    }
    if (stack.status.endsWith('_IN_PROGRESS') && stack.status !== 'REVIEW_IN_PROGRESS') {
      throw invalid(`Stack [${stack.id}] is in ${stack.status} state and can not be deleted.`);
    }
    if ((retain.length > 0 || force) && stack.status !== 'DELETE_FAILED') {
      const options = 'RetainResources and DeletionMode';
      throw invalid(
        `Invalid operation on stack [${stack.id}]. ${options} only apply to stacks in DELETE_FAILED.`,
      );
    }
    return this.#begin(stack, caller, token, (operation) => operation.delete({ retain, force }));
  }

  /** @throws ApiError ValidationError when there is no rollback that failed. */
  continueRollback(stack: Stack, skip: readonly string[], caller: Session): Started {
    const last = this.#running.get(stack.id);
    if (stack.status !== 'UPDATE_ROLLBACK_FAILED' || !last) {
      throw invalid(`Stack:${stack.id} is in ${stack.status} state and can not continue an update rollback.`);
    }
    return this.#watch(stack, last.operation, last.operation.continueRollback(skip, caller));
  }

  /** @throws ApiError ValidationError when no update is in progress. */
  cancelUpdate(stack: Stack): void {
    if (stack.status !== 'UPDATE_IN_PROGRESS') {
      throw invalid('CancelUpdateStack cannot be called from current stack status');
    }
    this.#running.get(stack.id)?.operation.cancel();
  }

  /** A template with its parameters decided. @throws ApiError InsufficientCapabilitiesException, ValidationError */
  parse(stack: Pick<Stack, 'name' | 'id'>, settings: StackSettings): Template {
    const { accountId, partition, region } = this.options;
    const scope = { accountId, partition, region, stackName: stack.name, stackId: stack.id };
    const document = readTemplate(settings.template);
    this.checkTypes(document);
    const template = parseTemplate(document, scope, settings.parameters);
    const required = capabilitiesOf(document).filter((it) => !settings.capabilities.includes(it));
    if (required.length > 0 && !settings.capabilities.includes('CAPABILITY_NAMED_IAM')) {
      throw new ApiError(
        'InsufficientCapabilitiesException',
        `Requires capabilities : [${required.join(', ')}]`,
      );
    }
    return template;
  }

  /** @throws ApiError ValidationError for resource types that are not known. */
  checkTypes({ resources }: TemplateDocument): void {
    const types = new Set(Object.values(resources).map(({ Type }) => String(Type)));
    const unknown = [...types].filter((type) => !this.options.provider(type));
    if (unknown.length > 0) {
      throw invalid(`Template format error: Unrecognized resource types: [${unknown.join(', ')}]`);
    }
  }

  /** Whether an update with this template and these settings changes anything. */
  isChanged(stack: Stack, document: TemplateDocument, { parameters, tags }: StackSettings): boolean {
    const content = ({ parameters: p, mappings, conditions, resources, outputs }: TemplateDocument) => {
      return { parameters: p, mappings, conditions, resources, outputs };
    };
    if (stack.status.endsWith('_FAILED')) {
      return true;
    }
    const before = readTemplate(stack.template);
    const values = (declared: TemplateDocument, given: Readonly<Record<string, string>>) =>
      Object.keys(declared.parameters).map(
        (name) => given[name] ?? String(declared.parameters[name]?.Default),
      );
    return (
      !isDeepStrictEqual(content(before), content(document)) ||
      !isDeepStrictEqual(values(before, stack.parameters), values(document, parameters)) ||
      differences(stack.tags, tags).length > 0
    );
  }

  /** The stack that exports a name. */
  exporter(name: string): Stack | undefined {
    return this.#stacks.find((stack) => name in stack.exports);
  }

  /** The names of the stacks that import a name. */
  importers(exportName: string): string[] {
    return this.#stacks.filter(({ imports }) => imports.includes(exportName)).map(({ name }) => name);
  }

  /** A stack that is not in the list, such as for a template that is only validated. */
  scratch(name: string): Stack {
    const { accountId, partition, region } = this.options;
    const id = `arn:${partition}:cloudformation:${region}:${accountId}:stack/${name}/${randomUUID()}`;
    return newStack(name, id);
  }

  /** Reports that handlers are being ended, so that operations in progress fail. */
  close(): void {
    this.#isClosed = true;
  }

  #refuseExisting(name: string): void {
    if (this.find(name)) {
      throw new ApiError('AlreadyExistsException', `Stack [${name}] already exists`);
    }
  }

  #deploy(
    stack: Stack,
    kind: 'CREATE' | 'UPDATE' | 'IMPORT',
    template: Template,
    input: StackInput,
  ): Started {
    const { tags, capabilities, roleArn, onFailure = 'ROLLBACK', targets = new Map() } = input;
    const { parameters, document } = template;
    const settings = { template: document.text, parameters, tags, capabilities, roleArn };
    const keepsFailed = onFailure === 'DO_NOTHING';
    stack.roleArn = roleArn;
    return this.#begin(stack, input.caller, input.token, async (operation) => {
      await operation.deploy({ kind, template, settings, targets, keepsFailed });
      if (onFailure === 'DELETE' && stack.status === 'ROLLBACK_COMPLETE') {
        await operation.delete({ retain: [], force: false });
      }
    });
  }

  #begin(
    stack: Stack,
    caller: Session,
    token: string | undefined,
    act: (operation: StackOperation) => Promise<void>,
  ): Started {
    const options: OperationOptions = {
      emit: this.#writer(stack, token),
      caller,
      provider: (type) => this.#provider(type),
      exported: (name) => this.exporter(name)?.exports[name],
      importers: (name) => this.importers(name).filter((it) => it !== stack.name),
    };
    const operation = new StackOperation(stack, options);
    return this.#watch(stack, operation, act(operation));
  }

  #watch(stack: Stack, operation: StackOperation, acting: Promise<void>): Started {
    const done = acting.then(() => stack);
    this.#running.set(stack.id, { operation, done });
    done.catch((error: unknown) => {
      // A fault of this account, not of a resource: it must show, and the stack must not stay in progress.
      if (!this.#isClosed) {
        console.error('local account:', error);
      }
      this.#writer(stack, undefined)(
        undefined,
        stack.status.replace('IN_PROGRESS', 'FAILED'),
        'Internal Failure',
      );
    });
    return { stack, done };
  }

  #writer(stack: Stack, token: string | undefined): Emit {
    return eventWriter(stack, token, this.options.onEvent ?? (() => {}));
  }

  #provider(type: string): Provider {
    const provider = this.options.provider(type);
    if (provider) {
      return provider;
    }
    throw invalid(`Template format error: Unrecognized resource types: [${type}]`);
  }
}

/** The properties that give IAM resources names of one's own. */
const NAMES: Readonly<Record<string, string>> = {
  'AWS::IAM::InstanceProfile': 'InstanceProfileName',
  'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
  'AWS::IAM::Role': 'RoleName',
};

/** What a template must be acknowledged for (user guide, "using-iam-template", "Acknowledging IAM resources"). */
export function capabilitiesOf({ resources }: TemplateDocument): string[] {
  const nodes = Object.values(resources).filter(({ Type }) => String(Type).startsWith('AWS::IAM::'));
  if (nodes.length === 0) {
    return [];
  }
  const isNamed = nodes.some(({ Type, Properties = {} }) =>
    Object.hasOwn(Properties as Model, NAMES[String(Type)] ?? ''),
  );
  return [isNamed ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM'];
}
