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
export function identifierOf({ primaryIdentifier }: TypeSchema, model?: Model | null): string | undefined {
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

export type Action = 'CREATE' | 'READ' | 'UPDATE' | 'DELETE' | 'LIST';

/** What a handler answers (CloudFormation CLI user guide, "resource-type-test-progressevent"). */
export interface ProgressEvent {
  status: 'IN_PROGRESS' | 'SUCCESS' | 'FAILED';
  errorCode?: string;
  message?: string;
  callbackContext?: Record<string, unknown> | null;
  callbackDelaySeconds?: number;
  resourceModel?: Model | null;
  resourceModels?: Model[] | null;
  nextToken?: string | null;
}

/** Codes after which CloudFormation invokes the handler again ("resource-type-test-contract-errors"). */
export const RETRIABLE = ['NetworkFailure', 'ResourceConflict', 'ServiceInternalError', 'Throttling'];

export function failed(errorCode: string, message: string): ProgressEvent {
  return { status: 'FAILED', errorCode, message };
}

/** A handler's answer, or `InternalFailure` where it breaks the contract ("resource-type-test-contract"). */
export function readProgress(payload: unknown, action: Action, schema: TypeSchema): ProgressEvent {
  const event = (payload ?? {}) as ProgressEvent;
  const { status, errorCode, resourceModel, resourceModels } = event;
  const isModelRequired = action !== 'LIST' && action !== 'DELETE';
  const isSuccess = status === 'SUCCESS';
  const breaches: readonly [boolean, string][] = [
    [!['IN_PROGRESS', 'SUCCESS', 'FAILED'].includes(status), `The handler answered with status ${status}`],
    [status === 'FAILED' && !errorCode, 'The handler failed without an error code'],
    [status === 'IN_PROGRESS' && ['READ', 'LIST'].includes(action), `${action} must not answer IN_PROGRESS`],
    [isSuccess && action === 'LIST' && !Array.isArray(resourceModels), 'LIST answered no list of models'],
    [isSuccess && action === 'DELETE' && !!resourceModel, 'A successful DELETE must not return a model'],
    [
      status !== 'FAILED' && isModelRequired && identifierOf(schema, resourceModel) === undefined,
      `${action} answered ${status} without a model that has the primary identifier`,
    ],
  ];
  const [, breach] = breaches.find(([isBroken]) => isBroken) ?? [];
  return breach === undefined ? event : failed('InternalFailure', breach);
}
