/** `npm run package`: the package that examples/register.yml takes, the same bytes from every clone. */
import { runCommand } from './command';
import { pack, stageBuilt } from './pack';
import { PACKAGE } from './package-options';
import { pythonEnvironment } from './python';

void runCommand(PACKAGE, async ({ values: { namespace = '', runtime } }) => {
  const programs = pythonEnvironment();
  const staging = await stageBuilt(programs, namespace, runtime);
  const digest = pack(programs, staging);
  console.log(`
${staging.relative}/${staging.hyphenatedName}.zip
SHA-256 ${digest}`);
  return 0;
});
