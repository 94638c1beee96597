import { isDeepStrictEqual } from 'node:util';
import { invalid, isNode, type Node, type TemplateDocument } from './document';
import type { ParameterValue } from './parameters';

/** What a template's functions can ask for: the stack's resources, as far as they exist, and other stacks. */
export interface References {
  /** What `Ref` of a resource gives. */
  ref(logicalId: string): unknown;
  getAtt(logicalId: string, attribute: string): unknown;
  /** @throws ApiError ValidationError when no stack exports the name. */
  importValue(name: string): unknown;
}

/** The values of `AWS::…` references. */
export interface TemplateScope {
  accountId: string;
  region: string;
  partition: string;
  /** Defaults to `amazonaws.com`. */
  urlSuffix?: string;
  stackName?: string;
  stackId?: string;
}

const NO_VALUE = Symbol('AWS::NoValue');
const IN_CONDITION: References = {
  ref: refuseInCondition,
  getAtt: refuseInCondition,
  importValue: refuseInCondition,
};

/** Evaluates a template's functions and conditions with its parameters decided. */
export class Evaluation {
  readonly #pseudo: Readonly<Record<string, unknown>>;

  constructor(
    private readonly document: Pick<TemplateDocument, 'conditions' | 'mappings'>,
    private readonly parameters: Readonly<Record<string, ParameterValue>>,
    scope: TemplateScope,
  ) {
    this.#pseudo = {
      'AWS::AccountId': scope.accountId,
      'AWS::NoValue': NO_VALUE,
      'AWS::NotificationARNs': [],
      'AWS::Partition': scope.partition,
      'AWS::Region': scope.region,
      'AWS::StackId': scope.stackId,
      'AWS::StackName': scope.stackName,
      'AWS::URLSuffix': scope.urlSuffix ?? 'amazonaws.com',
    };
  }

  /** Whether a condition of the template holds. @throws ApiError ValidationError */
  condition(name: string): boolean {
    if (!Object.hasOwn(this.document.conditions, name)) {
      throw invalid(`Template format error: Unresolved condition dependency ${name} in the Conditions block`);
    }
    return this.#truth(this.document.conditions[name]);
  }

  /** A value with its functions replaced by what they give. @throws ApiError ValidationError */
  resolve(value: unknown, references: References): unknown {
    if (Array.isArray(value)) {
      return value.map((item) => this.resolve(item, references)).filter((item) => item !== NO_VALUE);
    }
    if (typeof value === 'string' && value.includes('{{resolve:')) {
      throw invalid(`The local account does not know dynamic references: ${value}`);
    }
    if (!isNode(value)) {
      return value;
    }
    const call = callOf(value);
    if (call) {
      return this.#call(call.name, call.argument, references);
    }
    const resolved = Object.entries(value).map(
      ([key, item]) => [key, this.resolve(item, references)] as const,
    );
    return Object.fromEntries(resolved.filter(([, item]) => item !== NO_VALUE));
  }

  #call(name: string, argument: unknown, references: References): unknown {
    switch (name) {
      case 'Ref':
        return this.#ref(asString(argument, name), references);
      case 'Fn::GetAtt': {
        const [id, attribute] = attributeOf(argument);
        return references.getAtt(id, asString(this.resolve(attribute, references), name));
      }
      case 'Fn::Sub':
        return this.#sub(argument, references);
      case 'Fn::If': {
        const [condition, yes, no] = asList(argument, name, 3);
        return this.resolve(this.condition(asString(condition, name)) ? yes : no, references);
      }
      case 'Fn::ImportValue':
        return references.importValue(asString(this.resolve(argument, references), name));
      default:
        return callOnValues(name, this.resolve(argument, references), this.document.mappings);
    }
  }

  #ref(name: string, references: References): unknown {
    if (Object.hasOwn(this.parameters, name)) {
      return this.parameters[name];
    }
    if (!name.startsWith('AWS::')) {
      return references.ref(name);
    }
    const value = this.#pseudo[name];
    if (value === undefined) {
      throw invalid(`Template format error: Unresolved resource dependencies [${name}]`);
    }
    return value;
  }

  #sub(argument: unknown, references: References): string {
    const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
    const own = isNode(variables) ? variables : {};
    return asString(text, 'Fn::Sub').replace(/\$\{([^}]*)\}/g, (_, found: string) => {
      if (found.startsWith('!')) {
        return `\${${found.slice(1)}}`;
      }
      const name = found.trim();
      if (Object.hasOwn(own, name)) {
        return String(this.resolve(own[name], references));
      }
      const [id, attribute] = splitOnce(name);
      return String(attribute === undefined ? this.#ref(id, references) : references.getAtt(id, attribute));
    });
  }

  #truth(node: unknown): boolean {
    const { name, argument } = (isNode(node) && callOf(node)) || { name: '', argument: undefined };
    switch (name) {
      case 'Condition':
        return this.condition(asString(argument, 'Condition'));
      case 'Fn::Equals': {
        const [left, right] = asList(this.resolve(argument, IN_CONDITION), name, 2);
        return isDeepStrictEqual(left, right);
      }
      case 'Fn::Not':
        return !this.#truth(asList(argument, name, 1)[0]);
      case 'Fn::And':
        return asList(argument, name).every((operand) => this.#truth(operand));
      case 'Fn::Or':
        return asList(argument, name).some((operand) => this.#truth(operand));
      default:
        throw invalid(
          'Template format error: Conditions can only be boolean operations on parameters and other conditions',
        );
    }
  }
}

