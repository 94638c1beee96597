import type { AwsError } from './aws/aws-error';
import type { Caller } from './aws/caller';
import { parseCallbackContext, Steps } from './protocol/callback-context';
import type { Action, Envelope } from './protocol/envelope';
import type { Model, ProgressEvent } from './protocol/progress';
import type { DenialMeaning, ResourceType } from './resource-type';

/** A parsed request: an operation on one resource, or a list. */
export interface Operation {
  readonly action: Action;
  /** Names and values for the log line. */
  readonly subject: Readonly<Record<string, string>>;
  readonly steps: Steps;
  /** The resource's model, as far as the request contains it; `undefined` for a list. */
  readonly model: Model | undefined;
  run(handler: Caller): Promise<ProgressEvent>;
  advise(error: AwsError): string | undefined;
  explainDenial(denial: AwsError, handler: Caller, isFinal: boolean): Promise<DenialMeaning | undefined>;
}

/**
 * Parses what a request asks for.
 *
 * @throws HandlerError if the type refuses the properties, or the callback context is malformed.
 */
export function operationFor<Identifier, Desired extends Identifier, Filter>(
  type: ResourceType<Identifier, Desired, Filter>,
  envelope: Envelope,
): Operation {
  const { action, callbackContext } = envelope;
  const bound = bind(type, envelope);
  const answersAtOnce = action === 'READ' || action === 'LIST';
  const steps = new Steps(parseCallbackContext(answersAtOnce ? undefined : callbackContext));
  return {
    action,
    steps,
    subject: type.describe('resource' in bound ? bound.resource : bound.filter),
    model: 'resource' in bound ? type.toModel(bound.resource) : undefined,
    run: (handler) => bound.run(handler, steps),
    advise: (error) => type.advise?.(error),
    explainDenial: async (denial, handler, isFinal) =>
      'resource' in bound ? type.explainDenial?.(denial, bound.resource, handler, isFinal) : undefined,
  };
}

/** A function of the type, and the resource or filter that it is called with. */
type Bound<Identifier, Filter> = ({ readonly resource: Identifier } | { readonly filter: Filter }) & {
  run(handler: Caller, steps: Steps): Promise<ProgressEvent>;
};

function bind<Identifier, Desired extends Identifier, Filter>(
  { parse, operations }: ResourceType<Identifier, Desired, Filter>,
  envelope: Envelope,
): Bound<Identifier, Filter> {
  const { action, properties, nextToken } = envelope;
  switch (action) {
    case 'CREATE': {
      const resource = parse.desired(properties, envelope);
      return { resource, run: (handler, steps) => operations.create(resource, handler, steps) };
    }
    case 'READ': {
      const resource = parse.identifier(properties, envelope);
      return { resource, run: (handler) => operations.read(resource, handler) };
    }
    case 'UPDATE': {
      const resource = parse.desired(properties, envelope);
      return { resource, run: (handler, steps) => operations.update(resource, handler, steps) };
    }
    case 'DELETE': {
      const resource = parse.identifier(properties, envelope);
      return { resource, run: (handler, steps) => operations.delete(resource, handler, steps) };
    }
    case 'LIST': {
      const filter = parse.filter(properties, envelope);
      return { filter, run: (handler) => operations.list(filter, handler, nextToken) };
    }
  }
}
