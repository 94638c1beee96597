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
  const run = (action: Action, place: Place, input: RunInput) => {
    const { stackId, logicalId, stackTags, previousStackTags } = place;
    return runHandlers(type, action, { stackId, logicalId, stackTags, previousStackTags, ...input }, options);
  };
  return {
    identifiers: propertyNames(schema.primaryIdentifier),
    createOnly: propertyNames(schema.createOnlyProperties),
    isTaggable: schema.tagging?.taggable ?? true,
    async create(properties, task, initiated) {
      check(schema, properties, task);
      const { signal } = task;
      const result = await run('CREATE', task, { properties, onIdentifier: initiated, signal });
      if (result.final.status === 'SUCCESS') {
        return { ...existing(result.final.resourceModel), properties };
      }
      const leftBehind = result.held && { ...existing(result.held), properties };
      throw signal.aborted
        ? new ResourceFailure('Resource creation cancelled', 'InternalFailure', leftBehind)
        : failure(result, leftBehind);
    },
    async update({ physicalId, properties: previousProperties }, properties, place) {
      check(schema, properties, place);
      // The handler also gets an identifier that is not in templates, since it is read-only.
      const model = { ...identifierModel(schema, physicalId), ...properties };
      const result = await run('UPDATE', place, { properties: model, previousProperties });
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
      const properties = typeof identifier === 'string' ? identifierModel(schema, identifier) : identifier;
      const result = await run('READ', place, { properties });
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

function failure({ final, bearerToken }: RunResult, leftBehind?: Existing): ResourceFailure {
  const { message = '', errorCode = 'InternalFailure' } = final;
  return handlerFailure(message, errorCode, bearerToken, leftBehind);
}
