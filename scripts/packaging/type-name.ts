/** The type's name under a user's namespace. */
import { typeName as projectType } from '../../custom-ecs-roletrunking.json';
import type { TextOption } from '../command-line/options';

/** CloudFormation CLI user guide, "resource-type-schema", `typeName`. */
const RESERVED = ['Alexa', 'AMZN', 'Amazon', 'ASK', 'AWS', 'Custom', 'Dev'];

/** The first part of a type's name (the resource type definition schema's pattern of `typeName`). */
const NAMESPACE = /^[A-Za-z0-9]{2,64}$/;

/** A type's name under a namespace, in every form that files and commands use. */
export interface StagedName {
  /** As the user wrote it: `Acme`. */
  readonly namespace: string;
  /** From the project's folder: `build/acme`. */
  readonly relative: string;
  /** `Acme::Ecs::RoleTrunking`. */
  readonly typeName: string;
  /** `acme-ecs-roletrunking`: the name that `cfn` gives to the files of the schema and the package. */
  readonly hyphenatedName: string;
  /** `acme-ecs-roletrunking-roles`: the stack of examples/roles.yml, in every page and message. */
  readonly rolesStack: string;
}

/** The option `--namespace` of each command for a type that is registered. */
export const NAMESPACE_OPTION = {
  value: 'Acme',
  description: "The first part of the type's name: Acme makes Acme::Ecs::RoleTrunking.",
  check: checkNamespace,
} as const satisfies TextOption;

/**
 * Checks a namespace without asking the registry.
 *
 * @returns what is wrong with it, as the end of a sentence: it is malformed, or reserved by AWS.
 */
export function checkNamespace(namespace: string): string | undefined {
  if (!NAMESPACE.test(namespace)) {
    return 'is not a namespace: it takes 2 to 64 letters and digits (A-Z, a-z, 0-9).';
  }
  const reserved = RESERVED.find((name) => name.toLowerCase() === namespace.toLowerCase());
  if (reserved) {
    return `cannot be used: AWS reserves the namespace ${reserved}, and RegisterType refuses it. Choose another, such as Acme.`;
  }
  return undefined;
}

/** The type's name under a namespace. */
export function nameUnder(namespace: string): StagedName {
  const typeName = [namespace, ...projectType.split('::').slice(1)].join('::');
  const hyphenatedName = fileName(typeName);
  return {
    namespace,
    relative: `build/${namespace.toLowerCase()}`,
    typeName,
    hyphenatedName,
    rolesStack: `${hyphenatedName}-roles`,
  };
}

/** The name of the file that the CLI keeps a type's schema in. */
export function schemaFile(typeName: string): string {
  return `${fileName(typeName)}.json`;
}

/** The form in ARNs: `Acme-Ecs-RoleTrunking`. */
export function hyphenated(typeName: string): string {
  return typeName.replaceAll('::', '-');
}

/** The form in the names of files: `acme-ecs-roletrunking`. */
export function fileName(typeName: string): string {
  return hyphenated(typeName).toLowerCase();
}
