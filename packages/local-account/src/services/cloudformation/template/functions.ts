import { isDeepStrictEqual } from 'node:util';
import { invalid } from '../../../gateway/errors';
import { isObject } from '../../../gateway/model';
import { existing, type Node, type Sections } from './document';

/** What a template's functions can ask for: the stack's resources, as far as they exist, and other stacks. */
export interface References {
  ref(logicalId: string): unknown;
  getAtt(logicalId: string, attribute: string): unknown;
  /** @throws ApiError ValidationError when no stack exports the name. */
  importValue(name: string): unknown;
}

/** The same answer for whatever is asked for. */
export function allReferences(answer: (name: string) => unknown): References {
  return { ref: answer, getAtt: answer, importValue: answer };
}

export interface Scope {
  readonly sections: Sections;
  /** What `Ref` gives of parameters and pseudo parameters. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly references: References;
}

/** The function's argument has its own functions resolved. */
type TemplateFunction = (argument: unknown, name: string, scope: Scope) => unknown;

/** The text for a value that is known only after a change (API reference, DescribeChangeSet, `AfterContext`). */
export const KNOWN_AFTER_APPLY = '{{changeSet:KNOWN_AFTER_APPLY}}';

/** What `Ref` of `AWS::NoValue` gives: the property or the item is left out. */
export const NO_VALUE = Symbol('AWS::NoValue');

const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  Ref: (argument, name, scope) => ref(asString(argument, name), scope),
  'Fn::GetAtt': (argument, _, { references }) => references.getAtt(...attributeOf(argument)),
  'Fn::ImportValue': (argument, name, { references }) => references.importValue(asString(argument, name)),
  'Fn::Sub': (argument, _, scope) => {
    const { text, variables } = substitution(argument);
    return text.replace(VARIABLE, (_match, found: string) => {
      const name = found.trim();
      if (found.startsWith('!')) {
        return `\${${found.slice(1)}}`;
      }
      const [id, attribute] = splitOnce(name);
      const value = () => (attribute === undefined ? ref(id, scope) : scope.references.getAtt(id, attribute));
      return String(Object.hasOwn(variables, name) ? variables[name] : value());
    });
  },
  'Fn::Join': (argument, name) => {
    const [delimiter, items] = asList(argument, name, 2);
    return asList(items, name).map(String).join(asString(delimiter, name));
  },
  'Fn::Split': (argument, name) => {
    const [delimiter, text] = asList(argument, name, 2);
    return asString(text, name).split(asString(delimiter, name));
  },
  'Fn::Select': (argument, name) => {
    const [index, items] = asList(argument, name, 2);
    return existing(asList(items, name)[Number(index)], ARGUMENTS[name] ?? '');
  },
  'Fn::Base64': (argument, name) => Buffer.from(asString(argument, name)).toString('base64'),
  'Fn::FindInMap': (argument, name, { sections }) => {
    const keys = asList(argument, name, 3).map((key) => asString(key, name));
    const [map = '', first = '', second = ''] = keys;
    const found = (sections.Mappings[map]?.[first] as Node | undefined)?.[second];
    return existing(found, `Template error: Unable to get mapping for ${keys.join('::')}`);
  },
};

/** Functions that only conditions may call. */
const CONDITION_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  Condition: (argument, name, scope) => isTrue(asString(argument, name), scope),
  'Fn::Equals': (argument, name) => {
    const [left, right] = asList(argument, name, 2).map(textsIn);
    return isDeepStrictEqual(left, right);
  },
  'Fn::Not': (argument, name) => !asBoolean(asList(argument, name, 1)[0]),
  'Fn::And': (argument, name) => asList(argument, name).every(asBoolean),
  'Fn::Or': (argument, name) => asList(argument, name).some(asBoolean),
};
/** What is answered for arguments of another form (recorded: localstack, test_conditions, test_change_set_fn_…). */
const ARGUMENTS: Readonly<Record<string, string>> = {
  'Fn::Equals': 'Template error: every Fn::Equals object requires a list of 2 string parameters.',
  'Fn::GetAtt':
    'Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute',
  'Fn::Select':
    'Template error: Fn::Select requires a list argument with two elements: an integer index and a list',
  'Fn::Split':
    'Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.',
};
const IN_CONDITION = allReferences(refuseInCondition);
const VARIABLE = /\$\{([^}]*)\}/g;

/** A value with its functions replaced by what they give. @throws ApiError ValidationError */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => resolve(item, scope)).filter((item) => item !== NO_VALUE);
  }
  if (typeof value === 'string' && value.includes('{{resolve:')) {
    throw invalid(`The local account does not support dynamic references: ${value}`);
  }
  if (!isObject(value)) {
    return value;
  }
  const { name, argument } = callOf(value);
  if (name === 'Fn::If') {
    return resolve(branchOf(argument, scope), scope);
  }
  if (name !== undefined) {
    const functions =
      scope.references === IN_CONDITION ? { ...FUNCTIONS, ...CONDITION_FUNCTIONS } : FUNCTIONS;
    const message = `Template format error: the local account does not support the function ${name}`;
    const call = existing(functions[name], message);
    const resolved = resolve(argument, scope);
    // What depends on an unknown value is unknown itself.
    return isUnknown(resolved) && name !== 'Fn::Sub' ? KNOWN_AFTER_APPLY : call(resolved, name, scope);
  }
  const resolved = Object.entries(value).map(([key, item]) => [key, resolve(item, scope)] as const);
  return Object.fromEntries(resolved.filter(([, item]) => item !== NO_VALUE));
}

