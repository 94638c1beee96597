import Ajv from 'ajv';
import type { Action } from '../protocol/envelope';
import type { Model, ProgressEvent } from '../protocol/progress';

/** The parts of a resource type's schema that its models must fit. */
export interface TypeSchema {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly primaryIdentifier: readonly string[];
  readonly writeOnlyProperties?: readonly string[];
  readonly required?: readonly string[];
}

/**
 * What the handler contract finds wrong with the models of an event: a model that does not conform to the schema, that
 * lacks the primary identifier, or that, in a `SUCCESS`, has a write-only property.
 *
 * @param schema As the type is registered with.
 * @param action Of the operation. While a `DELETE` is in progress, its model needs no more than the identifier.
 */
export function problemsWithModels(event: ProgressEvent, schema: TypeSchema, action?: Action): string[] {
  if (event.status === 'FAILED') {
    return [];
  }
  const needed = action === 'DELETE' ? { ...schema, required: [] } : schema;
  const { resourceModel, resourceModels = [] } = { resourceModels: undefined, ...event };
  const models = resourceModel ? [resourceModel, ...(resourceModels ?? [])] : (resourceModels ?? []);
  return models.flatMap((model) => problemsWith(model, event.status === 'SUCCESS', needed));
}

function problemsWith(model: Model, isFinal: boolean, schema: TypeSchema): string[] {
  const { required = [], writeOnlyProperties = [], primaryIdentifier } = schema;
  // A model that was read lacks what can only be written, also where the schema requires it.
  const readable = required.filter((name) => !writeOnlyProperties.includes(`/properties/${name}`));
  const ajv = new Ajv({ strict: false, allErrors: true });
  const isValid = ajv.validate({ ...schema, required: isFinal ? readable : required }, model);
  return [
    ...(isValid ? [] : [ajv.errorsText()]),
    ...primaryIdentifier.filter((path) => !has(model, path)).map((path) => `${path} is missing`),
    ...writeOnlyProperties
      .filter((path) => isFinal && has(model, path))
      .map((path) => `${path} is write-only`),
  ];
}

function has(model: Model, path: string): boolean {
  const names = path.split('/').slice(2);
  return names.reduce<unknown>((value, name) => (value as Model | undefined)?.[name], model) !== undefined;
}
