/** `npm run opt-in`: opts an existing role in. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { IAMClient } from '@aws-sdk/client-iam';
import { clientConfiguration, findRegion } from './command-line/aws-environment';
import { CommandError, runCommand } from './command-line/command';
import { confirm } from './command-line/confirm';
import { runDoctor } from './doctor/run';
import { changeRole } from './opt-in/change-role';
import { managedRoleNote, refuseWhileManaged } from './opt-in/managed';
import { OPT_IN } from './opt-in/options';
import { explain } from './opt-in/refusals';
import { readRole } from './opt-in/role';

void runCommand(OPT_IN, async ({ values }) => {
  const { role = '', namespace, profile, region, yes } = values;
  if (values.check) {
    return runDoctor({ role, namespace, profile, region }, process);
  }
  const roleName = role.split('/').at(-1) ?? role;
  const { name: found, source } = await findRegion(values);
  console.log(`Region ${found} (${source})\n`);
  const options = await clientConfiguration(values);
  const iam = new IAMClient(options);
  const cloudformation = new CloudFormationClient(options);
  if (role.startsWith('arn:')) {
    await checkArn(iam, roleName, role);
  }
  if (values.undo && !values.force) {
    await refuseWhileManaged({ iam, cloudformation }, roleName, options.region);
  }
  const note = values.undo ? undefined : await managedRoleNote(cloudformation, roleName, options.region);
  if (note !== undefined) {
    console.log(`${note}\n`);
  }
  const isDone = await changeRole({
    iam,
    roleName,
    direction: values.undo ? 'out' : 'in',
    isDryRun: values['dry-run'],
    target: { profile, region },
    project: process.cwd(),
    print: console.log,
    confirm: async () =>
      yes ||
      confirm('Change the role?', 'Nothing was changed; give --yes to change it without confirmation.'),
  });
  return isDone ? 0 : 1;
});

/** @throws CommandError if the role of this name has another ARN: another path, account or partition. */
async function checkArn(iam: IAMClient, name: string, arn: string): Promise<void> {
  const role = await readRole(iam, name).catch((error: unknown) => {
    throw explain(error, arn);
  });
  if (role.arn !== arn) {
    throw new CommandError(`There is no role ${arn}. The role of this name is ${role.arn}.`);
  }
}
