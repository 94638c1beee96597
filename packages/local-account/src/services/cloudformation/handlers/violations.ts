import { Ajv, type ErrorObject } from 'ajv';

export interface Violation {
  /** The keyword of the schema, such as `required`. */
  readonly keyword: string;
  /** The place and the reason, such as `#: required key [RoleArn] not found`. */
  readonly message: string;
  readonly params: ErrorObject['params'];
}

// A type's schema has keywords of CloudFormation and patterns of Java, and every version has the same `$id`.
const OPTIONS = { strict: false, validateSchema: false, validateFormats: false, unicodeRegExp: false };
const COMMON = { ...OPTIONS, addUsedSchema: false, allErrors: true, verbose: true };
const exactly = new Ajv(COMMON);
/** Templates can have one scalar for another, such as `1` for `"1"`. */
const leniently = new Ajv({ ...COMMON, coerceTypes: true });

/**
 * What everit-org/json-schema, AWS's validator, says: unknown properties and types as recorded in localstack's
 * test_cloudcontrol_api, the other lines as stack events quote them.
 */
const WORDS: Readonly<Record<string, (error: ErrorObject) => string>> = {
  additionalProperties: ({ params }) => `extraneous key [${params.additionalProperty}] is not permitted`,
  required: ({ params }) => `required key [${params.missingProperty}] not found`,
  type: ({ params, data }) =>
    `expected type: ${params.type.map?.(javaType) ?? javaType(params.type)}, found: ${javaType(typeOf(data))}`,
  enum: ({ data }) => `${data} is not a valid enum value`,
  minLength: ({ params, data }) => `expected minLength: ${params.limit}, actual: ${String(data).length}`,
  maxLength: ({ params, data }) => `expected maxLength: ${params.limit}, actual: ${String(data).length}`,
};

/**
 * How a model breaks the schema of its type, unknown properties first.
 *
 * @param source Where the model comes from. In templates, scalars can have any type.
 */
export function violations(schema: object, model: unknown, source: 'request' | 'template'): Violation[] {
  const validate = (source === 'template' ? leniently : exactly).compile(schema);
  // Coercion changes the model, and handlers get it as it is written.
  validate(structuredClone(model));
  const rank = ({ keyword }: Violation) => (keyword === 'additionalProperties' ? 0 : 1);
  const found = (validate.errors ?? []).map((error): Violation => {
    const { keyword, params, instancePath } = error;
    const words = WORDS[keyword]?.(error) ?? `failed validation constraint for keyword [${keyword}]`;
    return { keyword, params, message: `#${instancePath}: ${words}` };
  });
  return found.sort((one, other) => rank(one) - rank(other));
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

/** A type of JSON as the validator names it. */
function javaType(type: string): string {
  const name = type.charAt(0).toUpperCase() + type.slice(1);
  return type === 'object' || type === 'array' ? `JSON${name}` : name;
}
