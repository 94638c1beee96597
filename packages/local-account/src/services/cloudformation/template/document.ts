import { Ajv } from 'ajv';
import { parseDocument, type ScalarTag } from 'yaml';
import { found, invalid } from '../../../gateway/errors';
import { isObject } from '../../../gateway/model';
import structure from './structure.json';

export type Node = Readonly<Record<string, unknown>>;

const SECTIONS = ['Parameters', 'Mappings', 'Conditions', 'Resources', 'Outputs'] as const;

/** A template's sections, each with its members by name and every function in its long form. */
export type Sections = Readonly<Record<(typeof SECTIONS)[number], Readonly<Record<string, Node>>>>;

/**
 * The structure of a template (user guide, "template-anatomy") as a JSON schema, with what CloudFormation answers for
 * what it does not allow: `refusal`, where `{name}` is the member's name, `{member}` what is wrong in it and `{value}` its
 * value. Parameters of AWS's own types would have to exist in the account, so it supports none. Recorded in
 * localstack's test_validations, test_mappings, test_resources, test_using_pseudoparameters_in_places and
 * test_linting_error_during_creation; the others are not. Nothing is ignored: other sections and attributes are refused.
 */
const validate = new Ajv({ strict: false, verbose: true }).compile(structure);

export interface Document {
  readonly description: string | undefined;
  readonly version: string | undefined;
  readonly metadata: Node | undefined;
  readonly sections: Sections;
}

/** Functions with a short form: `!Sub x` is `{ "Fn::Sub": x }`. */
const SHORT_FORMS = [
  ...['Ref', 'Condition', 'Fn::GetAtt', 'Fn::Sub', 'Fn::Join', 'Fn::Select', 'Fn::Split', 'Fn::FindInMap'],
  ...['Fn::ImportValue', 'Fn::If', 'Fn::Equals', 'Fn::Not', 'Fn::And', 'Fn::Or', 'Fn::Base64'],
];

/**
 * Reads a template in YAML or JSON.
 *
 * @throws ApiError ValidationError for text that is not a template, and for sections and attributes that
 * CloudFormation or the local account does not support, so that nothing is ignored.
 */
export function readTemplate(text: string): Document {
  const root = readText(text);
  refuseNull(root, '');
  checkStructure(root);
  const { AWSTemplateFormatVersion, Description, Metadata } = root;
  const sections = SECTIONS.map((name) => [name, root[name] ?? {}]);
  return {
    description: typeof Description === 'string' ? Description : undefined,
    version: AWSTemplateFormatVersion === undefined ? undefined : String(AWSTemplateFormatVersion),
    metadata: isObject(Metadata) ? Metadata : undefined,
    sections: Object.fromEntries(sections) as Sections,
  };
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

function readText(text: string): Node {
  const document = parseDocument(text, { customTags: shortForms() });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) {
    const language = text.trimStart().startsWith('{') ? 'JSON' : 'YAML';
    const [{ line, col } = { line: 1, col: 1 }] = problem.linePos ?? [];
    throw invalid(`Template format error: ${language} not well-formed. (line ${line}, column ${col})`);
  }
  const root: unknown = document.toJS();
  if (!isObject(root)) {
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

/** @throws ApiError ValidationError (recorded: localstack, test_invalid_output_structure) */
function refuseNull(value: unknown, path: string): void {
  if (value === null) {
    throw invalid(`[${path}] 'null' values are not allowed in templates`);
  }
  if (typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) {
      refuseNull(item, `${path}/${key}`);
    }
  }
}

function checkStructure(root: Node): void {
  const [error] = validate(root) ? [] : (validate.errors ?? []);
  if (error) {
    const { parentSchema, schemaPath, instancePath, propertyName, data } = error;
    const words: string = parentSchema?.refusal ?? `Template format error: ${schemaPath}`;
    const path = instancePath.split('/');
    const [, , name = ''] = path;
    const member = String(propertyName ?? path.at(-1));
    throw invalid(words.replace('{name}', name).replace('{member}', member).replace('{value}', String(data)));
  }
}
