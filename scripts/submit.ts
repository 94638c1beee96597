/**
 * `npm run submit`: registers the type in an account under the user's own namespace. Everything that can be checked is
 * checked before the previous staged copy is replaced.
 */
import { join } from 'node:path';
import { runCommand } from './command-line/command';
import { onInterrupt } from './command-line/interrupts';
import { runProgram } from './command-line/run-program';
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
  onInterrupt(() => SUBMIT_INTERRUPTED);
  const complain = (why: string) => `cfn submit failed${why}.`;
  const command = ['submit', ...cfnOptions(values)];
  runProgram(join(programs, 'cfn'), command, complain, { cwd: staging.directory });
  console.log(registered(staging, values));
  return 0;
});

const SUBMIT_INTERRUPTED =
  'Interrupted. A registration that has begun goes on: aws cloudformation list-type-registrations shows it.';
