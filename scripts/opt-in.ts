/** `npm run opt-in`: opts an existing role in. */
import { CloudControlClient } from '@aws-sdk/client-cloudcontrol';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { IAMClient } from '@aws-sdk/client-iam';
import { clientConfiguration, findRegion } from './command-line/aws-environment';
import { runCommand } from './command-line/command';
import { confirm } from './command-line/confirm';
import { changeRole } from './opt-in/change-role';
import { check } from './opt-in/check';
import { OPT_IN } from './opt-in/options';

void runCommand(OPT_IN, async ({ values }) => {
  const { role: roleName = '', namespace, profile, region, yes } = values;
  const { name: found, source } = await findRegion(values);
  console.log(`Region ${found} (${source})\n`);
  const options = await clientConfiguration(values);
  const iam = new IAMClient(options);
  if (values.check) {
    const cloudformation = new CloudFormationClient(options);
    const cloudcontrol = new CloudControlClient(options);
    const clients = { iam, cloudformation, cloudcontrol };
    return (await check({ ...clients, roleName, namespace, print: console.log })) ? 0 : 1;
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
