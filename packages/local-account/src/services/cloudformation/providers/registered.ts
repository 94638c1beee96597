import {
  type DriverOptions,
  type RunInput,
  type RunnableType,
  type RunResult,
  runHandlers,
} from '../handlers/driver';
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
  type Existing,
  handlerFailure,
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
  const run = (
    action: Action,
    { stackId, logicalId, stackTags, previousStackTags }: Place,
    input: RunInput,
  ) => runHandlers(type, action, { stackId, logicalId, stackTags, previousStackTags, ...input }, options);
  return {
    identifiers: propertyNames(schema.primaryIdentifier),
    createOnly: propertyNames(schema.createOnlyProperties),
    isTaggable: schema.tagging?.taggable ?? true,
    async create(properties, task, initiated) {
      check(schema, properties, task);
      const { signal } = task;
      const result = await run('CREATE', task, { properties, onIdentifier: initiated, signal });
      const { final, held } = result;
      if (final.status === 'SUCCESS') {
        return { ...existing(final.resourceModel), properties };
      }
      const leftBehind = held && { ...existing(held), properties };
      if (signal.aborted) {
        throw new ResourceFailure('Resource creation cancelled', 'InternalFailure', leftBehind);
      }
      throw failure(result, leftBehind);
    },
    async update(current, properties, place) {
      check(schema, properties, place);
      const result = await run('UPDATE', place, {
        // The handler also gets an identifier that is not in templates, since it is read-only.
        properties: { ...identifierModel(schema, current.physicalId), ...properties },
        previousProperties: current.properties,
      });
      if (result.final.status === 'SUCCESS') {
        return { ...existing(result.final.resourceModel), properties };
      }
      throw failure(result);
    },
    async delete({ physicalId }, place) {
      // The handler cannot rely on more than the identifier (CLI user guide, "resource-type-test-contract").
      const result = await run('DELETE', place, { properties: identifierModel(schema, physicalId) });
      if (result.final.status !== 'SUCCESS' && result.final.errorCode !== 'NotFound') {
        throw failure(result);
      }
    },
    async read(identifier, place) {
      const model = typeof identifier === 'string' ? identifierModel(schema, identifier) : identifier;
      const result = await run('READ', place, { properties: model });
      if (result.final.errorCode === 'NotFound') {
        return undefined;
      }
      if (result.final.status !== 'SUCCESS') {
        throw failure(result);
      }
      return existing(result.final.resourceModel);
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
  if (found[0]?.keyword === 'required') {
    throw missingProperty(found[0].params.missingProperty);
  }
  if (found.length > 0) {
    const messages = found.map(({ message }) => message).join(', ');
    throw new ResourceFailure(
      `Properties validation failed for resource ${logicalId} with message:\n[${messages}]`,
      'InvalidRequest',
    );
  }
}

function failure({ final, bearerToken }: RunResult, leftBehind?: Existing): ResourceFailure {
  const { message = '', errorCode = 'InternalFailure' } = final;
  return handlerFailure(message, errorCode, bearerToken, leftBehind);
}
