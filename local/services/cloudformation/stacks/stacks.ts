import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { ApiError } from '../../../gateway/errors';
import { differences, type Provider } from '../providers/provider';
import { invalid, isNode, type TemplateDocument } from '../template/document';
import { parseTemplate, type Template } from '../template/template';
import { type StackContext, StackOperation } from './operation';
import { Stack, type StackEvent, type StackInput } from './stack';

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

/** How to delete a stack. */
interface DeleteInput {
  readonly token?: string | undefined;
  /** Resources that are kept. */
  readonly retain?: readonly string[];
  /** Whether resources that cannot be deleted are kept. */
  readonly force?: boolean;
}

const UPDATABLE =
  /^(CREATE|UPDATE|UPDATE_ROLLBACK|IMPORT|IMPORT_ROLLBACK)_COMPLETE$|^(CREATE|UPDATE)_FAILED$|^REVIEW_IN_PROGRESS$/;

/** The stacks of one Region. One operation at a time on each; `ended` of the stack resolves with it. */
export class Stacks implements StackContext {
  /** Deleted ones included, in the order of their creation. */
  readonly #stacks: Stack[] = [];
  /** The last operation on each. */
  readonly #operations = new Map<Stack, StackOperation>();
  #isClosed = false;

  constructor(private readonly options: StacksOptions) {}

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

  /** A stack that is not in the list yet. */
  draft(name: string): Stack {
    const { accountId, partition, region, onEvent = () => {} } = this.options;
    const id = `arn:${partition}:cloudformation:${region}:${accountId}:stack/${name}/${randomUUID()}`;
    return new Stack(name, id, onEvent);
  }

  /** Adds a draft that only has change sets so far. */
  review(draft: Stack): void {
    this.#stacks.push(draft);
    draft.emit('REVIEW_IN_PROGRESS', 'User Initiated');
  }

  /** @throws ApiError AlreadyExistsException, InsufficientCapabilitiesException, ValidationError */
  create(name: string, input: StackInput): Stack {
    if (this.find(name)) {
      throw new ApiError('AlreadyExistsException', `Stack [${name}] already exists`);
    }
    const stack = this.draft(name);
    const template = this.parse(stack, input);
    this.#stacks.push(stack);
    return this.#begin(stack, input, (operation) => operation.deploy('CREATE', template, input));
  }

  /** Deploys into a stack that is there: with `REVIEW_IN_PROGRESS` a create. @throws ApiError as `create` */
  update(stack: Stack, input: StackInput): Stack {
    this.checkUpdatable(stack);
    const template = this.parse(stack, input);
    const isNew = stack.status === 'REVIEW_IN_PROGRESS';
    if (!isNew && !input.targets?.size && !this.isChanged(stack, template, input)) {
      throw invalid('No updates are to be performed.');
    }
    stack.lastUpdatedTime = isNew ? undefined : new Date();
    const kind = isNew ? 'CREATE' : 'UPDATE';
    return this.#begin(stack, input, (operation) => operation.deploy(kind, template, input));
  }

  /** Imports resources that exist; nothing else of the stack may change. @throws ApiError as `create` */
  import(stack: Stack, input: StackInput): Stack {
    this.checkUpdatable(stack);
    const template = this.parse(stack, input);
    return this.#begin(stack, input, (operation) => operation.deploy('IMPORT', template, input));
  }

  /** @throws ApiError ValidationError for a stack whose status allows neither an update nor its creation. */
  checkUpdatable({ id, status }: Stack): void {
    if (!UPDATABLE.test(status)) {
      throw invalid(`Stack:${id} is in ${status} state and can not be updated.`);
    }
  }

  /** @throws ApiError ValidationError when the stack must not be deleted. */
  delete(stack: Stack, input: DeleteInput = {}): Stack {
    const { retain = [], force = false } = input;
    const { name, id, status } = stack;
    if (stack.isProtected) {
      throw invalid(`Stack [${name}] cannot be deleted while TerminationProtection is enabled`);
    }
    if (status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS') {
      throw invalid(`Stack [${id}] is in ${status} state and can not be deleted.`);
    }
    if ((retain.length > 0 || force) && status !== 'DELETE_FAILED') {
      const options = 'RetainResources and DeletionMode';
      throw invalid(`Invalid operation on stack [${id}]. ${options} only apply to stacks in DELETE_FAILED.`);
    }
    return this.#begin(stack, input, (operation) => operation.delete(retain, force));
  }

