import { readFileSync } from 'node:fs';

/** What of a resource type's schema its driving takes. */
export interface TypeSchema {
  typeName: string;
  primaryIdentifier: string[];
  createOnlyProperties?: string[];
  readOnlyProperties?: string[];
  handlers?: Record<string, { timeoutInMinutes?: number }>;
}

/** How long an operation may take, in minutes, where the schema does not say (CLI user guide, "resource-type-schema"). */
const DEFAULT_TIMEOUT = 120;

/** How long an operation such as `CREATE` may take in all, in seconds. */
export function timeoutSeconds({ handlers }: TypeSchema, action: string): number {
  return 60 * (handlers?.[action.toLowerCase()]?.timeoutInMinutes ?? DEFAULT_TIMEOUT);
}

/** Reads a schema file. @throws Error when it is not there or is no JSON. */
export function readSchema(path: string): TypeSchema {
  return JSON.parse(readFileSync(path, 'utf8')) as TypeSchema;
}

/** `/properties/RoleArn` is the property `RoleArn`. */
export function propertyNames(pointers: string[] | undefined): string[] {
  return (pointers ?? []).map((pointer) => pointer.replace('/properties/', ''));
}
