/** `npm run package`: the package that examples/register.yml takes, the same bytes from every clone. */
import { join } from 'node:path';
import { runCommand } from './command-line/command';
import { pack, stageBuilt } from './packaging/pack';
import { PACKAGE } from './packaging/package-options';
import { writeRelease } from './packaging/release';
import { pythonEnvironment } from './python/environment';

void runCommand(PACKAGE, async ({ values: { namespace = '', runtime } }) => {
  const programs = pythonEnvironment();
  const staging = await stageBuilt(programs, namespace, runtime);
  const digest = pack(programs, staging);
  await writeRelease(join(__dirname, '..'), staging, digest);
  console.log(`${staging.relative}/${staging.hyphenatedName}.zip
SHA-256 ${digest}

${staging.relative}/release has all that a release consists of.`);
  return 0;
});
