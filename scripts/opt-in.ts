/** `npm run opt-in`: opts an existing role in. */
import { join } from 'node:path';
import { CloudControlClient } from '@aws-sdk/client-cloudcontrol';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { IAMClient } from '@aws-sdk/client-iam';
import { runCommand } from './command';
import { confirm } from './confirm';
import { changeRole } from './opt-in/change-role';
import { checkRegistration, checkRole, type Finding } from './opt-in/check';
import { documentsFor } from './opt-in/documents';
import { OPT_IN, type OptInOptions } from './opt-in/options';
import { planOptIn } from './opt-in/plan';
import { explain } from './opt-in/refusals';
import { readRole } from './opt-in/role';
import { nameUnder } from './stage';

// The SDK's warning about Node 20 is for developers.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

void runCommand(OPT_IN, async ({ values }) => {
  if (values.check) {
    return check(values);
  }
  const { role: roleName = '', profile, region, yes } = values;
  const isDone = await changeRole({
    iam: new IAMClient(configuration(values)),
    roleName,
    direction: values.undo ? 'out' : 'in',
    isDryRun: values['dry-run'],
    target: { profile, region },
    project: join(__dirname, '..'),
    print: console.log,
    confirm: async () =>
      yes || confirm('Change the role?', 'Nothing was changed; give --yes to change it without a question.'),
  });
  return isDone ? 0 : 1;
});

/** Finds the Region as the AWS CLI does; the SDK for JavaScript does not read AWS_DEFAULT_REGION. */
function configuration({
  profile,
  region = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION,
}: OptInOptions) {
  return { ...(profile !== undefined && { profile }), ...(region !== undefined && { region }) };
}

/** @returns 0 where everything is in place, 1 where something must be done. */
async function check(values: OptInOptions): Promise<number> {
  const { role: roleName = '', namespace } = values;
  const options = configuration(values);
  const role = await readRole(new IAMClient(options), roleName).catch((error: unknown) => {
    throw explain(error, roleName);
  });
  const missing = planOptIn(role, documentsFor(role.arn)).map(({ part }) => part);
  const registration = namespace !== undefined && {
    cloudformation: new CloudFormationClient(options),
    cloudcontrol: new CloudControlClient(options),
    namespace,
    typeName: nameUnder(namespace).typeName,
  };
  const findings = [
    checkRole(roleName, missing),
    ...(registration ? await checkRegistration(registration, role.arn) : []),
  ];
  console.log(`${role.arn}\n\n${findings.map(lineOf).join('\n')}`);
  if (!registration) {
    console.log('\nGive --namespace to see the registration and the setting as well.');
  }
  return findings.every(({ todo }) => todo === undefined) ? 0 : 1;
}

function lineOf({ about, value, todo }: Finding): string {
  return `${about.padEnd(14)}${value}${todo === undefined ? '' : `\n${' '.repeat(14)}→ ${todo}`}`;
}
