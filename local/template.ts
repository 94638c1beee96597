import { parseDocument, type ScalarTag } from 'yaml';

/** What `AWS::…` references stand for, and the parameters' values. */
export interface TemplateScope {
  parameters?: Record<string, string>;
  accountId: string;
  region: string;
  partition: string;
  /** `amazonaws.com` unless told. */
  urlSuffix?: string;
  stackName?: string;
  stackId?: string;
}

/** A resource of a template, its properties not resolved yet. */
export interface TemplateResource {
  logicalId: string;
  type: string;
  properties: unknown;
  deletionPolicy: 'Delete' | 'Retain';
  /** Logical IDs of the resources that must be there before it. */
  dependencies: string[];
}

/** What `Ref` and `Fn::GetAtt` of resources give, as far as these exist. */
export interface References {
  ref(logicalId: string): unknown;
  getAtt(logicalId: string, attribute: string): unknown;
}

/** A template with its parameters and conditions decided. */
export interface Template {
  parameters: Record<string, string>;
  /** In the order in which they can be created. */
  resources: TemplateResource[];
  outputs: Record<string, unknown>;
  /** Resolves functions in a value. @throws Error for one that is not known. */
  resolve(value: unknown, references: References): unknown;
}

const NO_VALUE = Symbol('AWS::NoValue');
const FUNCTIONS = ['GetAtt', 'Sub', 'Join', 'If', 'Equals', 'Not', 'And', 'Or'];

/**
 * Reads a CloudFormation template in YAML or JSON: parameters, conditions, resources and outputs with the
 * functions Ref, GetAtt, Sub, Join, If, Equals, Not, And, Or and Condition.
 * @throws Error for anything else, so that nothing is ignored.
 */
export function parseTemplate(text: string, scope: TemplateScope): Template {
  const document = parseDocument(text, { customTags: customTags() });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) throw new Error(`The template cannot be read: ${problem.message}`);
  const root = asRecord(document.toJS(), 'The template');
  const known = [
    'AWSTemplateFormatVersion',
    'Description',
    'Metadata',
    'Parameters',
    'Conditions',
    'Resources',
    'Outputs',
  ];
  rejectUnknown(root, known, 'the template');
  const parameters = readParameters(asRecord(root.Parameters ?? {}, 'Parameters'), scope.parameters ?? {});
  const evaluation = new Evaluation(parameters, asRecord(root.Conditions ?? {}, 'Conditions'), scope);
  const present = (name: string, node: Record<string, unknown>) =>
    node.Condition === undefined || evaluation.condition(asString(node.Condition, `${name}.Condition`));

  const declared = Object.entries(asRecord(root.Resources, 'Resources'))
    .map(([name, node]) => [name, asRecord(node, name)] as const)
    .filter(([name, node]) => present(name, node));
  const names = new Set(declared.map(([name]) => name));
  const resources = declared.map(([name, node]): TemplateResource => {
    rejectUnknown(
      node,
      ['Type', 'Properties', 'DependsOn', 'Condition', 'DeletionPolicy', 'UpdateReplacePolicy', 'Metadata'],
      name,
    );
    const properties = node.Properties ?? {};
    const dependsOn = [node.DependsOn ?? []].flat().map((id) => asString(id, `${name}.DependsOn`));
    const missing = dependsOn.find((id) => !names.has(id));
    if (missing !== undefined) throw new Error(`${name} depends on ${missing}, which is no resource`);
    const found = new Set(dependsOn);
    evaluation.resolve(properties, {
      ref: (id) => found.add(id),
      getAtt: (id) => found.add(id),
    });
    const unknown = [...found].find((id) => !names.has(id));
    if (unknown !== undefined)
      throw new Error(`${name} refers to ${unknown}, which is no resource or parameter`);
    return {
      logicalId: name,
      type: asString(node.Type, `${name}.Type`),
      properties,
      deletionPolicy: node.DeletionPolicy === 'Retain' ? 'Retain' : 'Delete',
      dependencies: [...found],
    };
  });
  const outputs = Object.entries(asRecord(root.Outputs ?? {}, 'Outputs'))
    .map(([name, node]) => [name, asRecord(node, name)] as const)
    .filter(([name, node]) => present(name, node))
    .map(([name, node]) => [name, node.Value]);
  return {
    parameters,
    resources: inOrder(resources),
    outputs: Object.fromEntries(outputs),
    resolve: (value, references) => evaluation.resolve(value, references),
  };
}

