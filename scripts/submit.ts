/**
 * Registers the type in an account under a namespace of the user's own: stages a copy that bears it, checks
 * the copy with `cfn validate` and hands over to `cfn submit` there, with every other option as given.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { PythonMissing, pythonEnvironment } from './python';
import { hasOption, NamespaceRefused, optionValue, readOptions, type Staging, stage } from './stage';

/** An IAM role's ARN in any partition. */
const ROLE_ARN = /^arn:[a-z-]+:iam::\d{12}:role\/.+$/;

try {
  process.exitCode = submit(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof NamespaceRefused || error instanceof PythonMissing)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 1;
}

/**
 * @returns The exit code.
 * @throws NamespaceRefused, PythonMissing
 */
function submit(given: readonly string[]): number {
  const { namespace, options } = readOptions(given);
  if (['--help', '-h'].some((name) => hasOption(options, name))) {
    return (
      spawnSync(join(pythonEnvironment(), 'cfn'), ['submit', '--help'], { stdio: 'inherit' }).status ?? 1
    );
  }
  const staging = stage(namespace);
  const dryRun = hasOption(options, '--dry-run');
  if (
    !dryRun &&
    !hasOption(options, '--no-role') &&
    !ROLE_ARN.test(optionValue(options, '--role-arn') ?? '')
  ) {
    console.error(roleWanted(staging, options));
    return 1;
  }
  const cfn = join(pythonEnvironment(), 'cfn');
  const inStaging = { cwd: staging.directory, stdio: 'inherit' as const };
  const validated = spawnSync(cfn, ['validate'], inStaging);
  if (validated.status !== 0) {
    return validated.status ?? 1;
  }
  const submitted = spawnSync(cfn, ['submit', ...options], inStaging);
  if (submitted.status === 0) {
    console.log(dryRun ? packaged(staging, options) : registered(staging, options));
  }
  return submitted.status ?? 1;
}

/**
 * `cfn submit` alone would deploy the role that `cfn generate` writes, which may assume every role of the
 * account that lets it.
 */
function roleWanted(staging: Staging, options: readonly string[]): string {
  const { relative, hyphenatedName } = staging;
  const stack = `${hyphenatedName}-roles`;
  return `Give --role-arn the ARN of the role that CloudFormation is to run the handlers with. Without it, cfn submit
would make one of its own that may assume every role of the account that lets it. The role to use is the
output HandlerRoleArn of ${relative}/examples/roles.yml:

  ${deploy(`${relative}/examples/roles.yml`, stack, options)} --capabilities CAPABILITY_IAM
  ${output(stack, 'HandlerRoleArn', options)}

To register the type without a role, give --no-role: the handlers then answer every request with an error.`;
}

function packaged(staging: Staging, options: readonly string[]): string {
  const { relative, hyphenatedName, namespace } = staging;
  const stack = `${hyphenatedName}-roles`;
  return `
The package is ${relative}/${hyphenatedName}.zip; nothing was submitted. Next, the roles and the registration:

  ${deploy(`${relative}/examples/roles.yml`, stack, options)} --capabilities CAPABILITY_IAM
  npm run submit -- --namespace ${namespace} --set-default${target(options)} \\
    --role-arn "$(${output(stack, 'HandlerRoleArn', options)})"`;
}

function registered(staging: Staging, options: readonly string[]): string {
  const { relative, typeName, hyphenatedName } = staging;
  const stack = `${hyphenatedName}-roles`;
  if (hasOption(options, '--no-role')) {
    return `
${typeName} is registered without a role: its handlers answer every request with an error.`;
  }
  return `
${typeName} is registered. ${
    hasOption(options, '--set-default')
      ? ''
      : `This version is the default only if it is the first: --set-default makes it so.
`
  }Next, trunking for an instance role that lets the handler role in, such as that of
the stack ${stack}:

  ${deploy(`${relative}/examples/trunking.yml`, hyphenatedName, options)} \\
    --parameter-overrides RoleArn="$(${output(stack, 'InstanceRoleArn', options)})"`;
}

function deploy(template: string, stack: string, options: readonly string[]): string {
  return `aws cloudformation deploy --template-file ${template} --stack-name ${stack}${target(options)}`;
}

function output(stack: string, key: string, options: readonly string[]): string {
  return `aws cloudformation describe-stacks --stack-name ${stack} --query "Stacks[0].Outputs[?OutputKey=='${key}'].OutputValue" --output text${target(options)}`;
}

/** The account and Region, as the user named them. */
function target(options: readonly string[]): string {
  return ['--region', '--profile', '--endpoint-url']
    .map((name) => [name, optionValue(options, name)])
    .flatMap(([name, value]) => (value ? [` ${name} ${value}`] : []))
    .join('');
}
