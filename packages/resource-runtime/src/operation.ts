import type { Caller, CallScope } from './calls/caller';
import { HandlerError, NoExecutionRole } from './errors/handler-error';
import type { ServiceError } from './errors/service-error';
import { type Notes, parseCallbackContext } from './protocol/callback-context';
import type { Action, Envelope } from './protocol/envelope';
import type { Fields } from './protocol/fields';
import type { Model, ProgressEvent } from './protocol/progress';
import { Steps } from './protocol/steps';
import type { RequestScope, ResourceRequest, ResourceType } from './resource-type';

/** A parsed request: an operation on one resource, or a list. */
export interface Operation {
  readonly action: Action;
  /** Names and values for the log line, as far as they are known by now. */
  readonly subject: Readonly<Record<string, string>>;
  readonly steps: Steps;
  /** The resource's model, as far as the request contains it; `undefined` for a list. */
  readonly model: Model | undefined;
  run(): Promise<ProgressEvent>;
  explain(error: ServiceError, canWait: boolean): Promise<HandlerError | ServiceError | undefined>;
}

/** What a request is run with. */
export interface Means extends CallScope {
  /** The execution role; `undefined` if the request has no valid credentials. */
  readonly caller: Caller | undefined;
  log(entry: object): void;
}

/**
 * Parses what a request asks for.
 *
 * @throws HandlerError if the type refuses the properties or the configuration, or has no such operation; if the
 * callback context is malformed.
 */
export function operationFor<Identifier, Desired, Filter, Configuration, N extends Notes>(
  type: ResourceType<Identifier, Desired, Filter, Configuration, N>,
  envelope: Envelope,
  means: Means,
): Operation {
  const { action, properties } = envelope;
  addSecrets(type, envelope, means);
  // A type without this function has no configuration: the type parameter is then undefined.
  const configuration = type.parse.configuration?.(envelope.typeConfiguration) as Configuration;
  const answersAtOnce = action === 'READ' || action === 'LIST';
  const context = parseCallbackContext(answersAtOnce ? undefined : envelope.callbackContext);
  const steps = new Steps<N>(context, means.secrets, (identified) => {
    // A create has no identifier before, if the service assigns it.
    subject = subjectOf(type.parse.identifier(new Map(Object.entries(identified)), scope));
  });
  const { accountId, region, logicalResourceId, previousProperties, tags, previousTags, idempotencyKey } =
    envelope;
  // Not the whole envelope: it has the credentials of the logging role.
  const scope: RequestScope<Configuration, N> = {
    action,
    accountId,
    region,
    logicalResourceId,
    previousProperties,
    tags,
    previousTags,
    configuration,
    steps,
    idempotencyKey,
  };
  const request = requestOf(scope, envelope, means);
  const { target, model, run } = bind(type, properties, scope, request);
  const subjectOf = (it: Identifier | Desired | Filter) => type.subjectOf?.(it) ?? {};
  let subject = subjectOf(target);
  return {
    action,
    steps,
    get subject() {
      return subject;
    },
    model,
    run,
    explain: async (error, canWait) => type.explain?.(error, target, request, canWait),
  };
}

function requestOf<Configuration, N extends Notes>(
  scope: RequestScope<Configuration, N>,
  { nextToken }: Envelope,
  { caller, log, deadline, secrets, calls }: Means,
): ResourceRequest<Configuration, N> {
  return {
    ...scope,
    deadline,
    secrets,
    calls,
    nextToken,
    log,
    get handlerRole() {
      if (!caller) {
        throw new NoExecutionRole();
      }
      return caller;
    },
  };
}

/** What an operation is about, and how to run it. */
interface Bound<Target> {
  readonly target: Target;
  readonly model: Model | undefined;
  run(): Promise<ProgressEvent>;
}

function bind<Identifier, Desired, Filter, Configuration, N extends Notes>(
  { parse, operations, toModel }: ResourceType<Identifier, Desired, Filter, Configuration, N>,
  properties: Fields,
  scope: RequestScope<Configuration, N>,
  request: ResourceRequest<Configuration, N>,
): Bound<Identifier | Desired | Filter> {
  type Operate<Target> =
    | ((target: Target, request: ResourceRequest<Configuration, N>) => Promise<ProgressEvent>)
    | undefined;
  const bound = <Target>(
    target: Target,
    operate: Operate<Target>,
    model: Model | undefined,
  ): Bound<Target> => ({
    target,
    model,
    run: async () => (operate ?? refuse(scope.action))(target, request),
  });
  switch (scope.action) {
    case 'CREATE':
    case 'UPDATE': {
      const desired = parse.desired(properties, scope);
      return bound(
        desired,
        scope.action === 'CREATE' ? operations.create : operations.update,
        toModel(desired),
      );
    }
    case 'READ':
    case 'DELETE': {
      const identifier = parse.identifier(properties, scope);
      return bound(
        identifier,
        scope.action === 'READ' ? operations.read : operations.delete,
        toModel(identifier),
      );
    }
    case 'LIST': {
      // A type without this function has no filter: the type parameter is then undefined.
      const filter = parse.filter?.(properties, scope) as Filter;
      return bound(filter, operations.list, undefined);
    }
  }
}

/** What a type answers that has no such operation: CloudFormation then replaces the resource, or does not ask. */
function refuse(action: Action): () => never {
  return () => {
    throw action === 'UPDATE'
      ? new HandlerError(
          'NotUpdatable',
          'Resources of this type cannot be updated: the resource must be replaced.',
        )
      : new HandlerError('InvalidRequest', `Resources of this type have no ${action} operation.`);
  };
}

function addSecrets(
  { secrets = {} }: Pick<ResourceType<unknown, unknown>, 'secrets'>,
  { properties, previousProperties, typeConfiguration }: Envelope,
  means: Means,
): void {
  const named = (fields: Fields, names: readonly string[] = []) => names.map((name) => fields.get(name));
  means.secrets.addNamed(
    ...named(properties, secrets.properties),
    ...named(previousProperties, secrets.properties),
    ...named(typeConfiguration, secrets.configuration),
  );
}
