import { invalid } from '../../../gateway/errors';
import { type Document, existing, type Node, readTemplate, refuseAny, type Sections } from './document';
import {
  allReferences,
  isTrue,
  KNOWN_AFTER_APPLY,
  NO_VALUE,
  type References,
  referencesIn,
  resolve,
  type Scope,
} from './functions';
import { parameterValue, readParameters } from './parameters';

/** What CloudFormation does with a resource that is deleted or replaced: the attributes and their values. */
const POLICIES = {
  DeletionPolicy: ['Delete', 'Retain', 'RetainExceptOnCreate'],
  UpdateReplacePolicy: ['Delete', 'Retain'],
} as const;
type DeletionPolicy = (typeof POLICIES)['DeletionPolicy'][number];

/** A resource of a template, its properties not resolved yet. */
export interface TemplateResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Node;
  readonly deletionPolicy: DeletionPolicy;
  readonly updateReplacePolicy: DeletionPolicy;
  /** Logical IDs of the resources that must exist before it. */
  readonly dependencies: readonly string[];
}

/** A template with its parameters and conditions evaluated. */
export interface Template {
  readonly document: Document;
  readonly parameters: Readonly<Record<string, string>>;
  /** In an order in which they can be created. */
  readonly resources: readonly TemplateResource[];
  readonly outputs: Readonly<Record<string, Node>>;
  /** Replaces the functions in a value by what they give. @throws ApiError ValidationError */
  resolve(value: unknown, references: References): unknown;
}

/**
 * Reads a template in YAML or JSON and evaluates its parameters and conditions.
 *
 * @param stackId The ARN of the stack that it is for.
 * @param given The parameters' values by name.
 * @throws ApiError ValidationError for what CloudFormation refuses or the local account does not support.
 */
export function parseTemplate(text: string, stackId: string, given: Readonly<Record<string, string>> = {}) {
  const document = readTemplate(text);
  const { sections } = document;
  checkReferences(sections);
  const parameters = readParameters(sections.Parameters, given);
  const values: Record<string, unknown> = pseudoParameters(stackId);
  for (const [name, text] of Object.entries(parameters)) {
    values[name] = parameterValue(sections.Parameters[name] ?? {}, text);
  }
  const scope = { sections, values };
  const isPresent = ([, { Condition }]: [string, Node]) =>
    typeof Condition !== 'string' || isTrue(Condition, scope);
  for (const condition of Object.keys(sections.Conditions)) {
    isTrue(condition, scope);
  }
  const resources = Object.entries(sections.Resources)
    .filter(isPresent)
    .map(([logicalId, node]) => resourceOf(logicalId, node, scope));
  const template: Template = {
    document,
    parameters,
    resources: inOrder(resources),
    outputs: Object.fromEntries(Object.entries(sections.Outputs).filter(isPresent)),
    resolve: (value, references) => resolve(value, { ...scope, references }),
  };
  checkFunctions(template);
  return template;
}

/** Resolves what is known before any resource exists. @throws ApiError ValidationError */
function checkFunctions({ resources, outputs, resolve: resolved }: Template): void {
  const ids = new Set(resources.map(({ logicalId }) => logicalId));
  const within = (block: string, prefix: string): References => {
    const known = (id: string) => {
      // A condition leaves it out (recorded: localstack, test_conditions).
      if (!ids.has(id)) {
        const where = `in the ${block} block of the template`;
        throw invalid(`${prefix}Unresolved resource dependencies [${id}] ${where}`);
      }
      return KNOWN_AFTER_APPLY;
    };
    return { ...allReferences(known), importValue: () => KNOWN_AFTER_APPLY };
  };
  const properties = resources.map((resource) => resource.properties);
  resolved(properties, within('Resources', 'Template format error: '));
  resolved(Object.values(outputs), within('Outputs', ''));
}

function pseudoParameters(stackId: string) {
  const [, , , region, accountId, name = ''] = stackId.split(':');
  return {
    'AWS::AccountId': accountId,
    'AWS::NoValue': NO_VALUE,
    'AWS::NotificationARNs': [],
    'AWS::Partition': 'aws',
    'AWS::Region': region,
    'AWS::StackId': stackId,
    'AWS::StackName': name.split('/')[1],
    'AWS::URLSuffix': 'amazonaws.com',
  };
}

function resourceOf(logicalId: string, node: Node, scope: Omit<Scope, 'references'>): TemplateResource {
  const { Type, Properties = {}, DependsOn = [] } = node;
  const policy = (attribute: keyof typeof POLICIES) => {
    const references = allReferences(() => {
      throw invalid(`Template format error: ${attribute} of ${logicalId} refers to a resource`);
    });
    const value = resolve(node[attribute] ?? 'Delete', { ...scope, references });
    const known = POLICIES[attribute].find((it) => it === value);
    const what = `Unrecognized ${attribute} ${String(value)} for resource ${logicalId}`;
    return existing(known, `Template format error: ${what}`);
  };
  const named = [...[DependsOn].flat().map(String), ...referencesIn(Properties).map(([name]) => name)];
  return {
    logicalId,
    type: String(Type),
    properties: Properties as Node,
    deletionPolicy: policy('DeletionPolicy'),
    updateReplacePolicy: policy('UpdateReplacePolicy'),
    dependencies: [...new Set(named)].filter((id) => Object.hasOwn(scope.sections.Resources, id)),
  };
}

/** Every name in the template must be a parameter's or a resource's, also in branches that are not used. */
function checkReferences({ Parameters, Resources, Outputs }: Sections): void {
  const isResource = (id: string) => Object.hasOwn(Resources, id);
  const isKnown = (id: string) => id.startsWith('AWS::') || isResource(id) || Object.hasOwn(Parameters, id);
  for (const [block, section] of Object.entries({ Resources, Outputs })) {
    const nodes = Object.values(section);
    const references = nodes.flatMap((it) => referencesIn([it.Properties, it.Value, it.Export]));
    const missing = references.find(([id, attribute]) => attribute !== undefined && !isResource(id));
    if (missing) {
      throw invalid(`Template error: instance of Fn::GetAtt references undefined resource ${missing[0]}`);
    }
    const before = nodes.flatMap(({ DependsOn = [] }) => [DependsOn].flat().map(String));
    const refs = references.map(([id]) => id);
    const unresolved = [...before.filter((id) => !isResource(id)), ...refs.filter((id) => !isKnown(id))];
    refuseAny(new Set(unresolved), (names) => {
      const where = `in the ${block} block of the template`;
      return `Template format error: Unresolved resource dependencies [${names}] ${where}`;
    });
  }
}

function inOrder(resources: readonly TemplateResource[]): TemplateResource[] {
  const ordered: TemplateResource[] = [];
  const rest = [...resources];
  const isWaiting = (id: string) => rest.some(({ logicalId }) => logicalId === id);
  while (rest.length > 0) {
    const next = rest.findIndex(({ dependencies }) => !dependencies.some(isWaiting));
    if (next < 0) {
      const circle = rest.map(({ logicalId }) => logicalId).join(', ');
      throw invalid(`Circular dependency between resources: [${circle}]`);
    }
    ordered.push(...rest.splice(next, 1));
  }
  return ordered;
}
