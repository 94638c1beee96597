import type { AwsError } from './aws/aws-error';
import type { Caller } from './aws/caller';
import type { Steps } from './callback-context';
import type { DeadlineExceeded } from './deadline';
import type { Fields } from './fields';
import type { Model, ProgressEvent } from './progress';

/**
 * A resource type, as the runtime uses it: a plain object of functions. They throw a `HandlerError` for what they
 * find themselves, let an `AwsError` pass, and keep nothing from one request to the next.
 *
 * @typeParam Identifier What identifies a resource: all that read and delete are given.
 * @typeParam Desired A resource as a template declares it, defaults included.
 * @typeParam Filter What listed resources must have in common.
 */
export interface ResourceType<Identifier, Desired extends Identifier, Filter> {
  /** Such as `Example::Memory::Note`; used where a request does not name its type. */
  readonly typeName: string;
  readonly parse: Parsers<Identifier, Desired, Filter>;
  readonly operations: Operations<Identifier, Desired, Filter>;
  /** The model of a resource; of an identifier, as far as it goes. */
  toModel(resource: Identifier): Model;
  /**
   * What a request is about: names for the log line, values for the log line and messages, such as `{ noteId: '7' }`.
   * Empty for a list of everything.
   */
  describe(target: Identifier | Filter): Readonly<Record<string, string>>;
  /** What to do about an error of AWS, where the runtime's own advice is too general. One or two sentences. */
  advise?(error: AwsError): string | undefined;
  /**
   * Finds out what a denied call means for a resource. Without it, a denial is `AccessDenied`.
   *
   * @param isFinal Whether the operation ends with this answer. If it does not, only `code` matters.
   */
  explainDenial?(
    denial: AwsError,
    resource: Identifier,
    handler: Caller,
    isFinal: boolean,
  ): Promise<DenialMeaning>;
}

/** How the properties of a request are read. @throws HandlerError where they are wrong. */
interface Parsers<Identifier, Desired, Filter> {
  /** For create and update: what a template asks for. Refuse unknown properties. */
  desired(properties: Fields, request: RequestScope): Desired;
  /** For read and delete. Ignore unknown properties: another version of the type can have written them. */
  identifier(properties: Fields, request: RequestScope): Identifier;
  /** For list. Without properties, a list is of everything. */
  filter(properties: Fields, request: RequestScope): Filter;
}

/** What else of the request its properties are checked against. */
export interface RequestScope {
  /** The account of the stack: twelve digits. */
  readonly accountId: string;
  readonly region: string;
  /** What an update changes; empty for the other operations. Refuse a change of a create-only property. */
  readonly previousProperties: Fields;
}

/**
 * The five operations of the handler contract. `handler` is the execution role as caller. `steps` are the steps that
 * are already done where CloudFormation invokes an operation again.
 */
interface Operations<Identifier, Desired, Filter> {
  /** Complete the step `checked` before an `IN_PROGRESS`: CloudFormation then has the identifier. */
  create(desired: Desired, handler: Caller, steps: Steps): Promise<ProgressEvent>;
  read(identifier: Identifier, handler: Caller): Promise<ProgressEvent>;
  update(desired: Desired, handler: Caller, steps: Steps): Promise<ProgressEvent>;
  delete(identifier: Identifier, handler: Caller, steps: Steps): Promise<ProgressEvent>;
  /** @param nextToken Where the page before ended; `undefined` for the first page. */
  list(filter: Filter, handler: Caller, nextToken: string | undefined): Promise<ProgressEvent>;
}

/** What a denied call means for the resource. */
export interface DenialMeaning {
  readonly code: 'AccessDenied' | 'NotFound';
  readonly message: string;
  /** Why it is not certain that the resource exists, where AWS did not answer that question. */
  readonly unanswered?: AwsError | DeadlineExceeded | undefined;
}