/** Calls a visitor with each name that `Ref`, `Fn::GetAtt` and `Fn::Sub` refer to, in both branches of `Fn::If`. */
export function visitReferences(value: unknown, visit: (name: string, attribute?: string) => void): void {
  if (typeof value !== 'object' || value === null) {
    return;
  }
  const { name, argument } = (isNode(value) && callOf(value)) || { name: '', argument: undefined };
  if (name === 'Ref') {
    visit(asString(argument, name));
  } else if (name === 'Fn::GetAtt') {
    const [id, attribute] = attributeOf(argument);
    visit(id, String(attribute));
  } else if (name === 'Fn::Sub') {
    const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
    visitReferences(variables, visit);
    for (const [, found = ''] of asString(text, name).matchAll(/\$\{\s*([^!}][^}]*?)\s*\}/g)) {
      if (!(isNode(variables) && Object.hasOwn(variables, found))) {
        visit(...splitOnce(found));
      }
    }
  } else {
    for (const item of Object.values(value)) {
      visitReferences(item, visit);
    }
  }
}

/** Functions whose arguments are all resolved first. */
function callOnValues(name: string, argument: unknown, mappings: Node): unknown {
  switch (name) {
    case 'Fn::Join': {
      const [delimiter, items] = asList(argument, name, 2);
      return asList(items, name).map(String).join(asString(delimiter, name));
    }
    case 'Fn::Split': {
      const [delimiter, text] = asList(argument, name, 2);
      return asString(text, name).split(asString(delimiter, name));
    }
    case 'Fn::Select': {
      const [index, items] = asList(argument, name, 2);
      const selected = asList(items, name)[Number(index)];
      if (selected === undefined) {
        throw invalid(`Template error: Fn::Select cannot select nonexistent value at index ${String(index)}`);
      }
      return selected;
    }
    case 'Fn::FindInMap': {
      const keys = asList(argument, name, 3).map((key) => asString(key, name));
      const found = keys.reduce<unknown>((node, key) => (isNode(node) ? node[key] : undefined), mappings);
      if (found === undefined) {
        throw invalid(`Template error: Unable to get mapping for ${keys.join('::')}`);
      }
      return found;
    }
    default:
      throw invalid(`Template format error: the local account does not know the function ${name}`);
  }
}

/** `{ "Fn::Join": … }` is a call; so are `Ref` and `Condition`. */
function callOf(node: Node): { name: string; argument: unknown } | undefined {
  const [entry, ...others] = Object.entries(node);
  if (!entry || others.length > 0) {
    return undefined;
  }
  const [name, argument] = entry;
  const isCondition = name === 'Condition' && typeof argument === 'string';
  return name === 'Ref' || name.startsWith('Fn::') || isCondition ? { name, argument } : undefined;
}

/** The two parts of `Fn::GetAtt`, in either of its forms. */
function attributeOf(argument: unknown): [string, unknown] {
  const [id, attribute] = Array.isArray(argument) ? argument : splitOnce(asString(argument, 'Fn::GetAtt'));
  if (attribute === undefined) {
    throw invalid('Template error: every Fn::GetAtt object requires two non-empty parameters');
  }
  return [asString(id, 'Fn::GetAtt'), attribute];
}

function splitOnce(text: string): [string, string?] {
  const dot = text.indexOf('.');
  return dot < 0 ? [text] : [text.slice(0, dot), text.slice(dot + 1)];
}

function asString(value: unknown, name: string): string {
  if (typeof value === 'string') {
    return value;
  }
  throw invalid(`Template error: ${name} takes a string, not ${JSON.stringify(value)}`);
}

function asList(value: unknown, name: string, length?: number): unknown[] {
  if (Array.isArray(value) && (length === undefined || value.length === length)) {
    return value;
  }
  throw invalid(`Template error: every ${name} object requires a list${length ? ` of ${length}` : ''}`);
}

function refuseInCondition(name: string): never {
  throw invalid(
    `Template format error: Unresolved dependencies [${name}]. Cannot reference resources in the Conditions block of the template`,
  );
}
