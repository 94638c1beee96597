/** Writes src/models.ts and docs/README.md anew from the schema, with `cfn generate`. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pythonEnvironment } from './python';

const { status } = spawnSync(join(pythonEnvironment(), 'cfn'), ['generate'], { stdio: 'inherit' });
// An execution role with sts:AssumeRole on `*`; the one to use is in examples/roles.yml.
rmSync('resource-role.yaml', { force: true });
process.exit(status ?? 1);
