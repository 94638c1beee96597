/** What is looked at and shown before anything is made. */
import { CommandError } from '../command-line/command';
import { describeType } from '../command-line/registered-type';
import type { Caller } from './aws';
import type { Run } from './run';
import { find } from './stacks';

/**
 * Looks whether anything is in the way, and shows what the run makes.
 *
 * @throws CommandError if something is, or if AWS does not respond. Nothing was created then.
 */
export async function lookFirst(run: Pick<Run, 'aws' | 'names' | 'transcript'>): Promise<void> {
  try {
    // First of all: AWS's refusals name the caller, and each goes into the transcript.
    const caller = await run.aws.identity();
    run.transcript.hide(caller.arn);
    run.transcript.hide(caller.arn.split(':').slice(5).join(':'));
    await checkNothingIsThere(run);
    await preview(run, caller);
  } catch (error) {
    if (error instanceof CommandError || !(error instanceof Error)) {
      throw error;
    }
    throw new CommandError(`Nothing was created. AWS returned ${error.name}: ${error.message}`, {
      cause: error,
    });
  }
}

/**
 * Looks whether anything is in the way: a type or a stack of the names that the run uses.
 *
 * @throws CommandError if there is. Nothing was created then, and nothing is removed.
 */
export async function checkNothingIsThere(run: Pick<Run, 'aws' | 'names'>): Promise<void> {
  const { typeName, stacks } = run.names;
  if (await describeType(run.aws.cloudformation, typeName)) {
    throw new CommandError(
      `${typeName} is already registered there, and stacks might use it. Give another --namespace.`,
    );
  }
  for (const name of Object.values(stacks)) {
    if (await find(run, name)) {
      throw new CommandError(
        `The stack ${name} is already there. If it is left over from an earlier run, remove what that run listed; ` +
          'otherwise give another --namespace.',
      );
    }
  }
}

/** What the run makes, for the user to agree to. */
async function preview(
  { aws, names, transcript }: Pick<Run, 'aws' | 'names' | 'transcript'>,
  { accountId, arn }: Caller,
): Promise<void> {
  const region = await aws.region();
  const { registration, roles, trunking, second, notOptedIn } = names.stacks;
  transcript.say(`Account ${accountId}, Region ${region}, as ${arn}.
The run makes, and removes in the end:
- the stack ${registration}: a handler role, and a bucket for the package
- the private type ${names.typeName}
- the stack ${roles}: three roles for instances
- the stacks ${trunking}, ${second}, ${notOptedIn}:
  the setting awsvpcTrunking of two of these roles
It changes no setting of any other role. Operations of private types beyond the account's free 1,000 a month cost
$0.0009 each (AWS CloudFormation pricing); the run takes about 40 of them.
CloudFormation keeps listing the deleted stacks for 90 days, and the deregistered version as DEPRECATED.`);
}
