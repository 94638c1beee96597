/** `npm run contract`: builds the handlers and runs the official contract suite. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deployCommand, inShell, outputCommand } from './command-line/aws-commands';
import { findRegion } from './command-line/aws-environment';
import { CommandError, runCommand } from './command-line/command';
import { toArguments } from './command-line/options';
import { CONTRACT, type ContractCommandOptions } from './contract/options';
import { type ContractRoles, contractRolesTemplate, runContractSuite } from './contract/suite';
import { bundle } from './packaging/bundle';
import { projectTypeName, renamed, stage } from './packaging/stage';
import { nameUnder } from './packaging/type-name';
import { checkAwsSession, pythonEnvironment } from './python/environment';

const ROOT = join(__dirname, '..');

/** Options that `cfn test` does not have, or that the suite sets. */
const OURS = ['namespace', 'real', 'region', 'role-arn', 'instance-role-arn'];

void runCommand(CONTRACT, async ({ values: given, rest }) => {
  const values = given.real ? { ...given, region: (await findRegion(given)).name } : given;
  const { namespace, region = 'us-east-1' } = values;
  pythonEnvironment();
  const roles = values.real ? rolesGiven(values) : undefined;
  const directory = namespace === undefined ? ROOT : (await stage(namespace)).directory;
  await bundle(directory);
  const { failed, passed } = await runContractSuite({
    directory,
    region,
    roles,
    options: [...toArguments(values, OURS), ...(rest.length > 0 ? ['--', ...rest] : [])],
    onOutput: (text) => process.stdout.write(text),
  });
  return failed === 0 && passed > 0 ? 0 : 1;
});

/** @throws CommandError where a role is missing (with the commands that make both), or a profile or credentials. */
function rolesGiven(values: ContractCommandOptions): ContractRoles {
  const { 'role-arn': handlerRoleArn, 'instance-role-arn': instanceRoleArn } = values;
  if (handlerRoleArn === undefined || instanceRoleArn === undefined) {
    const template = 'build/contract-roles.yml';
    writeRolesTemplate(template, values);
    throw new CommandError(rolesWanted(template, values));
  }
  checkAwsSession(values.profile, values.region);
  return { handlerRoleArn, instanceRoleArn };
}

/** Writes the template of the roles for a real account. */
function writeRolesTemplate(path: string, { namespace }: ContractCommandOptions): void {
  const typeName = namespace === undefined ? projectTypeName() : nameUnder(namespace).typeName;
  const roles = renamed(readFileSync(join(ROOT, 'examples/roles.yml'), 'utf8'), typeName);
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  writeFileSync(join(ROOT, path), contractRolesTemplate(roles));
}

/** The message for missing roles, with the commands that make them from the template. */
function rolesWanted(template: string, values: ContractCommandOptions): string {
  const { region, profile } = values;
  const [stack, target] = ['role-trunking-contract', { region, profile }];
  const given = toArguments(values, ['role-arn', 'instance-role-arn']).map(inShell).join(' ');
  return `The suite needs the two roles of the sample stack, with a handler role that trusts you, since cfn test assumes
it with your credentials. Make them in the account to test in, with the ARN of your user or role:

  ${deployCommand(template, stack, target)} \\
    --capabilities CAPABILITY_IAM --parameter-overrides TesterArn=YOUR_ARN
  npm run contract -- ${given} \\
    --role-arn "$(${outputCommand(stack, 'HandlerRoleArn', target)})" \\
    --instance-role-arn "$(${outputCommand(stack, 'InstanceRoleArn', target)})"

The suite creates, changes and deletes the setting of the instance role in ${region}, and of no other role.`;
}
