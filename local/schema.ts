import { readFileSync } from 'node:fs';

/** What of a resource type's schema its driving takes. */
export interface TypeSchema {
  typeName: string;
  primaryIdentifier: string[];
  createOnlyProperties?: string[];
  readOnlyProperties?: string[];
}

/** Reads a schema file. @throws Error when it is not there or is no JSON. */
export function readSchema(path: string): TypeSchema {
  return JSON.parse(readFileSync(path, 'utf8')) as TypeSchema;
}

/** `/properties/RoleArn` is the property `RoleArn`. */
export function propertyNames(pointers: string[] | undefined): string[] {
  return (pointers ?? []).map((pointer) => pointer.replace('/properties/', ''));
}
