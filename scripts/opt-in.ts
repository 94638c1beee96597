/** `npm run opt-in`: opts existing roles in. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { IAMClient } from '@aws-sdk/client-iam';
import { clientConfiguration, findCredentials, findRegion } from './command-line/aws-environment';
import { CommandError, runCommand } from './command-line/command';
import { confirm } from './command-line/confirm';
import { nameOf } from './command-line/shared-options';
import { runDoctor } from './doctor/run';
import { changeRole } from './opt-in/change-role';
import { eachRole, type Progress } from './opt-in/each-role';
import { type Clients, managedRoleNote, refuseWhileManaged } from './opt-in/managed';
import { OPT_IN, type OptInOptions } from './opt-in/options';
import { readRole } from './opt-in/role';

/** With --check, as the doctor: 1 would say that there is something to do. */
const FAILED = process.argv.includes('--check') ? 2 : 1;

void runCommand(OPT_IN, run, FAILED);

async function run({ values }: { readonly values: OptInOptions }): Promise<number> {
  if (values.check) {
    const { role, namespace, region, profile } = values;
    return runDoctor({ role, namespace, region, profile });
  }
  const { name: found, source } = await findRegion(values);
  console.log(`Region ${found} (${source})\n`);
  const options = await clientConfiguration(values);
  await findCredentials(options);
  const clients = {
    iam: new IAMClient(options),
    cloudformation: new CloudFormationClient(options),
    region: options.region,
  };
  const roles = values.role?.split(',') ?? [];
  return eachRole(roles, wanted(values), (role, progress) => act(role, values, clients, progress));
}

/** What each role is to be, for the summary of several. */
function wanted({ 'dry-run': isDryRun, undo }: OptInOptions): string {
  return isDryRun ? 'shown' : undo ? 'opted out' : 'opted in';
}

/** What the command does with one role. @returns whether it is as {@link wanted}. */
async function act(
  role: string,
  values: OptInOptions,
  clients: Clients,
  progress: Progress,
): Promise<boolean> {
  const { profile, region, yes } = values;
  const { iam } = clients;
  const roleName = nameOf(role);
  if (role.startsWith('arn:')) {
    await checkArn(iam, roleName, role);
  }
  if (values.undo && !values.force) {
    await refuseWhileManaged(clients, roleName);
  }
  const note = values.undo ? undefined : await managedRoleNote(clients, roleName);
  if (note !== undefined) {
    console.log(`${note}\n`);
  }
  return changeRole({
    iam,
    roleName,
    direction: values.undo ? 'out' : 'in',
    isDryRun: values['dry-run'],
    target: { profile, region },
    project: process.cwd(),
    print: console.log,
    progress,
    confirm: async () => yes || confirm(`Change the role ${roleName}?`, UNABLE),
  });
}

const UNABLE = 'Nothing was changed; give --yes to change it without confirmation.';

/** @throws CommandError if the role of this name has another ARN: another path, account or partition. */
async function checkArn(iam: IAMClient, name: string, arn: string): Promise<void> {
  const role = await readRole(iam, name, arn);
  if (role.arn !== arn) {
    throw new CommandError(`There is no role ${arn}. The role of this name is ${role.arn}.`);
  }
}