function branchOf(argument: unknown, scope: Omit<Scope, 'references'>): unknown {
  const [name, yes, no] = asList(argument, 'Fn::If', 3);
  const condition = asString(name, 'Fn::If');
  // Recorded: localstack, test_missing_condition.
  const missing = `Template error: unresolved condition dependency ${condition} in Fn::If`;
  existing(scope.sections.Conditions[condition], missing);
  return isTrue(condition, scope) ? yes : no;
}

function isUnknown(value: unknown): boolean {
  return Array.isArray(value) ? value.some(isUnknown) : String(value).includes(KNOWN_AFTER_APPLY);
}

/** A value with text in place of every other scalar: templates know no other (localstack, test_dependency_in_non_evaluated_if_branch). */
function textsIn(value: unknown): unknown {
  return Array.isArray(value) ? value.map(textsIn) : isObject(value) ? value : String(value);
}

/** Whether a condition of the template holds. @throws ApiError ValidationError */
export function isTrue(condition: string, scope: Omit<Scope, 'references'>): boolean {
  const message = `Template format error: Unresolved condition dependency ${condition} in the Conditions block`;
  const value = existing(scope.sections.Conditions[condition], message);
  return asBoolean(resolve(value, { ...scope, references: IN_CONDITION }));
}

/** What `Ref`, `Fn::GetAtt` and `Fn::Sub` refer to, in both branches of `Fn::If`. */
export function referencesIn(value: unknown): [name: string, attribute?: string][] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  const { name, argument } = callOf(value as Node);
  if (name === 'Ref') {
    return [[asString(argument, name)]];
  }
  if (name === 'Fn::GetAtt') {
    return [attributeOf(argument)];
  }
  if (name === 'Fn::Sub') {
    const { text, variables } = substitution(argument);
    const names = [...text.matchAll(VARIABLE)].map(([, found = '']) => found.trim());
    const others = names.filter((it) => !it.startsWith('!') && !Object.hasOwn(variables, it));
    return [...referencesIn(variables), ...others.map(splitOnce)];
  }
  return Object.values(value).flatMap(referencesIn);
}

function ref(name: string, { values, references }: Scope): unknown {
  if (!Object.hasOwn(values, name) && name.startsWith('AWS::')) {
    throw invalid(`Template format error: Unresolved resource dependencies [${name}]`);
  }
  return Object.hasOwn(values, name) ? values[name] : references.ref(name);
}

/** `{ "Fn::Join": … }` is a call; so are `Ref` and `Condition`. */
function callOf(node: Node): { name?: string; argument?: unknown } {
  const [[name = '', argument] = [], ...others] = Object.entries(node);
  const isCondition = name === 'Condition' && typeof argument === 'string';
  const isCall = name === 'Ref' || name.startsWith('Fn::') || isCondition;
  return isCall && others.length === 0 ? { name, argument } : {};
}

/** The two parts of `Fn::GetAtt`, in either of its forms. */
function attributeOf(argument: unknown): [string, string] {
  const [id, attribute] = Array.isArray(argument) ? argument : splitOnce(String(argument));
  if (typeof id !== 'string' || typeof attribute !== 'string') {
    throw invalid(ARGUMENTS['Fn::GetAtt'] ?? '');
  }
  return [id, attribute];
}

/** The text of `Fn::Sub`, and the variables that it defines. */
function substitution(argument: unknown): { text: string; variables: Node } {
  const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
  return { text: asString(text, 'Fn::Sub'), variables: isObject(variables) ? variables : {} };
}

function splitOnce(text: string): [string, string?] {
  const dot = text.indexOf('.');
  return dot < 0 ? [text] : [text.slice(0, dot), text.slice(dot + 1)];
}

function asString(value: unknown, name: string): string {
  if (typeof value === 'string') {
    return value;
  }
  throw invalid(ARGUMENTS[name] ?? `Template error: ${name} takes a string, not ${JSON.stringify(value)}`);
}

function asList(value: unknown, name: string, length?: number): unknown[] {
  if (Array.isArray(value) && (length === undefined || value.length === length)) {
    return value;
  }
  const form = `every ${name} object requires a list${length ? ` of ${length}` : ''}`;
  throw invalid(ARGUMENTS[name] ?? `Template error: ${form}`);
}

function asBoolean(value: unknown): boolean {
  const words = 'Conditions can only be boolean operations on parameters and other conditions';
  return existing(typeof value === 'boolean' ? value : undefined, `Template format error: ${words}`);
}

function refuseInCondition(name: string): never {
  const words = 'Cannot reference resources in the Conditions block of the template';
  throw invalid(`Template format error: Unresolved dependencies [${name}]. ${words}`);
}
