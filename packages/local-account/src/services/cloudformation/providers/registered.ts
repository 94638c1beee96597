import {
  type DriverOptions,
  type RunInput,
  type RunnableType,
  type RunResult,
  runHandlers,
} from '../handlers/driver';
import type { Action } from '../handlers/handler-contract';
import { identifierModel, identifierOf, type Model, propertyNames } from '../handlers/schema';
import { type Existing, handlerFailure, type Place, type Provider, type ResourceFailure } from './provider';

/** Resources of a registered type, through its handlers. */
export function registeredProvider(type: RunnableType, options: DriverOptions): Provider {
  const { schema } = type;
  /** Such a model has the identifier; see `readProgress` and `RunResult.held`. */
  const describe = (model: Model | null | undefined) => ({
    physicalId: identifierOf(schema, model) as string,
    attributes: { ...model },
  });
  const run = (action: Action, { stackId, logicalId }: Place, input: RunInput) =>
    runHandlers(type, action, { stackId, logicalId, ...input }, options);
  return {
    identifiers: propertyNames(schema.primaryIdentifier),
    createOnly: propertyNames(schema.createOnlyProperties),
    async create(properties, place, initiated) {
      const result = await run('CREATE', place, { properties, onIdentifier: initiated });
      const { final, held } = result;
      if (final.status === 'SUCCESS') {
        return { ...describe(final.resourceModel), properties };
      }
      throw failure(result, held && { ...describe(held), properties });
    },
    async update(current, properties, place) {
      const result = await run('UPDATE', place, {
        // The handler also gets an identifier that is not in templates, since it is read-only.
        properties: { ...identifierModel(schema, current.physicalId), ...properties },
        previousProperties: current.properties,
      });
      if (result.final.status === 'SUCCESS') {
        return { ...describe(result.final.resourceModel), properties };
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
      return describe(result.final.resourceModel);
    },
  };
}

function failure({ final, bearerToken }: RunResult, leftBehind?: Existing): ResourceFailure {
  const { message = '', errorCode = 'InternalFailure' } = final;
  return handlerFailure(message, errorCode, bearerToken, leftBehind);
}
