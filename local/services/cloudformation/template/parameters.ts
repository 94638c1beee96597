import { invalid, type Node } from './document';

/** A parameter's value: text, or a list for `CommaDelimitedList`. */
export type ParameterValue = string | string[];

/** The parameter types that the local account knows. AWS-specific ones would have to exist in the account. */
const TYPES = ['String', 'Number', 'CommaDelimitedList'];

/**
 * Decides the value of each declared parameter.
 *
 * @param given Values by name; a default fills in.
 * @returns The values as text, as DescribeStacks shows them.
 * @throws ApiError ValidationError for a parameter that is missing, not declared or not allowed.
 */
export function readParameters(
  declared: Readonly<Record<string, Node>>,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const surplus = Object.keys(given).filter((name) => !Object.hasOwn(declared, name));
  if (surplus.length > 0) {
    throw invalid(`Parameters: [${surplus.join(', ')}] do not exist in the template`);
  }
  const values = Object.entries(declared).map(
    ([name, { Default }]) => [name, given[name] ?? Default] as const,
  );
  const missing = values.filter(([, value]) => value === undefined).map(([name]) => name);
  if (missing.length > 0) {
    throw invalid(`Parameters: [${missing.join(', ')}] must have values`);
  }
  return Object.fromEntries(
    values.map(([name, value]) => [name, checked(name, String(value), declared[name] ?? {})]),
  );
}

/** What `Ref` of a parameter gives. */
export function parameterValue({ Type }: Node, text: string): ParameterValue {
  return Type === 'CommaDelimitedList' ? text.split(',').map((item) => item.trim()) : text;
}

function checked(name: string, value: string, declaration: Node): string {
  const { Type, AllowedValues, AllowedPattern, ConstraintDescription } = declaration;
  if (typeof Type !== 'string' || !TYPES.includes(Type)) {
    throw invalid(`Template format error: Unrecognized parameter type: ${String(Type)}`);
  }
  if (Type === 'Number' && !Number.isFinite(Number(value))) {
    throw invalid(`Parameter '${name}' must be a number.`);
  }
  if (Array.isArray(AllowedValues) && !AllowedValues.map(String).includes(value)) {
    throw invalid(`Parameter '${name}' must be one of AllowedValues`);
  }
  const length = value.length;
  const reason =
    typeof AllowedPattern === 'string' && !new RegExp(`^(?:${AllowedPattern})$`).test(value)
      ? `must match pattern ${AllowedPattern}`
      : length < Number(declaration.MinLength ?? 0)
        ? `must have length greater than or equal to ${declaration.MinLength}`
        : length > Number(declaration.MaxLength ?? length)
          ? `must have length less than or equal to ${declaration.MaxLength}`
          : undefined;
  if (reason !== undefined) {
    throw invalid(
      `Parameter '${name}' failed to satisfy constraint: ${String(ConstraintDescription ?? reason)}`,
    );
  }
  return value;
}
