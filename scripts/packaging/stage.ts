/** A copy of the project in which the type has the user's own namespace. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { CommandError } from '../command-line/command';
import type { TextOption } from '../command-line/options';
import {
  checkNamespace,
  fileName,
  hyphenated,
  NAMESPACE_OPTION,
  nameUnder,
  type StagedName,
  schemaFile,
} from './type-name';

const ROOT = join(__dirname, '../..');

/** The files that `cfn` needs, and the files for users of the type. Folders are copied with everything in them. */
const STAGED = [
  '.rpdk-config',
  'LICENSE',
  'THIRD-PARTY-NOTICES',
  'docs/README.md',
  'examples',
  'inputs',
  'package-lock.json',
  'package.json',
  'packages/resource-runtime/package.json',
  'packages/resource-runtime/src',
  'scripts/build.ts',
  'scripts/check-node.cjs',
  'scripts/command-line',
  'scripts/packaging/bundle.ts',
  'src',
  'template.yml',
  'tsconfig.json',
];

/** How a copy is made. */
export interface StageOptions {
  /** The Lambda runtime of the copy, such as `nodejs24.x`; defaults to the project's. */
  readonly runtime?: string;
  /** Called with the folder of the new copy before the old copy is replaced. If it throws, the old copy stays. */
  readonly check?: (directory: string) => Promise<void>;
}

/** A staged copy. */
export interface Staging extends StagedName {
  /** Absolute. */
  readonly directory: string;
}

/** The option `--namespace` of each command that stages a copy. */
export const STAGED_NAMESPACE_OPTION = {
  ...NAMESPACE_OPTION,
  description: "The first part of the type's name: Acme makes Acme::Ecs::RoleTrunking in build/acme.",
  check: checkStaged,
} as const satisfies TextOption;

/**
 * As {@link checkNamespace}; it must not differ only by case from one that is staged either. To AWS, `acme` and `Acme`
 * are different namespaces. But both would have the same folder and the same stack of roles, whose names are in lower
 * case: the second one would change the trust policy of the first one's handler role.
 */
function checkStaged(namespace: string): string | undefined {
  const wrong = checkNamespace(namespace);
  const { relative, rolesStack } = nameUnder(namespace);
  const directory = join(ROOT, relative);
  if (wrong !== undefined || !existsSync(join(directory, '.rpdk-config'))) {
    return wrong;
  }
  const [staged = ''] = projectTypeName(directory).split('::');
  return staged === namespace || staged.toLowerCase() !== namespace.toLowerCase()
    ? undefined
    : `differs only by case from ${staged}, which is staged in ${relative}: both would share that folder and the stack ${rolesStack}. Give --namespace ${staged}; or, if ${staged} is not registered anywhere, delete ${relative} first.`;
}

/** The type name of the project in a folder. */
export function projectTypeName(directory = ROOT): string {
  return JSON.parse(readFileSync(join(directory, '.rpdk-config'), 'utf8')).typeName;
}

/** Replaces the runtime in the files of a copy that name it: for the registry and for `sam local`. */
function setRuntime(directory: string, runtime: string): void {
  for (const path of ['.rpdk-config', 'template.yml'].map((name) => join(directory, name))) {
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/\bnodejs\d+\.x\b/g, runtime));
  }
}

/**
 * Replaces `build/<namespace in lower case>` with a new copy of the project that has the new type name in every file.
 * Node finds the packages in the project's own node_modules, two folders up.
 *
 * @throws CommandError for a namespace that {@link checkNamespace} refuses.
 */
export async function stage(namespace: string, { runtime, check }: StageOptions = {}): Promise<Staging> {
  const wrong = checkStaged(namespace);
  if (wrong !== undefined) {
    throw new CommandError(`--namespace ${JSON.stringify(namespace)} ${wrong}`);
  }
  const name = nameUnder(namespace);
  const directory = join(ROOT, name.relative);
  // No namespace has a dot, so this folder cannot be a staged copy.
  const fresh = join(ROOT, 'build/.staging', namespace.toLowerCase());
  rmSync(fresh, { recursive: true, force: true });
  try {
    copyProject(fresh, name);
    if (runtime !== undefined) {
      setRuntime(fresh, runtime);
    }
    await check?.(fresh);
    rmSync(directory, { recursive: true, force: true });
    renameSync(fresh, directory);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return { ...name, directory };
}

/** Copies the staged files to a new folder, and renames the type in those that contain its name. */
function copyProject(target: string, { typeName }: StagedName): void {
  mkdirSync(target, { recursive: true });
  const schema = schemaFile(projectTypeName());
  for (const path of [...STAGED, schema]) {
    cpSync(join(ROOT, path), join(target, path), { recursive: true });
  }
  renameSync(join(target, schema), join(target, schemaFile(typeName)));
  for (const path of filesBelow(target)) {
    const text = readFileSync(path, 'utf8');
    const changed = renamed(text, typeName);
    if (changed !== text) {
      writeFileSync(path, changed);
    }
  }
}

/** A text of the project with another type name. */
export function renamed(text: string, typeName: string): string {
  const to = forms(typeName);
  return forms(projectTypeName()).reduce(
    (changed, form, index) => changed.replaceAll(form, to[index] ?? form),
    text,
  );
}

/** The forms of a type's name in files: `A::B::C`; in ARNs `A-B-C`; in file names `a-b-c`; in metrics `A/B/C`. */
function forms(typeName: string): string[] {
  return [typeName, hyphenated(typeName), fileName(typeName), typeName.replaceAll('::', '/')];
}

/** Every file below a folder. */
export function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
