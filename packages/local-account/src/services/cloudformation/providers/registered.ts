import { type DriverOptions, type RunInput, type RunnableType, runHandlers } from '../handlers/driver';
import type { Action } from '../handlers/handler-contract';
import {
  identifierModel,
  identifierOf,
  type Model,
  propertyNames,
  type TypeSchema,
} from '../handlers/schema';
import { violations } from '../handlers/violations';
import {
  asFailure,
  handlerFailure,
  ifExists,
  missingProperty,
  type Place,
  type Provider,
  ResourceFailure,
} from './provider';

/** Resources of a registered type, through its handlers. */
export function registeredProvider(type: RunnableType, options: DriverOptions): Provider {
  const { schema } = type;
  /** Such a model has the identifier; see `readProgress` and `RunResult.held`. */
  const existing = (model: Model | null | undefined) => ({
    physicalId: identifierOf(schema, model) as string,
    attributes: { ...model },
  });
  /** An operation's resource. @throws ResourceFailure with what a failed create left behind. */
  const run = async (action: Action, place: Place, input: RunInput) => {
    const { stackId, logicalId, stackTags, previousStackTags } = place;
    const about = { stackId, logicalId, stackTags, previousStackTags, ...input };
    const { final, held, bearerToken } = await runHandlers(type, action, about, options);
    if (final.status === 'SUCCESS') {
      return existing(final.resourceModel);
    }
    const { message = '', errorCode = 'InternalFailure' } = final;
    const { properties = {} } = input;
    const leftBehind = action === 'CREATE' && held ? { ...existing(held), properties } : undefined;
    throw input.signal?.aborted
      ? new ResourceFailure('Resource creation cancelled', 'InternalFailure', leftBehind)
      : handlerFailure(message, errorCode, bearerToken, leftBehind);
  };
  return {
    identifiers: propertyNames(schema.primaryIdentifier),
    createOnly: propertyNames(schema.createOnlyProperties),
    isTaggable: schema.tagging?.taggable ?? true,
    async create(properties, task, initiated) {
      check(schema, properties, task);
      const input = { properties, onIdentifier: initiated, signal: task.signal };
      return { ...(await run('CREATE', task, input)), properties };
    },
    async update({ physicalId, properties: previousProperties }, properties, place) {
      check(schema, properties, place);
      // The handler also gets an identifier that is not in templates, since it is read-only.
      const model = { ...identifierModel(schema, physicalId), ...properties };
      return { ...(await run('UPDATE', place, { properties: model, previousProperties })), properties };
    },
    async delete({ physicalId }, place) {
      // The handler cannot rely on more than the identifier (CLI user guide, "resource-type-test-contract").
      await ifExists(run('DELETE', place, { properties: identifierModel(schema, physicalId) }));
    },
    async read(identifier, place) {
      const properties = typeof identifier === 'string' ? identifierModel(schema, identifier) : identifier;
      try {
        return await run('READ', place, { properties });
      } catch (error) {
        const failure = asFailure(error);
        if (failure.errorCode === 'NotFound') {
          return undefined;
        }
        throw failure;
      }
    },
  };
}

/**
 * Checks a template's properties, before a handler is invoked.
 *
 * @throws ResourceFailure in the words of stack events: of a missing property those that localstack's
 * test_invalid_stack_deploy recorded, of others those that users quote (aws-cdk issue 28984).
 */
function check(schema: TypeSchema, properties: Model, { logicalId }: Place): void {
  const found = violations(schema, properties, 'template');
  const [first] = found;
  if (first?.keyword === 'required') {
    throw missingProperty(first.params.missingProperty);
  }
  if (first) {
    const what = `Properties validation failed for resource ${logicalId} with message:`;
    const messages = found.map(({ message }) => message).join(', ');
    throw new ResourceFailure(`${what}\n[${messages}]`, 'InvalidRequest');
  }
}
