import { invalid, type Node, readTemplate, type TemplateDocument } from './document';
import { Evaluation, type References, type TemplateScope, visitReferences } from './functions';
import { parameterValue, readParameters } from './parameters';

export type { References } from './functions';

/** What CloudFormation does with a resource that is to be deleted. */
export type DeletionPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate';

/** A resource of a template, its properties not resolved yet. */
export interface TemplateResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: unknown;
  readonly deletionPolicy: DeletionPolicy;
  readonly updateReplacePolicy: DeletionPolicy;
  /** Logical IDs of the resources that must exist before it. */
  readonly dependencies: readonly string[];
}

/** An output of a template, not resolved yet. */
interface TemplateOutput {
  readonly name: string;
  readonly value: unknown;
  readonly description?: string;
  readonly exportName?: unknown;
}

/** A template with its parameters and conditions decided. */
export interface Template {
  readonly document: TemplateDocument;
  readonly parameters: Readonly<Record<string, string>>;
  /** In an order in which they can be created. */
  readonly resources: readonly TemplateResource[];
  readonly outputs: readonly TemplateOutput[];
  /** Replaces the functions in a value by what they give. @throws ApiError ValidationError */
  resolve(value: unknown, references: References): unknown;
}

/**
 * Reads a template in YAML or JSON and decides its parameters and conditions.
 *
 * @param parameters Values by name.
 * @throws ApiError ValidationError for whatever CloudFormation refuses, and for what the local account does not know.
 */
export function parseTemplate(
  text: string | TemplateDocument,
  scope: TemplateScope,
  parameters: Readonly<Record<string, string>> = {},
): Template {
  const document = typeof text === 'string' ? readTemplate(text) : text;
  checkReferences(document);
  const values = readParameters(document.parameters, parameters);
  const refs = Object.entries(values).map(([name, value]) => [
    name,
    parameterValue(document.parameters[name] ?? {}, value),
  ]);
  const evaluation = new Evaluation(document, Object.fromEntries(refs), scope);
  const present = ([, node]: [string, Node]) =>
    typeof node.Condition !== 'string' || evaluation.condition(node.Condition);
  const resources = Object.entries(document.resources)
    .filter(present)
    .map(([logicalId, node]) => resourceOf(logicalId, node, document.resources));
  const outputs = Object.entries(document.outputs)
    .filter(present)
    .map(([name, node]) => outputOf(name, node));
  return {
    document,
    parameters: values,
    resources: inOrder(resources),
    outputs,
    resolve: (value, references) => evaluation.resolve(value, references),
  };
}

function resourceOf(
  logicalId: string,
  node: Node,
  resources: TemplateDocument['resources'],
): TemplateResource {
  const { Type, Properties = {}, DependsOn = [], DeletionPolicy, UpdateReplacePolicy } = node;
  const dependencies = new Set([DependsOn].flat().map(String));
  visitReferences(Properties, (id) => Object.hasOwn(resources, id) && dependencies.add(id));
  return {
    logicalId,
    type: String(Type),
    properties: Properties,
    deletionPolicy: (DeletionPolicy ?? 'Delete') as DeletionPolicy,
    updateReplacePolicy: (UpdateReplacePolicy ?? 'Delete') as DeletionPolicy,
    dependencies: [...dependencies],
  };
}

function outputOf(name: string, { Value, Description, Export }: Node): TemplateOutput {
  if (Value === undefined) {
    throw invalid(`Template format error: Output ${name} is malformed.`);
  }
  return {
    name,
    value: Value,
    ...(typeof Description === 'string' ? { description: Description } : {}),
    ...(Export === undefined ? {} : { exportName: (Export as Node).Name }),
  };
}

/** Every name in the template must be a parameter's or a resource's, in branches that are not taken as well. */
function checkReferences({ parameters, resources, outputs }: TemplateDocument): void {
  for (const [block, nodes] of [['Resources', resources] as const, ['Outputs', outputs] as const]) {
    for (const { Properties, Value, Export, DependsOn = [] } of Object.values(nodes)) {
      const unresolved = new Set(
        [DependsOn]
          .flat()
          .map(String)
          .filter((id) => !Object.hasOwn(resources, id)),
      );
      visitReferences([Properties, Value, Export], (id, attribute) => {
        if (attribute !== undefined && !Object.hasOwn(resources, id)) {
          throw invalid(`Template error: instance of Fn::GetAtt references undefined resource ${id}`);
        }
        if (!id.startsWith('AWS::') && !Object.hasOwn(resources, id) && !Object.hasOwn(parameters, id)) {
          unresolved.add(id);
        }
      });
      if (unresolved.size > 0) {
        const names = [...unresolved].join(', ');
        throw invalid(
          `Template format error: Unresolved resource dependencies [${names}] in the ${block} block of the template`,
        );
      }
    }
  }
}

function inOrder(resources: TemplateResource[]): TemplateResource[] {
  const ordered: TemplateResource[] = [];
  const rest = [...resources];
  const isPlaced = (id: string) => ordered.some(({ logicalId }) => logicalId === id);
  const isAbsent = (id: string) => !resources.some(({ logicalId }) => logicalId === id);
  while (rest.length > 0) {
    const next = rest.findIndex(({ dependencies }) =>
      dependencies.every((id) => isPlaced(id) || isAbsent(id)),
    );
    if (next < 0) {
      const circle = rest.map(({ logicalId }) => logicalId).join(', ');
      throw invalid(`Circular dependency between resources: [${circle}]`);
    }
    ordered.push(...rest.splice(next, 1));
  }
  return ordered;
}
