import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { ApiError, invalid, unsatisfied } from '../../../gateway/errors';
import { isObject } from '../../../gateway/model';
import { cloudFormationArn } from '../../../ids';
import type { Session } from '../../sts/store';
import { differences, type Provider } from '../providers/provider';
import { type Document, existing, refuseAny } from '../template/document';
import { parseTemplate, type Template } from '../template/template';
import { type Kind, StackOperation } from './operation';
import { type Actor, Stack, type StackEvent, type StackInput, stackReferences } from './stack';

interface StacksOptions {
  readonly accountId: string;
  readonly region: string;
  /** The provider of a resource type, if the type is known. */
  provider(type: string): Provider | undefined;
  readonly onStackEvent?: ((event: StackEvent) => void) | undefined;
}

/** API reference, CreateStack, `StackName`. */
const STACK_NAME = /^[a-zA-Z][-a-zA-Z0-9]{0,127}$/;
const NAME_CONSTRAINT = 'satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*';
/** API reference, DescribeStacks, `StackName`: a name or an ARN. */
const STACK_ARN = /^arn:aws:cloudformation:[-a-z0-9]+:\d{12}:stack\/[-a-zA-Z0-9]+\/[-a-zA-Z0-9]+$/;
const UPDATABLE =
  /^(CREATE|UPDATE|UPDATE_ROLLBACK|IMPORT|IMPORT_ROLLBACK)_COMPLETE$|^(CREATE|UPDATE)_FAILED$/;

/** The stacks of one Region. One operation at a time on each; `ended` of the stack resolves with it. */
export class Stacks {
  /** The newest first, including deleted stacks. */
  readonly all: Stack[] = [];
  readonly #operations = new Map<Stack, StackOperation>();
  #isClosed = false;

  constructor(private readonly options: StacksOptions) {}

  /** A stack that is not deleted. */
  find(nameOrId: string): Stack | undefined {
    return this.all.find((it) => it.status !== 'DELETE_COMPLETE' && [it.name, it.id].includes(nameOrId));
  }

  /** A stack by its name or ID; a deleted stack only by its ID. */
  lookup(nameOrId: string): Stack | undefined {
    return this.find(nameOrId) ?? this.all.find(({ id }) => id === nameOrId);
  }

  /** As {@link lookup}. @throws ApiError ValidationError */
  get(nameOrId: string, message = `Stack with id ${nameOrId} does not exist`): Stack {
    return existing(this.lookup(nameOrId), message);
  }

  withResource(physicalId: string | undefined): Stack | undefined {
    return this.all.find(({ resources }) => resources.some((it) => it.physicalId === physicalId));
  }

  /** The ARN of a stack, or of all. A stack that does not exist has `*` for its ID. @throws ApiError ValidationError */
  arnOf(nameOrId = '*'): string {
    if (STACK_ARN.test(nameOrId)) {
      return nameOrId;
    }
    if (nameOrId !== '*' && !STACK_NAME.test(nameOrId)) {
      throw unsatisfied('StackName', nameOrId, `${NAME_CONSTRAINT}|arn:[-a-zA-Z0-9:/._+]*`);
    }
    return this.find(nameOrId)?.id ?? cloudFormationArn(this.options, `stack/${nameOrId}/*`);
  }

  /** A stack that is not in the list yet. @throws ApiError ValidationError for what cannot be a new stack's name. */
  draft(name: string, parent?: Stack): Stack {
    if (!STACK_NAME.test(name)) {
      throw unsatisfied('StackName', name, NAME_CONSTRAINT);
    }
    const id = cloudFormationArn(this.options, `stack/${name}/${randomUUID()}`);
    return new Stack(name, id, this.options.onStackEvent, parent);
  }

  /** Adds a draft that only has change sets so far. */
  review(draft: Stack): void {
    this.all.unshift(draft);
    draft.emit('REVIEW_IN_PROGRESS', 'User Initiated');
  }

  /** @throws ApiError AlreadyExistsException, InsufficientCapabilitiesException, ValidationError */
  create(name: string, input: StackInput, parent?: Stack): Stack {
    const known = this.find(name);
    if (known && !known.isUnderReview) {
      throw new ApiError('AlreadyExistsException', `Stack [${name}] already exists`);
    }
    const stack = known ?? this.draft(name, parent);
    const template = this.parse(stack, input);
    if (!known) {
      this.all.unshift(stack);
    }
    this.#begin(stack, input, (operation) => operation.deploy('CREATE', template, input));
    return stack;
  }

  /** @throws ApiError as `create` */
  update(stack: Stack, input: StackInput): void {
    this.checkUpdatable(stack);
    const template = this.parse(stack, input);
    if (!this.isUpdatedBy(stack, template, input)) {
      throw invalid('No updates are to be performed.');
    }
    this.deploy('UPDATE', stack, template, input);
  }

  /** Updates a stack or imports into it. Updating a stack under review creates it. */
  deploy(kind: Kind, stack: Stack, template: Template, input: StackInput, changeSetId?: string): void {
    const deployed = stack.isUnderReview && kind === 'UPDATE' ? 'CREATE' : kind;
    Object.assign(stack, { lastUpdatedTime: new Date(), changeSetId });
    this.#begin(stack, input, (operation) => operation.deploy(deployed, template, input));
  }

