import { ApiError, found, invalid, memberName } from './errors';
import { type ApiModel, isObject, type Members, type Notation, type Shape } from './model';
import type { Parameters, Service } from './service';

/**
 * Reads the parameters of a call: checks them against the service's model, and converts texts to the types in it.
 * Members that are not in the model are left out, as AWS ignores them.
 *
 * @throws ApiError ValidationError for values that are out of bounds, in AWS's words (localstack/localstack,
 * test_role_tag_errors and test_role_managed_policy_errors for IAM, test_filter_log_events_limit_validation), and for
 * members that the local account does not support; the notation's code for values of another type.
 */
export function readInput(
  { model, hidesValues = false }: Pick<Service, 'model' | 'hidesValues'>,
  operation: string,
  parameters: Parameters,
  notation: Notation,
): Parameters {
  const problems: string[] = [];
  const reader = new InputReader(model.shapes, notation, hidesValues, problems);
  const input = reader.structure(model.operations[operation] ?? {}, parameters, '');
  if (problems.length > 0) {
    const [count, noun] = [problems.length, problems.length === 1 ? 'error' : 'errors'];
    throw invalid(`${count} validation ${noun} detected: ${problems.join('; ')}`);
  }
  return input;
}

class InputReader {
  constructor(
    private readonly shapes: ApiModel['shapes'],
    private readonly notation: Notation,
    private readonly hidesValues: boolean,
    private readonly problems: string[],
  ) {}

  structure(members: Members, value: Parameters, path: string): Parameters {
    const read: Parameters = {};
    for (const [name, shapeName] of Object.entries(members)) {
      const given = (Object.hasOwn(value, name) ? value[name] : undefined) ?? undefined;
      const at = path + memberName(name);
      if (shapeName === '-') {
        refuse(name, given);
      } else if (given !== undefined) {
        read[name] = this.#read(shapeName.replace('!', ''), given, at);
      } else if (shapeName.endsWith('!')) {
        this.#report(null, at, 'not be null');
      }
    }
    return read;
  }

  #read(shapeName: string, value: unknown, path: string): unknown {
    const shape = found(this.shapes[shapeName], new Error(`The model has no shape ${shapeName}`));
    switch (shape.type) {
      case 'structure':
        return this.structure(shape.members ?? {}, this.#object(value), `${path}.`);
      case 'map':
        return this.#map(shape.value ?? '', value, path);
      case 'list':
        return this.#list(shape, shape.member ?? '', value, path);
      default:
        return this.#check(shape, this.#scalar(shape.type, value), path);
    }
  }

  #list(shape: Shape, member: string, value: unknown, path: string): unknown[] {
    // The Query protocol writes an empty list as an empty text.
    const items = this.notation.isText && value === '' ? [] : value;
    if (!Array.isArray(items)) {
      throw this.#malformed('Unexpected list element termination');
    }
    this.#check(shape, items, path);
    const itemShape = this.shapes[member] ?? { type: 'string' };
    if (itemShape.type === 'structure') {
      return items.map((item, index) => this.#read(member, item, `${path}.${index + 1}.member`));
    }
    const scalars = items.map((item) => this.#scalar(itemShape.type, item));
    const constraints = constraintsOf(itemShape, false);
    if (scalars.some((item) => constraints.some(({ isMet }) => !isMet(item)))) {
      const all = [...constraints.map(({ text }) => text), 'not be null'];
      const texts = all.map((text) => `Member must ${text}`).join(', ');
      this.#report(items, path, `satisfy constraint: [${texts}]`);
    }
    return scalars;
  }

  /** The Query protocol numbers the entries of a map. */
  #map(valueShape: string, value: unknown, path: string): Parameters {
    const object = this.#object(value);
    const pairs = this.notation.isText
      ? Object.values(this.#object(object.entry ?? {}))
          .map((entry) => this.#object(entry))
          .map((entry) => [entry.key, entry.value])
      : Object.entries(object);
    return Object.fromEntries(pairs.map(([key, item]) => [key, this.#read(valueShape, item, path)]));
  }

  #object(value: unknown): Parameters {
    if (isObject(value)) {
      return value;
    }
    throw this.#malformed('Unexpected complex element termination');
  }

  #scalar(type: string, value: unknown): unknown {
    const isScalar = ['string', 'number', 'boolean'].includes(typeof value);
    const typed = this.notation.isText && isScalar ? fromText(type, String(value)) : value;
    const scalar = type === 'timestamp' && isScalar ? toDate(typed) : typed;
    if (IS_OF_TYPE[type]?.(scalar)) {
      return scalar;
    }
    throw this.#malformed(`The value is not of the type ${type}`);
  }

  #check(shape: Shape, value: unknown, path: string): unknown {
    for (const { text } of constraintsOf(shape, this.hidesValues).filter(({ isMet }) => !isMet(value))) {
      this.#report(value, path, text);
    }
    return value;
  }

  #malformed(message: string): ApiError {
    return new ApiError(this.notation.malformed, message);
  }

  #report(value: unknown, path: string, constraint: string): void {
    const text = Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
    const shown = value === null ? 'Value null' : `Value '${text}'`;
    const what = this.hidesValues ? 'Value' : shown;
    this.problems.push(`${what} at '${path}' failed to satisfy constraint: Member must ${constraint}`);
  }
}

/** It is safe to ignore members that are false or empty: clients send some of them unasked. */
function refuse(name: string, value: unknown): void {
  if (!['undefined', 'false', ''].includes(String(value))) {
    throw invalid(`The local account does not support ${name}`);
  }
}

/** A value of a simple type from its text; the text itself if it is no such value. */
function fromText(type: string, text: string): unknown {
  if (type === 'boolean') {
    return text === 'true' || (text === 'false' ? false : text);
  }
  return ['integer', 'long', 'double'].includes(type) && text.trim() !== '' ? Number(text) : text;
}

/** JSON protocols have seconds, the Query protocol has texts. */
function toDate(value: unknown): Date {
  return new Date(typeof value === 'number' ? value * 1000 : String(value));
}

const IS_OF_TYPE: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  integer: Number.isSafeInteger,
  long: Number.isSafeInteger,
  double: Number.isFinite,
  timestamp: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
};

/** A constraint: its text after `Member must`, and whether a value meets it. */
interface Constraint {
  readonly text: string;
  readonly isMet: (value: unknown) => boolean;
}

/** The constraints of a shape, in the order in which AWS lists them. */
function constraintsOf({ type, min, max, pattern, enum: values }: Shape, hidesValues: boolean): Constraint[] {
  const isNumber = type === 'integer' || type === 'long' || type === 'double';
  const noun = isNumber ? 'value' : 'length';
  const measure = (value: unknown) => (isNumber ? Number(value) : (value as string | unknown[]).length);
  const set = hidesValues ? '' : `: [${values?.join(', ')}]`;
  const regex = `satisfy regular expression pattern: ${pattern}`;
  const matches = (value: unknown) => new RegExp(`^(?:${pattern})$`, 'u').test(String(value));
  const all: [limit: unknown, text: string, isMet: Constraint['isMet']][] = [
    [max, `have ${noun} less than or equal to ${max}`, (value) => measure(value) <= Number(max)],
    [min, `have ${noun} greater than or equal to ${min}`, (value) => measure(value) >= Number(min)],
    [pattern, regex, matches],
    [values, `satisfy enum value set${set}`, (value) => values?.includes(String(value)) ?? true],
  ];
  return all.filter(([limit]) => limit !== undefined).map(([, text, isMet]) => ({ text, isMet }));
}
