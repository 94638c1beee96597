/** A copy of the project whose type stands under a namespace of the user's own, and the option that names it. */
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');

/** CloudFormation CLI user guide, "resource-type-schema", `typeName`. */
const RESERVED = ['Alexa', 'AMZN', 'Amazon', 'ASK', 'AWS', 'Custom', 'Dev'];

/** The first part of a type's name (the resource type definition schema's pattern of `typeName`). */
const NAMESPACE = /^[A-Za-z0-9]{2,64}$/;

/** What `cfn` needs of the project, and what a user of the type reads. Folders are copied whole. */
const STAGED = [
  '.rpdk-config',
  'LICENSE',
  'docs/README.md',
  'examples',
  'inputs',
  'package-lock.json',
  'package.json',
  'scripts/build.ts',
  'src',
  'template.yml',
  'tsconfig.json',
];

/** Thrown where a type cannot be registered under a namespace; the message is for the user, one sentence. */
export class NamespaceRefused extends Error {}

/** A staged copy. */
export interface Staging {
  /** As the user wrote it: `Acme`. */
  readonly namespace: string;
  /** Absolute. */
  readonly directory: string;
  /** As one types it, from the project's folder: `build/acme`. */
  readonly relative: string;
  /** `Acme::Ecs::RoleTrunking`. */
  readonly typeName: string;
  /** `acme-ecs-roletrunking`: what `cfn` calls the schema's and the package's file. */
  readonly hyphenatedName: string;
}

/**
 * Checks a namespace without a look at the registry.
 *
 * @throws NamespaceRefused where it is missing, malformed or reserved by AWS.
 */
export function checkNamespace(namespace: string | undefined): string {
  if (!namespace) {
    throw new NamespaceRefused(
      'Give the namespace to register the type under, such as --namespace Acme for Acme::Ecs::RoleTrunking.',
    );
  }
  if (!NAMESPACE.test(namespace)) {
    throw new NamespaceRefused(
      `${JSON.stringify(namespace)} is no namespace: it takes 2 to 64 letters and digits (A-Z, a-z, 0-9).`,
    );
  }
  const reserved = RESERVED.find((name) => name.toLowerCase() === namespace.toLowerCase());
  if (reserved) {
    throw new NamespaceRefused(
      `AWS reserves the namespace ${reserved}, so RegisterType refuses it: choose one of your own, such as Acme.`,
    );
  }
  return namespace;
}

/** The name under which the project stands. */
export function projectTypeName(directory = ROOT): string {
  const { typeName } = JSON.parse(readFileSync(join(directory, '.rpdk-config'), 'utf8')) as {
    typeName: string;
  };
  return typeName;
}

/**
 * Copies the project to `build/<namespace in lower case>`, afresh, with the new name in place of the old one
 * in every file. Node finds the packages in the project's own node_modules, two folders up.
 *
 * @throws NamespaceRefused
 */
export function stage(namespace: string | undefined): Staging {
  const checked = checkNamespace(namespace);
  const relative = `build/${checked.toLowerCase()}`;
  const directory = join(ROOT, relative);
  const oldName = projectTypeName();
  const typeName = [checked, ...oldName.split('::').slice(1)].join('::');
  const names = forms(oldName).map((form, index) => [form, forms(typeName)[index] ?? form] as const);
  const hyphenatedName = hyphenated(typeName).toLowerCase();

  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const schema = `${hyphenated(oldName).toLowerCase()}.json`;
  for (const path of [...STAGED, schema]) {
    cpSync(join(ROOT, path), join(directory, path), { recursive: true });
  }
  renameSync(join(directory, schema), join(directory, `${hyphenatedName}.json`));
  for (const path of filesBelow(directory)) {
    const text = readFileSync(path, 'utf8');
    writeFileSync(
      path,
      names.reduce((stamped, [from, to]) => stamped.replaceAll(from, to), text),
    );
  }
  return { namespace: checked, directory, relative, typeName, hyphenatedName };
}

/** The forms in which a type's name stands in files: `A::B::C`, as in ARNs `A-B-C`, in file names `a-b-c`. */
function forms(typeName: string): string[] {
  return [typeName, hyphenated(typeName), hyphenated(typeName).toLowerCase()];
}

function hyphenated(typeName: string): string {
  return typeName.replaceAll('::', '-');
}

/** Every file below a folder. */
export function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Options as given: ours, and those that are handed on, in their order. */
export interface Options {
  readonly namespace: string | undefined;
  readonly options: readonly string[];
}

/** Takes `--namespace Acme` or `--namespace=Acme` out of what was given; the last one counts. */
export function readOptions(given: readonly string[]): Options {
  return { namespace: optionValue(given, '--namespace'), options: withoutOption(given, '--namespace') };
}

/** The value of an option in either form; `undefined` where it is not given or has none. The last one counts. */
export function optionValue(options: readonly string[], name: string): string | undefined {
  const at = options.findLastIndex((option) => option === name || option.startsWith(`${name}=`));
  const option = options[at];
  if (option === undefined) {
    return undefined;
  }
  const next = options[at + 1];
  return option === name
    ? next === undefined || next.startsWith('-')
      ? undefined
      : next
    : option.slice(name.length + 1);
}

/** Whether an option without a value is given. */
export function hasOption(options: readonly string[], name: string): boolean {
  return options.includes(name);
}

/** Everything but an option and its value. */
export function withoutOption(options: readonly string[], name: string): string[] {
  return options.filter((option, index) => {
    const isValue = options[index - 1] === name && !option.startsWith('-');
    return option !== name && !option.startsWith(`${name}=`) && !isValue;
  });
}