/** Resolves functions; knows parameters, conditions and pseudo parameters. */
class Evaluation {
  #parameters: Record<string, string>;
  #conditions: Record<string, unknown>;
  #pseudo: Record<string, unknown>;

  constructor(parameters: Record<string, string>, conditions: Record<string, unknown>, scope: TemplateScope) {
    this.#parameters = parameters;
    this.#conditions = conditions;
    this.#pseudo = {
      'AWS::AccountId': scope.accountId,
      'AWS::NoValue': NO_VALUE,
      'AWS::Partition': scope.partition,
      'AWS::Region': scope.region,
      'AWS::StackId': scope.stackId,
      'AWS::StackName': scope.stackName,
      'AWS::URLSuffix': scope.urlSuffix ?? 'amazonaws.com',
    };
  }

  condition(name: string): boolean {
    if (!Object.hasOwn(this.#conditions, name)) throw new Error(`There is no condition ${name}`);
    return this.#truth(this.#conditions[name]);
  }

  resolve(value: unknown, references: References): unknown {
    if (Array.isArray(value)) {
      return value.map((item) => this.resolve(item, references)).filter((item) => item !== NO_VALUE);
    }
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [name, argument] = entries[0] ?? [];
    if (entries.length === 1 && name !== undefined && (name === 'Ref' || name.startsWith('Fn::'))) {
      return this.#call(name, argument, references);
    }
    const resolved = entries.map(([key, item]) => [key, this.resolve(item, references)] as const);
    return Object.fromEntries(resolved.filter(([, item]) => item !== NO_VALUE));
  }

  #call(name: string, argument: unknown, references: References): unknown {
    switch (name) {
      case 'Ref':
        return this.#ref(asString(argument, 'Ref'), references);
      case 'Fn::GetAtt': {
        const [id = '', attribute = ''] = Array.isArray(argument)
          ? argument
          : splitOnce(asString(argument, name));
        return references.getAtt(asString(id, name), asString(this.resolve(attribute, references), name));
      }
      case 'Fn::Sub':
        return this.#sub(argument, references);
      case 'Fn::Join': {
        const [separator, items] = asList(argument, name, 2);
        const resolved = this.resolve(items, references);
        if (!Array.isArray(resolved)) throw new Error('Fn::Join takes a list');
        return resolved.map(String).join(asString(separator, name));
      }
      case 'Fn::If': {
        const [condition, yes, no] = asList(argument, name, 3);
        return this.resolve(this.condition(asString(condition, name)) ? yes : no, references);
      }
      default:
        throw new Error(`The function ${name} is not known here`);
    }
  }

  #ref(name: string, references: References): unknown {
    if (Object.hasOwn(this.#parameters, name)) return this.#parameters[name];
    if (!name.startsWith('AWS::')) return references.ref(name);
    const value = this.#pseudo[name];
    if (value === undefined) throw new Error(`The pseudo parameter ${name} is not known here`);
    return value;
  }

  #sub(argument: unknown, references: References): string {
    const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
    const own = asRecord(variables ?? {}, 'Fn::Sub');
    return asString(text, 'Fn::Sub').replace(/\$\{([^}]*)\}/g, (_, found: string) => {
      if (found.startsWith('!')) return `\${${found.slice(1)}}`;
      const name = found.trim();
      if (Object.hasOwn(own, name)) return String(this.resolve(own[name], references));
      if (!name.includes('.')) return String(this.#ref(name, references));
      const [id = '', attribute = ''] = splitOnce(name);
      return String(references.getAtt(id, attribute));
    });
  }

  #truth(node: unknown): boolean {
    const [name, argument] = Object.entries(asRecord(node, 'A condition'))[0] ?? [];
    const operands = Array.isArray(argument) ? argument : [];
    const nothing = { ref: refuse, getAtt: refuse };
    switch (name) {
      case 'Condition':
        return this.condition(asString(argument, 'Condition'));
      case 'Fn::Equals': {
        const [left, right] = asList(argument, name, 2);
        return this.resolve(left, nothing) === this.resolve(right, nothing);
      }
      case 'Fn::Not':
        return !this.#truth(asList(argument, name, 1)[0]);
      case 'Fn::And':
        return operands.every((operand) => this.#truth(operand));
      case 'Fn::Or':
        return operands.some((operand) => this.#truth(operand));
      default:
        throw new Error(`The condition function ${name} is not known here`);
    }
  }
}

function refuse(id: string): never {
  throw new Error(`A condition cannot refer to the resource ${id}`);
}

/** The short forms: `!Sub x` is `{ Fn::Sub: x }`. A tag that is not among them is a warning of the parser. */
function customTags(): ScalarTag[] {
  return [...FUNCTIONS, 'Ref', 'Condition'].flatMap((name) => {
    const long = name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`;
    const resolve = (value: unknown) => ({ [long]: value });
    return [
      { tag: `!${name}`, resolve },
      {
        tag: `!${name}`,
        collection: 'seq',
        resolve: (value: { toJSON(): unknown }) => resolve(value.toJSON()),
      },
    ] as unknown as ScalarTag[];
  });
}

function readParameters(
  declared: Record<string, unknown>,
  given: Record<string, string>,
): Record<string, string> {
  const surplus = Object.keys(given).find((name) => !Object.hasOwn(declared, name));
  if (surplus !== undefined) throw new Error(`The template has no parameter ${surplus}`);
  const values = Object.entries(declared).map(([name, node]) => {
    const { Type, Default, AllowedValues, AllowedPattern } = asRecord(node, name);
    if (Type !== 'String' && Type !== 'Number')
      throw new Error(`Parameter ${name}: type ${String(Type)} is not known here`);
    const value = given[name] ?? Default;
    if (value === undefined) throw new Error(`Parameter ${name} must have a value`);
    const text = String(value);
    if (Array.isArray(AllowedValues) && !AllowedValues.map(String).includes(text)) {
      throw new Error(`Parameter ${name} must be one of ${AllowedValues.join(', ')}`);
    }
    if (typeof AllowedPattern === 'string' && !new RegExp(`^(?:${AllowedPattern})$`).test(text)) {
      throw new Error(`Parameter ${name} must match ${AllowedPattern}`);
    }
    return [name, text] as const;
  });
  return Object.fromEntries(values);
}

function inOrder(resources: TemplateResource[]): TemplateResource[] {
  const ordered: TemplateResource[] = [];
  const rest = [...resources];
  while (rest.length > 0) {
    const next = rest.findIndex(({ dependencies }) =>
      dependencies.every((id) => ordered.some(({ logicalId }) => logicalId === id)),
    );
    if (next < 0)
      throw new Error(`Circular dependency between resources: ${rest.map((r) => r.logicalId).join(', ')}`);
    ordered.push(...rest.splice(next, 1));
  }
  return ordered;
}

function splitOnce(text: string): [string, string] {
  const dot = text.indexOf('.');
  if (dot < 0) throw new Error(`${text} names no attribute`);
  return [text.slice(0, dot), text.slice(dot + 1)];
}

function rejectUnknown(node: Record<string, unknown>, known: string[], where: string): void {
  const unknown = Object.keys(node).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new Error(`${unknown} in ${where} is not known here`);
}

function asRecord(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new Error(`${what} must be an object`);
}

function asString(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw new Error(`${what} must be text`);
}

function asList(value: unknown, what: string, length: number): unknown[] {
  if (Array.isArray(value) && value.length === length) return value;
  throw new Error(`${what} takes a list of ${length}`);
}
