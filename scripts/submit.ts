/**
 * `npm run submit`: registers the type in an account under the user's own namespace. Everything that can be checked is
 * checked before the previous staged copy is replaced.
 */
import { join } from 'node:path';
import { findRegion } from './command-line/aws-environment';
import { runCommand } from './command-line/command';
import { onInterrupt } from './command-line/interrupts';
import { runProgram } from './command-line/run-program';
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
  const complain = (why: string) => `cfn submit failed${why}.`;
  const command = ['submit', ...cfnOptions(values)];
  runProgram(join(programs, 'cfn'), command, complain, { cwd: staging.directory });
  console.log(registered(staging, values));
  return 0;
});

const SUBMIT_INTERRUPTED =
  'Interrupted. A registration that has begun goes on: aws cloudformation list-type-registrations shows it.';

/** The options with the Region, which boto3 would look for in other places. */
async function withRegion(values: SubmitOptions): Promise<SubmitOptions> {
  const { name: region, source } = await findRegion(values);
  console.log(`Region ${region} (${source})`);
  return { ...values, region };
}
