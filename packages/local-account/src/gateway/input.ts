import { ApiError, memberName } from './errors';
import type { ApiModel, Members, Notation, Shape } from './model';
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
    throw new ApiError('ValidationError', `${count} validation ${noun} detected: ${problems.join('; ')}`);
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
      const [given, at] = [Object.hasOwn(value, name) ? value[name] : undefined, path + memberName(name)];
      const isMissing = given === undefined || given === null;
      if (shapeName === '-') {
        this.#refuse(name, given);
      } else if (!isMissing) {
        read[name] = this.#read(shapeName.replace('!', ''), given, at);
      } else if (shapeName.endsWith('!')) {
        this.#report(null, at, 'not be null');
      }
    }
    return read;
  }

  /** It is safe to ignore members that are false or empty: clients send some of them unasked. */
  #refuse(name: string, value: unknown): void {
    if (!['undefined', 'null', 'false', ''].includes(String(value))) {
      throw new ApiError('ValidationError', `The local account does not support ${name}`);
    }
  }

  #read(shapeName: string, value: unknown, path: string): unknown {
    const shape = this.shapes[shapeName];
    if (!shape) {
      throw new Error(`The model has no shape ${shapeName}`);
    }
    const { type, member, members, value: valueShape } = shape;
    switch (type) {
      case 'structure':
        return this.structure(members ?? {}, this.#object(value), `${path}.`);
      case 'map':
        return this.#map(valueShape ?? '', value, path);
      case 'list':
        return this.#list(shape, member ?? '', value, path);
      default: {
        const scalar = this.#scalar(type, value);
        for (const constraint of unmet(shape, scalar, this.hidesValues)) {
          this.#report(scalar, path, constraint);
        }
        return scalar;
      }
    }
  }

  #list(shape: Shape, member: string, value: unknown, path: string): unknown[] {
    // The Query protocol writes an empty list as an empty text.
    const items = this.notation.isText && value === '' ? [] : value;
    if (!Array.isArray(items)) {
      throw this.#malformed('Unexpected list element termination');
    }
    for (const constraint of unmet(shape, items, this.hidesValues)) {
      this.#report(items, path, constraint);
    }
    const itemShape = this.shapes[member] ?? { type: 'string' };
    if (itemShape.type === 'structure') {
      return items.map((item, index) => this.#read(member, item, `${path}.${index + 1}.member`));
    }
    const scalars = items.map((item) => this.#scalar(itemShape.type, item));
    if (scalars.some((item) => unmet(itemShape, item, false).length > 0)) {
      const all = [
        ...constraintsOf(itemShape, false).map(({ text }) => `Member must ${text}`),
        'Member must not be null',
      ];
      this.#report(items, path, `satisfy constraint: [${all.join(', ')}]`);
    }
    return scalars;
  }

  /** The Query protocol numbers the entries of a map. */
  #map(valueShape: string, value: unknown, path: string): Parameters {
    const object = this.#object(value);
    const entries = Object.values(this.#object(object.entry ?? {})) as Parameters[];
    const map =
      'entry' in object ? Object.fromEntries(entries.map((entry) => [entry?.key, entry?.value])) : object;
    return Object.fromEntries(
      Object.entries(map).map(([key, item]) => [key, this.#read(valueShape, item, path)]),
    );
  }

  #object(value: unknown): Parameters {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Parameters;
    }
    throw this.#malformed('Unexpected complex element termination');
  }

  #scalar(type: string, value: unknown): unknown {
    const { isText } = this.notation;
    const given = isText && ['number', 'boolean'].includes(typeof value) ? String(value) : value;
    const typed = SCALARS[type]?.(given, isText);
    if (typed === undefined) {
      throw this.#malformed(`The value is not of the type ${type}`);
    }
    return typed;
  }

  #malformed(message: string): ApiError {
    return new ApiError(this.notation.malformed, message);
  }

  #report(value: unknown, path: string, constraint: string): void {
    const shown = Array.isArray(value)
      ? `'[${value.join(', ')}]'`
      : value === null
        ? 'null'
        : `'${String(value)}'`;
    const what = this.hidesValues ? 'Value' : `Value ${shown}`;
    this.problems.push(`${what} at '${path}' failed to satisfy constraint: Member must ${constraint}`);
  }
}

/** A value of each simple type, from the notation of the protocol; nothing for a value of another type. */
const SCALARS: Readonly<Record<string, (value: unknown, isText: boolean) => unknown>> = {
  string: (value) => (typeof value === 'string' ? value : undefined),
  boolean: (value, isText) =>
    isText
      ? { true: true, false: false }[String(value).toLowerCase()]
      : typeof value === 'boolean'
        ? value
        : undefined,
  integer: (value, isText) => number(value, isText, Number.isSafeInteger),
  long: (value, isText) => number(value, isText, Number.isSafeInteger),
  double: (value, isText) => number(value, isText, Number.isFinite),
  timestamp: (value, isText) => {
    const time = new Date(isText || typeof value !== 'number' ? String(value) : value * 1000);
    return Number.isNaN(time.getTime()) ? undefined : time;
  },
};

function number(value: unknown, isText: boolean, isValid: (value: unknown) => boolean): number | undefined {
  const converted = isText && typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return isValid(converted) ? (converted as number) : undefined;
}

interface Constraint {
  readonly isMet: (value: unknown) => boolean;
  /** After `Member must`. */
  readonly text: string;
}

/** In the order in which AWS lists them. */
function constraintsOf(shape: Shape, hidesValues: boolean): Constraint[] {
  const { min, max, pattern, enum: values } = shape;
  const isNumber = ['integer', 'long', 'double'].includes(shape.type);
  const measure = (value: unknown) => (isNumber ? Number(value) : (value as string | unknown[]).length);
  const noun = isNumber ? 'value' : 'length';
  const constraints: (Constraint | undefined)[] = [
    max === undefined
      ? undefined
      : { isMet: (value) => measure(value) <= max, text: `have ${noun} less than or equal to ${max}` },
    min === undefined
      ? undefined
      : { isMet: (value) => measure(value) >= min, text: `have ${noun} greater than or equal to ${min}` },
    pattern === undefined
      ? undefined
      : {
          isMet: (value) => new RegExp(`^(?:${pattern})$`, 'u').test(String(value)),
          text: `satisfy regular expression pattern: ${pattern}`,
        },
    values && {
      isMet: (value) => values.includes(String(value)),
      text: `satisfy enum value set${hidesValues ? '' : `: [${values.join(', ')}]`}`,
    },
  ];
  return constraints.filter((constraint) => constraint !== undefined);
}

/** The constraints that a value does not meet, after `Member must`. */
function unmet(shape: Shape, value: unknown, hidesValues: boolean): string[] {
  return constraintsOf(shape, hidesValues).flatMap(({ isMet, text }) => (isMet(value) ? [] : [text]));
}
