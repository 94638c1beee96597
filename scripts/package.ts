/** `npm run package`: the package that examples/register.yml takes, the same bytes from every clone. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command-line/command';
import { pack, stageBuilt } from './packaging/pack';
import { PACKAGE } from './packaging/package-options';
import { billOfMaterials } from './packaging/sbom';
import { pythonEnvironment } from './python/environment';

void runCommand(PACKAGE, async ({ values: { namespace = '', runtime } }) => {
  const programs = pythonEnvironment();
  const staging = await stageBuilt(programs, namespace, runtime);
  const digest = pack(programs, staging);
  const { directory, hyphenatedName: name } = staging;
  const bill = await billOfMaterials(join(__dirname, '..'), { name, digest });
  writeFileSync(join(directory, `${name}.cdx.json`), bill);
  console.log(`
${staging.relative}/${name}.zip
SHA-256 ${digest}`);
  return 0;
});
