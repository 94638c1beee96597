/**
 * `npm run submit`: registers the type in an account under a namespace of the user's own. Everything that can be
 * checked is checked before the staged copy of the last time is replaced.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bundle } from './bundle';
import { CommandError, runCommand } from './command';
import { checkAwsSession, pythonEnvironment } from './python';
import { stage } from './stage';
import { cfnOptions, packaged, registered, SUBMIT } from './submission';

void runCommand(SUBMIT, async ({ values }) => {
  const { namespace = '', profile, region, 'dry-run': isDryRun } = values;
  const cfn = join(pythonEnvironment(), 'cfn');
  if (!isDryRun) {
    checkAwsSession(profile, region);
  }
  const staging = await stage(namespace, async (cwd) => {
    if (spawnSync(cfn, ['validate'], { cwd, stdio: 'inherit' }).status !== 0) {
      throw new CommandError('cfn validate refused the project, see above. Nothing was submitted.');
    }
    // `cfn submit` builds once more, and keeps to itself what went wrong.
    await bundle(cwd);
  });
  const submitted = spawnSync(cfn, ['submit', ...cfnOptions(values)], {
    cwd: staging.directory,
    stdio: 'inherit',
  });
  if (submitted.status === 0) {
    console.log(isDryRun ? packaged(staging, values) : registered(staging, values));
  }
  return submitted.status ?? 1;
});
