import {
  type DriverOptions,
  type RunInput,
  type RunnableType,
  type RunResult,
  runHandlers,
} from '../handlers/driver';
import type { Action, Model } from '../handlers/protocol';
import { identifierModel, identifierOf, propertyNames } from '../handlers/schema';
import { type Existing, handlerFailure, type Place, type Provider, type ResourceFailure } from './provider';

/** Resources of a registered type, through its handlers. */
export function registeredProvider(type: RunnableType, options: DriverOptions): Provider {
  const { schema } = type;
  const describe = (model: Model, properties: Model): Existing => ({
    physicalId: identifierOf(schema, model) ?? '',
    attributes: { ...model },
    properties,
  });
  const run = (action: Action, { stackId, logicalId }: Place, input: RunInput) =>
    runHandlers(type, action, { stackId, logicalId, ...input }, options);
  return {
    identifiers: () => propertyNames(schema.primaryIdentifier),
    createOnly: () => propertyNames(schema.createOnlyProperties),
    async create(properties, place, initiated) {
      const onModel = (model: Model) => {
        const identifier = identifierOf(schema, model);
        if (identifier !== undefined) {
          initiated(identifier);
        }
      };
      const result = await run('CREATE', place, { properties, onModel });
      const { final, held } = result;
      if (final.status === 'SUCCESS') {
        return describe(final.resourceModel ?? properties, properties);
      }
      const isIdentified = held && identifierOf(schema, held) !== undefined;
      throw failure(result, isIdentified ? describe(held, properties) : undefined);
    },
    async update(current, properties, place) {
      const result = await run('UPDATE', place, { properties, previousProperties: current.properties });
      if (result.final.status === 'SUCCESS') {
        return describe(result.final.resourceModel ?? properties, properties);
      }
      throw failure(result);
    },
    async delete(current, place) {
      const result = await run('DELETE', place, { properties: current.properties });
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
      const attributes = result.final.resourceModel ?? {};
      return { physicalId: identifierOf(schema, attributes) ?? '', attributes };
    },
  };
}

function failure({ final, bearerToken }: RunResult, leftBehind?: Existing): ResourceFailure {
  const { message = '', errorCode = 'InternalFailure' } = final;
  return handlerFailure(message, errorCode, bearerToken, leftBehind);
}
