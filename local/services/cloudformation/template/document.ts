import { parseDocument, type ScalarTag } from 'yaml';
import { ApiError } from '../../../gateway/errors';

/** A template's sections, with every function in its long form. */
export interface TemplateDocument {
  readonly text: string;
  readonly description: string | undefined;
  readonly parameters: Readonly<Record<string, Node>>;
  readonly mappings: Node;
  readonly conditions: Node;
  readonly resources: Readonly<Record<string, Node>>;
  readonly outputs: Readonly<Record<string, Node>>;
}

/** An object of a template. */
export type Node = Readonly<Record<string, unknown>>;

const SECTIONS = [
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Mappings',
  'Conditions',
  'Resources',
  'Outputs',
];
const ATTRIBUTES = [
  'Type',
  'Properties',
  'DependsOn',
  'Condition',
  'DeletionPolicy',
  'UpdateReplacePolicy',
  'Metadata',
];
/** Functions with a short form: `!Sub x` is `{ "Fn::Sub": x }`. */
const SHORT_FORMS = [
  ...['Ref', 'Condition', 'Fn::GetAtt', 'Fn::Sub', 'Fn::Join', 'Fn::Select', 'Fn::Split', 'Fn::FindInMap'],
  ...['Fn::ImportValue', 'Fn::If', 'Fn::Equals', 'Fn::Not', 'Fn::And', 'Fn::Or'],
];

/**
 * Reads a template in YAML or JSON.
 *
 * @throws ApiError ValidationError for text that is not a template, and for sections and attributes that
 * CloudFormation or the local account does not know, so that nothing is ignored.
 */
export function readTemplate(text: string): TemplateDocument {
  const root = readText(text);
  const unknown = Object.keys(root).filter((name) => !SECTIONS.includes(name));
  if (unknown.length > 0) {
    throw invalid(`Invalid template property or properties [${unknown.join(', ')}]`);
  }
  const resources = members(root, 'Resources');
  if (Object.keys(resources).length === 0) {
    throw invalid('Template format error: At least one Resources member must be defined.');
  }
  for (const [name, resource] of Object.entries(resources)) {
    checkResource(name, resource);
  }
  return {
    text,
    description: typeof root.Description === 'string' ? root.Description : undefined,
    parameters: members(root, 'Parameters'),
    mappings: section(root, 'Mappings'),
    conditions: section(root, 'Conditions'),
    resources,
    outputs: members(root, 'Outputs'),
  };
}

/** An error about a template, as CloudFormation reports all of them. */
export function invalid(message: string): ApiError {
  return new ApiError('ValidationError', message);
}

/** Whether a value is an object and not a list. */
export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readText(text: string): Node {
  const document = parseDocument(text, { customTags: shortForms() });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) {
    const language = text.trimStart().startsWith('{') ? 'JSON' : 'YAML';
    const [{ line, col } = { line: 1, col: 1 }] = problem.linePos ?? [];
    throw invalid(`Template format error: ${language} not well-formed. (line ${line}, column ${col})`);
  }
  const root: unknown = document.toJS();
  if (!isNode(root)) {
    throw invalid('Template format error: unsupported structure.');
  }
  return root;
}

function shortForms(): ScalarTag[] {
  return SHORT_FORMS.flatMap((name) => {
    const tag = `!${name.replace('Fn::', '')}`;
    const nested = (value: { toJSON(): unknown }) => ({ [name]: value.toJSON() });
    return [
      { tag, resolve: (value: unknown) => ({ [name]: value }) },
      { tag, collection: 'seq', resolve: nested },
      { tag, collection: 'map', resolve: nested },
    ] as unknown as ScalarTag[];
  });
}

function section(root: Node, name: string): Node {
  const value = root[name] ?? {};
  if (isNode(value)) {
    return value;
  }
  throw invalid(`Template format error: ${name} must be an object.`);
}

function members(root: Node, name: string): Record<string, Node> {
  const entries = Object.entries(section(root, name));
  const wrong = entries.find(([, value]) => !isNode(value));
  if (wrong) {
    throw invalid(`Template format error: [/${name}/${wrong[0]}] Every ${name} member must be an object.`);
  }
  return Object.fromEntries(entries) as Record<string, Node>;
}

function checkResource(name: string, resource: Node): void {
  if (typeof resource.Type !== 'string') {
    const message = 'Every Resources object must contain a Type member.';
    throw invalid(`Template format error: [/Resources/${name}] ${message}`);
  }
  const unknown = Object.keys(resource).find((attribute) => !ATTRIBUTES.includes(attribute));
  if (unknown !== undefined) {
    throw invalid(`Invalid template resource property '${unknown}'`);
  }
  const policies = [
    ['DeletionPolicy', ['Delete', 'Retain', 'RetainExceptOnCreate']],
    ['UpdateReplacePolicy', ['Delete', 'Retain']],
  ] as const;
  for (const [attribute, allowed] of policies) {
    const value = resource[attribute];
    if (value !== undefined && !allowed.some((policy) => policy === value)) {
      throw invalid(`Template format error: Unrecognized ${attribute} ${String(value)} for resource ${name}`);
    }
  }
}
