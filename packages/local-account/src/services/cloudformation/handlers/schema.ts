export type Model = Record<string, unknown>;

export type Tags = Readonly<Record<string, string>>;

/** What CloudFormation reads of a resource type's schema. */
export interface TypeSchema {
  typeName: string;
  primaryIdentifier: string[];
  createOnlyProperties?: string[];
  description?: string;
  /** Missing means that the type is taggable (CLI user guide, "resource-type-schema"). */
  tagging?: { taggable?: boolean };
  /** The schema of what an account configures for the type. */
  typeConfiguration?: object;
  handlers?: Record<string, { timeoutInMinutes?: number }>;
}

/** How long an operation may take, in minutes, where the schema does not say (CLI user guide, "resource-type-schema"). */
const DEFAULT_TIMEOUT = 120;

/** How long an operation such as `CREATE` may take in all, in seconds. */
export function timeoutSeconds({ handlers }: TypeSchema, action: string): number {
  return 60 * (handlers?.[action.toLowerCase()]?.timeoutInMinutes ?? DEFAULT_TIMEOUT);
}

/** `/properties/RoleArn` is the property `RoleArn`. */
export function propertyNames(pointers: string[] | undefined): string[] {
  return (pointers ?? []).map((pointer) => pointer.replace('/properties/', ''));
}

/** The values of the primary identifier, joined by `|`, where the model has all of them. */
export function identifierOf(
  { primaryIdentifier }: TypeSchema,
  model: Model | null | undefined,
): string | undefined {
  const values = propertyNames(primaryIdentifier).map((name) => model?.[name]);
  return values.some((value) => value === undefined || value === null) ? undefined : values.join('|');
}

/** The model with only the primary identifier. */
export function identifierModel({ primaryIdentifier }: TypeSchema, identifier: string): Model {
  const names = propertyNames(primaryIdentifier);
  // A value that is the whole identifier can contain the separator.
  const values = names.length === 1 ? [identifier] : identifier.split('|');
  return Object.fromEntries(names.map((name, index) => [name, values[index]]));
}
