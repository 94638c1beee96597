/**
 * `npm run submit`: registers the type in an account under the user's own namespace. Everything that can be checked is
 * checked before the previous staged copy is replaced.
 */
import { join } from 'node:path';
import { findRegion } from './command-line/aws-environment';
import { CommandError, runCommand } from './command-line/command';
import { onInterrupt } from './command-line/interrupts';
import { runToEnd } from './command-line/run-program';
import { pack, stageBuilt } from './packaging/pack';
import { cfnOptions, packaged, registered, SUBMIT, type SubmitOptions } from './packaging/submission';
import { checkAwsSession, pythonEnvironment } from './python/environment';

void runCommand(SUBMIT, async ({ values: given }) => {
  const { namespace = '', runtime, 'dry-run': isDryRun } = given;
  const values = isDryRun ? given : await withRegion(given);
  const programs = pythonEnvironment();
  if (!isDryRun) {
    checkAwsSession(values.profile, values.region);
  }
  const staging = await stageBuilt(programs, namespace, runtime);
  if (isDryRun) {
    pack(programs, staging, cfnOptions(values));
    console.log(packaged(staging, values));
    return 0;
  }
  onInterrupt(() => SUBMIT_INTERRUPTED);
  const command = ['submit', ...cfnOptions(values)];
  const { status, error } = runToEnd(join(programs, 'cfn'), command, {
    cwd: staging.directory,
    stdio: 'inherit',
  });
  if (error) {
    throw new CommandError(`cfn submit did not start: ${error.message}`);
  }
  if (status === 0) {
    console.log(registered(staging, values));
  }
  // The exit codes of `cfn submit` are its interface, as those of this command are.
  return status ?? 1;
});

const SUBMIT_INTERRUPTED =
  'Interrupted. A registration that has begun goes on: aws cloudformation list-type-registrations shows it.';

/** The options with the Region, which boto3 would look for in other places. */
async function withRegion(values: SubmitOptions): Promise<SubmitOptions> {
  const { name: region, source } = await findRegion(values);
  console.log(`Region ${region} (${source})`);
  return { ...values, region };
}
