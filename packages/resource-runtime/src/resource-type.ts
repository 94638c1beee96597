import type { AwsError } from './aws/aws-error';
import type { Caller } from './aws/caller';
import type { Steps } from './protocol/callback-context';
import type { Fields } from './protocol/fields';
import type { Model, ProgressEvent } from './protocol/progress';

/**
 * A resource type, as the runtime uses it: a plain object of functions. They throw a `HandlerError` for an error that
 * they find themselves, do not catch an `AwsError`, and keep nothing from one request to the next.
 *
 * @typeParam Identifier What identifies a resource: all that read and delete get.
 * @typeParam Desired A resource as a template declares it, defaults included.
 * @typeParam Filter What listed resources must have in common.
 */
export interface ResourceType<Identifier, Desired extends Identifier, Filter> {
  /** Such as `Example::Memory::Note`; used if a request does not name its type. */
  readonly typeName: string;
  /** Of the type's package, such as `1.1.0`: the log line names it. */
  readonly version?: string;
  readonly parse: Parsers<Identifier, Desired, Filter>;
  readonly operations: Operations<Identifier, Desired, Filter>;
  /** The model of a resource. Of an identifier, only the properties that identify the resource. */
  toModel(resource: Identifier): Model;
  /**
   * What a request is about, by name for the log line, such as `{ noteId: '7' }`. Messages name the resource by the
   * values, joined by `|`: those of the primary identifier, in the schema's order. Empty for a list of everything.
   */
  describe(target: Identifier | Filter): Readonly<Record<string, string>>;
  /** What to do about an error of AWS, if the runtime's own advice is too general. One or two sentences. */
  advise?(error: AwsError): string | undefined;
  /**
   * Finds out what a denied call means for a resource. Without it, a denial is `AccessDenied`.
   *
   * @param isFinal Whether the operation ends with this error. If it does not, only `code` matters.
   * @returns It must not throw if its own calls fail; see `settledWithin`.
   */
  explainDenial?(
    denial: AwsError,
    resource: Identifier,
    handler: Caller,
    isFinal: boolean,
  ): Promise<DenialMeaning>;
}

/** How the properties of a request are parsed. @throws HandlerError if they are wrong. */
interface Parsers<Identifier, Desired, Filter> {
  /** For create and update: what a template asks for. Refuse unknown properties. */
  desired(properties: Fields, request: RequestScope): Desired;
  /** For read and delete. Ignore unknown properties: another version of the type can have written them. */
  identifier(properties: Fields, request: RequestScope): Identifier;
  /** For list. Without properties, the list contains everything. */
  filter(properties: Fields, request: RequestScope): Filter;
}

/** The rest of the request that its properties are checked against. */
export interface RequestScope {
  /** The account of the stack: twelve digits. */
  readonly accountId: string;
  readonly region: string;
  /** What an update changes; empty for the other operations. Refuse a change of a create-only property. */
  readonly previousProperties: Fields;
}

/**
 * The five operations of the handler contract. `handler` is the execution role as caller. `steps` says which steps
 * earlier invocations of the same operation have done.
 */
interface Operations<Identifier, Desired, Filter> {
  /**
   * Returns the model. Complete the step `checked` before an `IN_PROGRESS`: CloudFormation then has the identifier.
   *
   * @throws HandlerError `AlreadyExists`
   */
  create(desired: Desired, handler: Caller, steps: Steps): Promise<ProgressEvent>;
  /** Returns the whole model, and never `IN_PROGRESS`. @throws HandlerError `NotFound` */
  read(identifier: Identifier, handler: Caller): Promise<ProgressEvent>;
  /** Returns the whole model. @throws HandlerError `NotFound` */
  update(desired: Desired, handler: Caller, steps: Steps): Promise<ProgressEvent>;
  /** Returns no model. @throws HandlerError `NotFound` */
  delete(identifier: Identifier, handler: Caller, steps: Steps): Promise<ProgressEvent>;
  /**
   * Returns the models of one page, and never `IN_PROGRESS`.
   *
   * @param nextToken From the page before; `undefined` for the first page.
   */
  list(filter: Filter, handler: Caller, nextToken: string | undefined): Promise<ProgressEvent>;
}

/** What a denied call means for the resource: the resource is missing, or a permission. */
export type DenialMeaning =
  | { readonly code: 'NotFound'; readonly message: string }
  | {
      readonly code: 'AccessDenied';
      readonly message: string;
      /** Why it is not known whether the resource exists, if AWS did not answer that question. */
      readonly unanswered?: AwsError | undefined;
    };
