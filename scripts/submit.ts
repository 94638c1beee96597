/**
 * `npm run submit`: registers the type in an account under the user's own namespace. Everything that can be checked is
 * checked before the previous staged copy is replaced.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { runCommand } from './command-line/command';
import { pack, stageBuilt } from './packaging/pack';
import { cfnOptions, packaged, registered, SUBMIT } from './packaging/submission';
import { checkAwsSession, pythonEnvironment } from './python/environment';

void runCommand(SUBMIT, async ({ values }) => {
  const { namespace = '', profile, region, runtime, 'dry-run': isDryRun } = values;
  const programs = pythonEnvironment();
  if (!isDryRun) {
    checkAwsSession(profile, region);
  }
  const staging = await stageBuilt(programs, namespace, runtime);
  if (isDryRun) {
    pack(programs, staging, cfnOptions(values));
    console.log(packaged(staging, values));
    return 0;
  }
  const { status } = spawnSync(join(programs, 'cfn'), ['submit', ...cfnOptions(values)], {
    cwd: staging.directory,
    stdio: 'inherit',
  });
  if (status === 0) {
    console.log(registered(staging, values));
  }
  return status ?? 1;
});
