/** The package of the type under a namespace: `cfn submit` submits it, or a user uploads it for register.yml. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../command-line/run-program';
import { reproducible } from './archive';
import { bundle } from './bundle';
import { runtimeWarning } from './runtimes';
import { type Staging, stage } from './stage';

/**
 * Stages a copy of the project under a namespace, validated and built. The previous copy is replaced only if both
 * succeed. Warns on stderr about a runtime whose support ends.
 *
 * @param programs The folder that contains `cfn`.
 * @param runtime One of {@link RUNTIMES}, such as `nodejs22.x`.
 * @throws CommandError
 */
export async function stageBuilt(programs: string, namespace: string, runtime: string): Promise<Staging> {
  const warning = runtimeWarning(runtime);
  if (warning !== undefined) {
    console.error(warning);
  }
  const check = async (cwd: string) => {
    const complain = (why: string) => `cfn validate refused the project${why}. Nothing was submitted.`;
    runProgram(join(programs, 'cfn'), ['validate'], complain, { cwd, stdio: 'pipe' });
    // `cfn submit` builds again, but does not show why a build failed.
    await bundle(cwd);
  };
  return stage(namespace, { runtime, check });
}

/**
 * Makes the package of a staged copy, `<name>.zip`, and `<name>.zip.sha256` next to it, in the format of `sha256sum`.
 * The package is what `cfn submit --dry-run` makes, written again so that the same source gives the same bytes.
 *
 * @param options More options for `cfn submit`.
 * @returns the SHA-256 of the package, in hexadecimal digits.
 * @throws CommandError where `cfn submit` fails; it has then printed the reason.
 */
export function pack(programs: string, staging: Staging, options: readonly string[] = []): string {
  const { directory, hyphenatedName } = staging;
  const complain = (why: string) => `cfn submit --dry-run failed${why}. There is no new package.`;
  const command = ['submit', '--dry-run', ...options];
  const stdio = options.includes('--verbose') ? 'inherit' : 'pipe';
  runProgram(join(programs, 'cfn'), command, complain, { cwd: directory, stdio });
  const path = join(directory, `${hyphenatedName}.zip`);
  const content = reproducible(readFileSync(path));
  const digest = createHash('sha256').update(content).digest('hex');
  writeFileSync(path, content);
  writeFileSync(`${path}.sha256`, `${digest}  ${hyphenatedName}.zip\n`);
  return digest;
}
