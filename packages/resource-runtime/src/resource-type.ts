import type { Caller, CallScope } from './calls/caller';
import type { HandlerError } from './errors/handler-error';
import type { ServiceError } from './errors/service-error';
import type { Notes } from './protocol/callback-context';
import type { Action } from './protocol/envelope';
import type { Fields } from './protocol/fields';
import type { Model, ProgressEvent } from './protocol/progress';
import type { Steps } from './protocol/steps';
import type { RequestTags } from './protocol/tags';

/**
 * A resource type, as the runtime uses it: a plain object of functions. They throw a `HandlerError` for an error that
 * they find themselves, let a `ServiceError` pass, and keep nothing from one request to the next.
 *
 * @typeParam Identifier What identifies a resource: all that read and delete get.
 * @typeParam Desired A resource as a template declares it, defaults included.
 * @typeParam Filter What listed resources must have in common.
 * @typeParam Configuration What an account configures for all resources of the type.
 * @typeParam N What an operation notes for its next invocation.
 */
export interface ResourceType<
  Identifier,
  Desired,
  Filter = undefined,
  Configuration = undefined,
  N extends Notes = Notes,
> {
  /** Such as `Example::Memory::Note`; used if a request does not name its type. */
  readonly typeName: string;
  /** Of the type's package, such as `1.1.0`: the log line names it. */
  readonly version?: string;
  readonly parse: Parsers<Identifier, Desired, Filter, RequestScope<Configuration, N>, Configuration>;
  readonly operations: Operations<Identifier, Desired, Filter, ResourceRequest<Configuration, N>>;
  /** The model of a resource; of an identifier, only the properties that identify the resource. */
  toModel(resource: Identifier | Desired): Model;
  /**
   * What a request is about, by name for the log line, such as `{ noteId: '7' }`. Messages name the resource by the
   * values, joined by `|`: those of the primary identifier, in the schema's order. Defaults to nothing.
   */
  subjectOf?(target: Identifier | Desired | Filter): Readonly<Record<string, string>>;
  /** The schema's `writeOnlyProperties`, which the runtime leaves out of every `SUCCESS` (handler contract). */
  readonly writeOnlyProperties?: readonly string[];
  /** Top-level properties, and fields of the configuration, whose texts are secrets: no log line or message has them. */
  readonly secrets?: { readonly properties?: readonly string[]; readonly configuration?: readonly string[] };
  /**
   * Turns an error of a service into a better one: it can find out more with calls of its own; see `resultOrError`.
   *
   * @param canWait Whether the operation waits after this error. If so, a `HandlerError` of the code that the error
   * would have anyway is not shown, and one of another code ends the operation.
   * @returns `undefined` to leave it as it is.
   */
  explain?(
    error: ServiceError,
    target: Identifier | Desired | Filter,
    request: ResourceRequest<Configuration, N>,
    canWait: boolean,
  ): Promise<HandlerError | ServiceError | undefined>;
}

/** How the parts of a request are parsed. @throws HandlerError if they are wrong. */
interface Parsers<Identifier, Desired, Filter, Scope, Configuration> {
  /** For create and update: what a template asks for. Refuse unknown properties. */
  desired(properties: Fields, request: Scope): Desired;
  /** For read and delete. Ignore unknown properties: another version of the type can have written them. */
  identifier(properties: Fields, request: Scope): Identifier;
  /** For list. Without properties, the list contains everything. Without this function, every list does. */
  filter?(properties: Fields, request: Scope): Filter;
  /** The type configuration; its fields are empty if the account has set none. @throws InvalidTypeConfiguration */
  configuration?(fields: Fields): Configuration;
}

/** A request, besides its properties. */
export interface RequestScope<Configuration = undefined, N extends Notes = Notes> {
  readonly action: Action;
  /** The account of the stack: twelve digits. */
  readonly accountId: string;
  readonly region: string;
  readonly logicalResourceId: string | undefined;
  /** What an update changes; empty for the other operations. Refuse a change of a create-only property. */
  readonly previousProperties: Fields;
  readonly tags: RequestTags;
  /** Before an update. */
  readonly previousTags: RequestTags;
  readonly configuration: Configuration;
  /** Which steps earlier invocations of the same operation have done. */
  readonly steps: Steps<N>;
  /**
   * The same for all invocations of one operation, also if CloudFormation repeats it from the start, and no secret.
   * Hand it to a service that takes such a key, so that a repeated create makes one resource. Missing if the request
   * has no token.
   */
  readonly idempotencyKey: string | undefined;
}

/** A request as an operation sees it. */
export interface ResourceRequest<Configuration = undefined, N extends Notes = Notes>
  extends RequestScope<Configuration, N>,
    CallScope {
  /** The execution role as caller. @throws HandlerError `InvalidCredentials` if the request has none. */
  readonly handlerRole: Caller;
  /** Of a list: from the page before; `undefined` for the first page. */
  readonly nextToken: string | undefined;
  /**
   * Adds a line to the log of this invocation, without secrets. Its lines are printed, and delivered to the log group
   * that the type is registered with.
   */
  log(entry: Readonly<Record<string, unknown>>): void;
}

/** The operations of the handler contract. A type without update is replaced, a type without list is not listed. */
interface Operations<Identifier, Desired, Filter, Request> {
  /**
   * Returns the model. Call `steps.identify` before an `IN_PROGRESS`: CloudFormation then has the identifier.
   *
   * @throws HandlerError `AlreadyExists`
   */
  create(desired: Desired, request: Request): Promise<ProgressEvent>;
  /** Returns the whole model, and never `IN_PROGRESS`. @throws HandlerError `NotFound` */
  read(identifier: Identifier, request: Request): Promise<ProgressEvent>;
  /** Returns the whole model. @throws HandlerError `NotFound` */
  update?(desired: Desired, request: Request): Promise<ProgressEvent>;
  /** Returns no model. @throws HandlerError `NotFound` */
  delete(identifier: Identifier, request: Request): Promise<ProgressEvent>;
  /** Returns the models of one page, and never `IN_PROGRESS`. */
  list?(filter: Filter, request: Request): Promise<ProgressEvent>;
}