  /** @throws ApiError ValidationError when there is no rollback that failed. */
  continueRollback(stack: Stack, skip: readonly string[]): void {
    const last = this.#operations.get(stack);
    if (stack.status !== 'UPDATE_ROLLBACK_FAILED' || !last) {
      throw invalid(`Stack:${stack.id} is in ${stack.status} state and can not continue an update rollback.`);
    }
    this.#watch(stack, last.continueRollback(skip));
  }

  /** @throws ApiError ValidationError when no update is in progress. */
  cancelUpdate(stack: Stack): void {
    if (stack.status !== 'UPDATE_IN_PROGRESS') {
      throw invalid('CancelUpdateStack cannot be called from current stack status');
    }
    this.#operations.get(stack)?.cancel();
  }

  /** A template with its parameters decided. @throws ApiError InsufficientCapabilitiesException, ValidationError */
  parse({ name, id }: Stack, { template: text, parameters, capabilities }: StackInput): Template {
    const template = parseTemplate(text, { ...this.options, stackName: name, stackId: id }, parameters);
    this.checkTypes(template.document);
    const required = capabilitiesOf(template.document).filter((it) => !capabilities.includes(it));
    if (required.length > 0 && !capabilities.includes('CAPABILITY_NAMED_IAM')) {
      throw new ApiError(
        'InsufficientCapabilitiesException',
        `Requires capabilities : [${required.join(', ')}]`,
      );
    }
    return template;
  }

  /** @throws ApiError ValidationError for resource types that are not known. */
  checkTypes({ sections: { Resources } }: TemplateDocument): void {
    const types = new Set(Object.values(Resources).map(({ Type }) => String(Type)));
    const unknown = [...types].filter((type) => !this.options.provider(type));
    if (unknown.length > 0) {
      throw invalid(`Template format error: Unrecognized resource types: [${unknown.join(', ')}]`);
    }
  }

  /** Whether an update with this template and these settings changes anything. */
  isChanged(stack: Stack, template: Template, { tags }: StackInput): boolean {
    const content = (of: Template | undefined) => [of?.document.sections, of?.parameters];
    return (
      stack.status.endsWith('_FAILED') ||
      !isDeepStrictEqual(content(stack.template), content(template)) ||
      differences(stack.input.tags, tags).length > 0
    );
  }

  provider(type: string): Provider {
    const provider = this.options.provider(type);
    if (provider) {
      return provider;
    }
    throw invalid(`Template format error: Unrecognized resource types: [${type}]`);
  }

  importValue(name: string): string {
    const value = this.exporter(name)?.exports[name];
    if (value !== undefined) {
      return value;
    }
    throw invalid(`No export named ${name} found.`);
  }

  exporter(name: string): Stack | undefined {
    return this.#stacks.find((stack) => name in stack.exports);
  }

  importers(exportName: string): string[] {
    return this.#stacks.filter(({ imports }) => imports.includes(exportName)).map(({ name }) => name);
  }

  /** Reports that handlers are being ended, so that operations in progress fail. */
  close(): void {
    this.#isClosed = true;
  }

  #begin(
    stack: Stack,
    { token }: Pick<StackInput, 'token'>,
    act: (operation: StackOperation) => Promise<void>,
  ): Stack {
    const operation = new StackOperation(stack, this);
    this.#operations.set(stack, operation);
    stack.token = token;
    this.#watch(stack, act(operation));
    return stack;
  }

  #watch(stack: Stack, acting: Promise<void>): void {
    stack.ended = acting;
    acting.catch((error: unknown) => {
      // A fault of this account, not of a resource: it must show, and the stack must not stay in progress.
      if (!this.#isClosed) {
        console.error('local account:', error);
      }
      stack.emit(stack.status.replace('IN_PROGRESS', 'FAILED'), 'Internal Failure');
    });
  }
}

/** The properties that give IAM resources names of one's own. */
const NAMES: Readonly<Record<string, string>> = {
  'AWS::IAM::InstanceProfile': 'InstanceProfileName',
  'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
  'AWS::IAM::Role': 'RoleName',
};

/** What a template must be acknowledged for (user guide, "using-iam-template", "Acknowledging IAM resources"). */
export function capabilitiesOf({ sections: { Resources } }: TemplateDocument): string[] {
  const nodes = Object.values(Resources).filter(({ Type }) => String(Type).startsWith('AWS::IAM::'));
  if (nodes.length === 0) {
    return [];
  }
  const isNamed = nodes.some(
    ({ Type, Properties }) => isNode(Properties) && Object.hasOwn(Properties, NAMES[String(Type)] ?? ''),
  );
  return [isNamed ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM'];
}
