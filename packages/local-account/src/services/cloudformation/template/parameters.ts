import { invalid } from '../../../gateway/errors';
import { type Node, refuseAny, type Sections } from './document';

/**
 * Determines the value of each declared parameter.
 *
 * @param given Values by name; defaults apply to the others.
 * @returns The values as text, as DescribeStacks shows them.
 * @throws ApiError ValidationError for a parameter that is missing, not declared or not allowed.
 */
export function readParameters(declared: Sections['Parameters'], given: Readonly<Record<string, string>>) {
  const surplus = Object.keys(given).filter((name) => !Object.hasOwn(declared, name));
  refuseAny(surplus, (names) => `Parameters: [${names}] do not exist in the template`);
  const missing = Object.keys(declared).filter((id) => (given[id] ?? declared[id]?.Default) === undefined);
  refuseAny(missing, (names) => `Parameters: [${names}] must have values`);
  const values: Record<string, string> = {};
  for (const [name, declaration] of Object.entries(declared)) {
    const value = String(given[name] ?? declaration.Default);
    check(name, value, declaration);
    values[name] = value;
  }
  return values;
}

/** What `Ref` of a parameter gives: text, or a list for `CommaDelimitedList`. */
export function parameterValue({ Type }: Node, text: string): string | string[] {
  return Type === 'CommaDelimitedList' ? text.split(',').map((item) => item.trim()) : text;
}

function check(name: string, value: string, declaration: Node): void {
  const { Type, AllowedValues, AllowedPattern, ConstraintDescription } = declaration;
  const { MinLength = 0, MaxLength = value.length, MinValue = value, MaxValue = value } = declaration;
  const isNumber = Type === 'Number';
  if (isNumber && !Number.isFinite(Number(value))) {
    throw invalid(`Parameter '${name}' must be a number.`);
  }
  if (Array.isArray(AllowedValues) && !AllowedValues.map(String).includes(value)) {
    throw invalid(`Parameter '${name}' must be one of AllowedValues`);
  }
  const matches = new RegExp(`^(?:${AllowedPattern ?? '[^]*'})$`).test(value);
  const constraints: [isMet: boolean, text: string][] = [
    [matches, `match pattern ${AllowedPattern}`],
    [!isNumber || Number(value) >= Number(MinValue), `be a number not less than ${MinValue}`],
    [!isNumber || Number(value) <= Number(MaxValue), `be a number not greater than ${MaxValue}`],
    [value.length >= Number(MinLength), `have length greater than or equal to ${MinLength}`],
    [value.length <= Number(MaxLength), `have length less than or equal to ${MaxLength}`],
  ];
  const [, broken] = constraints.find(([isMet]) => !isMet) ?? [];
  if (broken !== undefined) {
    const reason = String(ConstraintDescription ?? `must ${broken}`);
    throw invalid(`Parameter '${name}' failed to satisfy constraint: ${reason}`);
  }
}
