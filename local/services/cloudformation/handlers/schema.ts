import { readFileSync } from 'node:fs';

/** What CloudFormation reads of a resource type's schema. */
export interface TypeSchema {
  typeName: string;
  primaryIdentifier: string[];
  createOnlyProperties?: string[];
  readOnlyProperties?: string[];
  description?: string;
  properties?: Record<string, unknown>;
  handlers?: Record<string, { timeoutInMinutes?: number }>;
}

/** How long an operation may take, in minutes, where the schema does not say (CLI user guide, "resource-type-schema"). */
const DEFAULT_TIMEOUT = 120;

/** How long an operation such as `CREATE` may take in all, in seconds. */
export function timeoutSeconds({ handlers }: TypeSchema, action: string): number {
  return 60 * (handlers?.[action.toLowerCase()]?.timeoutInMinutes ?? DEFAULT_TIMEOUT);
}

/** Reads a schema file. @throws Error when it is missing or is not JSON. */
export function readSchema(path: string): TypeSchema {
  return JSON.parse(readFileSync(path, 'utf8')) as TypeSchema;
}

/** `/properties/RoleArn` is the property `RoleArn`. */
export function propertyNames(pointers: string[] | undefined): string[] {
  return (pointers ?? []).map((pointer) => pointer.replace('/properties/', ''));
}

/** The identifier of a resource as one text: the values of its primary identifier, joined by `|`. */
export function identifierOf(
  { primaryIdentifier }: TypeSchema,
  model: Readonly<Record<string, unknown>>,
): string {
  return propertyNames(primaryIdentifier)
    .map((name) => String(model[name]))
    .join('|');
}

/** The model that has nothing but the primary identifier. */
export function identifierModel(
  { primaryIdentifier }: TypeSchema,
  identifier: string | Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const values = typeof identifier === 'string' ? identifier.split('|') : undefined;
  const names = propertyNames(primaryIdentifier);
  return Object.fromEntries(
    names.map((name, index) => [
      name,
      values ? values[index] : (identifier as Record<string, unknown>)[name],
    ]),
  );
}
