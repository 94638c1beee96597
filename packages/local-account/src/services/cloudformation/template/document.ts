import { parseDocument, type ScalarTag } from 'yaml';
import { found, invalid } from '../../../gateway/errors';

/** An object of a template. */
export type Node = Readonly<Record<string, unknown>>;

const SECTIONS = ['Parameters', 'Mappings', 'Conditions', 'Resources', 'Outputs'] as const;

/** A template's sections, each with its members by name and every function in its long form. */
export type Sections = Readonly<Record<(typeof SECTIONS)[number], Readonly<Record<string, Node>>>>;

/** A template as it is written. */
export interface TemplateDocument {
  readonly description: string | undefined;
  readonly sections: Sections;
}

/** What happens to a resource that is deleted or replaced: the attributes and their values. */
const POLICIES = {
  DeletionPolicy: ['Delete', 'Retain', 'RetainExceptOnCreate'],
  UpdateReplacePolicy: ['Delete', 'Retain'],
};
const ATTRIBUTES = ['Type', 'Properties', 'DependsOn', 'Condition', 'Metadata', ...Object.keys(POLICIES)];
/** Functions with a short form: `!Sub x` is `{ "Fn::Sub": x }`. */
const SHORT_FORMS = [
  ...['Ref', 'Condition', 'Fn::GetAtt', 'Fn::Sub', 'Fn::Join', 'Fn::Select', 'Fn::Split', 'Fn::FindInMap'],
  ...['Fn::ImportValue', 'Fn::If', 'Fn::Equals', 'Fn::Not', 'Fn::And', 'Fn::Or'],
];

/**
 * Reads a template in YAML or JSON.
 *
 * @throws ApiError ValidationError for text that is not a template, and for sections and attributes that
 * CloudFormation or the local account does not support, so that nothing is ignored.
 */
export function readTemplate(text: string): TemplateDocument {
  const { AWSTemplateFormatVersion: _, Description, Metadata: _metadata, ...root } = readText(text);
  const unknown = Object.keys(root).filter((name) => !SECTIONS.some((section) => section === name));
  refuseAny(unknown, (names) => `Invalid template property or properties [${names}]`);
  const sections = Object.fromEntries(SECTIONS.map((name) => [name, members(root, name)])) as Sections;
  if (Object.keys(sections.Resources).length === 0) {
    throw invalid('Template format error: At least one Resources member must be defined.');
  }
  for (const [name, resource] of Object.entries(sections.Resources)) {
    checkResource(name, resource);
  }
  for (const [name, { Value }] of Object.entries(sections.Outputs)) {
    existing(Value, `Template format error: Output ${name} is malformed.`);
  }
  return { description: typeof Description === 'string' ? Description : undefined, sections };
}

/** A value that must be there. @throws ApiError ValidationError with the message. */
export function existing<T>(value: T | undefined, message: string): T {
  return found(value, invalid(message));
}

/** @throws ApiError ValidationError with a message about names, if there are any. */
export function refuseAny(names: Iterable<string>, message: (listed: string) => string): void {
  const listed = [...names].join(', ');
  if (listed !== '') {
    throw invalid(message(listed));
  }
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

function members(root: Node, name: string): Record<string, Node> {
  const section = root[name] ?? {};
  if (!isNode(section)) {
    throw invalid(`Template format error: ${name} must be an object.`);
  }
  const wrong = Object.keys(section).find((member) => !isNode(section[member]));
  if (wrong !== undefined) {
    throw invalid(`Template format error: [/${name}/${wrong}] Every ${name} member must be an object.`);
  }
  return section as Record<string, Node>;
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
  for (const [attribute, allowed] of Object.entries(POLICIES)) {
    const value = resource[attribute];
    if (value !== undefined && !allowed.some((policy) => policy === value)) {
      throw invalid(`Template format error: Unrecognized ${attribute} ${String(value)} for resource ${name}`);
    }
  }
}