  /** @throws ApiError ValidationError for a stack whose status does not allow an update. */
  checkUpdatable({ id, status }: Stack): void {
    if (!UPDATABLE.test(status)) {
      throw invalid(`Stack:${id} is in ${status} state and can not be updated.`);
    }
  }

  /**
   * Deletes a stack, also one that is being created. A stack that is being deleted is left to that.
   *
   * @param retain Resources that are kept, after a delete that failed.
   * @throws ApiError ValidationError when the stack must not be deleted.
   */
  delete(stack: Stack, actor: Actor, retain: readonly string[] = []): void {
    const { name, id, status, isProtected } = stack;
    if (status === 'DELETE_IN_PROGRESS') {
      return;
    }
    if (isProtected) {
      throw invalid(`Stack [${name}] cannot be deleted while TerminationProtection is enabled`);
    }
    const creating = status === 'CREATE_IN_PROGRESS' ? stack.ended : undefined;
    if (status.endsWith('_IN_PROGRESS') && !stack.isUnderReview && !creating) {
      throw invalid(`Stack [${id}] cannot be deleted while in status ${status}`);
    }
    if (retain.length > 0 && status !== 'DELETE_FAILED') {
      const limit = 'RetainResources only applies to stacks in DELETE_FAILED';
      throw invalid(`Invalid operation on stack [${id}]. ${limit}.`);
    }
    if (creating) {
      this.cancel(stack);
    }
    this.#begin(stack, actor, (operation) => operation.delete(retain, creating));
  }

  /** @throws ApiError ValidationError if no rollback failed. */
  continueRollback(stack: Stack, skip: readonly string[], caller: Session): void {
    const last = this.#operations.get(stack);
    if (stack.status !== 'UPDATE_ROLLBACK_FAILED' || !last) {
      throw invalid(`Stack:${stack.id} is in ${stack.status} state and can not continue an update rollback.`);
    }
    this.#watch(stack, last.continueRollback(skip, caller));
  }

  /** Makes the operation on a stack fail before its next step. */
  cancel(stack: Stack): void {
    this.#operations.get(stack)?.cancel();
  }

  /** A template with the values of its parameters. @throws ApiError InsufficientCapabilitiesException, ValidationError */
  parse({ id }: Stack, { template: text, parameters, capabilities }: StackInput): Template {
    const template = parseTemplate(text, id, parameters);
    this.typesIn(template.document);
    const required = capabilitiesOf(template.document).filter((it) => !capabilities.includes(it));
    if (required.length > 0 && !capabilities.includes('CAPABILITY_NAMED_IAM')) {
      const message = `Requires capabilities : [${required.join(', ')}]`;
      throw new ApiError('InsufficientCapabilitiesException', message);
    }
    return template;
  }

  /** A resource's metadata, resolved; empty if its template has none. */
  metadata(stack: Stack, logicalId: string): unknown {
    const { template } = stack;
    const { Metadata = {} } = template?.document.sections.Resources[logicalId] ?? {};
    return template?.resolve(Metadata, stackReferences(stack, this.all, '')) ?? {};
  }

  /** The resource types of a template. @throws ApiError ValidationError for types that are not known. */
  typesIn({ sections: { Resources } }: Document): string[] {
    const types = [...new Set(Object.values(Resources).map(({ Type }) => String(Type)))];
    const unknown = types.filter((type) => !this.options.provider(type));
    refuseAny(unknown, unrecognized);
    return types;
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

  /** Whether there is something to update: a change, or a nested stack, whose template can have changed. */
  isUpdatedBy(stack: Stack, template: Template, input: StackInput): boolean {
    const hasNested = template.resources.some(({ type }) => this.provider(type).nested);
    return hasNested || this.isChanged(stack, template, input);
  }

  /** @throws ApiError ValidationError for a type that is not known. */
  provider(type: string): Provider {
    return existing(this.options.provider(type), unrecognized(type));
  }

  /** Reports that handlers are being ended, so that operations in progress fail. */
  close(): void {
    this.#isClosed = true;
  }

  #begin(stack: Stack, { token, caller, roleArn }: Actor, act: (operation: StackOperation) => Promise<void>) {
    stack.token = token;
    stack.input = { ...stack.input, roleArn };
    const operation = new StackOperation(stack, this, caller);
    this.#operations.set(stack, operation);
    this.#watch(stack, act(operation));
  }

  #watch(stack: Stack, acting: Promise<void>): void {
    stack.ended = acting;
    acting.catch((error: unknown) => {
      // An error of the local account, not of a resource: report it, and end the operation.
      if (!this.#isClosed) {
        console.error('local account:', error);
      }
      stack.emit(stack.status.replace('IN_PROGRESS', 'FAILED'), 'Internal Failure');
    });
  }
}

function unrecognized(types: string): string {
  return `Template format error: Unrecognized resource types: [${types}]`;
}

/** The capabilities that a template requires (user guide, "using-iam-template", "Acknowledging IAM resources"). */
export function capabilitiesOf({ sections: { Resources } }: Document): string[] {
  const nodes = Object.values(Resources).filter(({ Type }) => String(Type).startsWith('AWS::IAM::'));
  // An inline policy always has a name, which is unique within its role only.
  const isNamed = nodes.some(({ Type, Properties }) => {
    const name = `${String(Type).replace('AWS::IAM::', '')}Name`;
    return isObject(Properties) && name !== 'PolicyName' && Object.hasOwn(Properties, name);
  });
  return nodes.length > 0 ? [isNamed ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM'] : [];
}
