/** What `cfn generate` makes from the schema: src/models.ts and the reference in docs/. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../command-line/run-program';
import { pythonEnvironment } from '../python/environment';
import { projectTypeName } from './stage';
import { schemaFile } from './type-name';

/** A generated file. */
export interface GeneratedFile {
  /** From the project's folder: `docs/README.md`. */
  readonly path: string;
  readonly text: string;
}

/**
 * Generates in a temporary folder, since the CLI empties `docs/` before it writes. Its other files are left out:
 * `resource-role.yaml` has a handler role that can assume every role; the role to use is in examples/roles.yml.
 *
 * @param project The project's folder. Nothing in it changes.
 * @throws CommandError where the CLI refuses the schema or cannot run, for example because Python is missing.
 */
export function generatedFiles(project: string): GeneratedFile[] {
  const cfn = join(pythonEnvironment(), 'cfn');
  const copy = mkdtempSync(join(tmpdir(), 'generate-'));
  try {
    for (const name of ['.rpdk-config', schemaFile(projectTypeName(project))]) {
      cpSync(join(project, name), join(copy, name));
    }
    mkdirSync(join(copy, 'src'));
    const complain = (why: string) => `cfn generate failed${why}. No file was changed.`;
    runProgram(cfn, ['generate'], complain, { cwd: copy });
    const pages = readdirSync(join(copy, 'docs')).map((name) => `docs/${name}`);
    return ['src/models.ts', ...pages].map((path) => ({
      path,
      text: readFileSync(join(copy, path), 'utf8'),
    }));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/**
 * Writes the generated files that differ from the files of the project.
 *
 * @returns the paths of what was written.
 */
export function writeGenerated(project: string, files: readonly GeneratedFile[]): string[] {
  const changed = files.filter(({ path, text }) => {
    const file = join(project, path);
    return !existsSync(file) || readFileSync(file, 'utf8') !== text;
  });
  for (const { path, text } of changed) {
    writeFileSync(join(project, path), text);
  }
  return changed.map(({ path }) => path);
}
