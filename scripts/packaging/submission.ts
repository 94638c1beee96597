/** The options of `npm run submit`, and its messages before and after `cfn submit`. */
import { deployCommand, outputCommand, targetOptions } from '../command-line/aws-commands';
import { type Command, toArguments, type Values } from '../command-line/options';
import {
  checkExclusive,
  checkUrl,
  PROFILE_OPTION,
  REGION_OPTION,
  ROLE_OPTION,
} from '../command-line/shared-options';
import { RUNTIME_OPTION } from './runtimes';
import { STAGED_NAMESPACE_OPTION, type Staging } from './stage';
import { nameUnder } from './type-name';

/** All but `--namespace` and `--runtime` are `cfn submit`'s own. */
const OPTIONS = {
  namespace: { ...STAGED_NAMESPACE_OPTION, unset: 'none; required' },
  runtime: RUNTIME_OPTION,
  'dry-run': { description: 'Only make the package. Needs no AWS account.' },
  'role-arn': {
    ...ROLE_OPTION,
    description:
      'The role that CloudFormation runs the handlers with: the output HandlerRoleArn of examples/roles.yml.',
    unset: 'none; this option or --no-role is required, except for a dry run',
  },
  'no-role': {
    description: 'Register the type without a role. Its handlers then answer every request with an error.',
  },
  'set-default': {
    description: 'Make this version the default one. The first version is the default in any case.',
  },
  region: { ...REGION_OPTION, description: 'The Region to register the type in.' },
  profile: { ...PROFILE_OPTION, description: 'The AWS CLI profile to register the type with.' },
  'endpoint-url': {
    value: 'URL',
    description: 'Where to reach CloudFormation.',
    unset: "AWS_ENDPOINT_URL, then the Region's own address",
    check: checkUrl,
  },
  'use-docker': {
    description: 'Has no effect: the package is plain JavaScript, the same on every platform.',
  },
  'no-docker': { description: 'Has no effect either.' },
  verbose: { short: 'v', description: 'Show more output of cfn submit.' },
} as const;

export type SubmitOptions = Values<typeof OPTIONS>;

/** The command, and everything about its options that can be checked without AWS. */
export const SUBMIT: Command<typeof OPTIONS> = {
  name: 'submit',
  summary:
    'Registers the resource type in your account under a namespace of your own: copies the project to ' +
    'build/NAMESPACE with the new name, checks the copy with cfn validate, and runs cfn submit there.',
  synopsis: '--namespace Acme --role-arn ARN [options]',
  options: OPTIONS,
  check: (values) => {
    if (values.namespace === undefined) {
      return 'Give the namespace to register the type under, such as --namespace Acme for Acme::Ecs::RoleTrunking.';
    }
    const hasRole = values['role-arn'] !== undefined || values['no-role'];
    return (
      checkExclusive(values, ['role-arn', 'no-role'], ['use-docker', 'no-docker']) ??
      (hasRole || values['dry-run'] ? undefined : roleWanted(values.namespace, values))
    );
  },
};

/** The options for `cfn submit`: all of its options that the user has given, except `--dry-run`. */
export function cfnOptions(values: SubmitOptions): string[] {
  return toArguments(values, ['namespace', 'runtime', 'dry-run']);
}

/**
 * The message for a missing role. Without one, `cfn submit` would deploy the role that `cfn generate` writes, which can
 * assume every role of the account that trusts it.
 */
function roleWanted(namespace: string, values: SubmitOptions): string {
  const name = nameUnder(namespace);
  const template = `${name.relative}/examples/roles.yml`;
  return `Give --role-arn the ARN of the role that CloudFormation runs the handlers with. Without it, cfn submit would
make a role that can assume every role of the account that trusts it. The ARN to use is the output
HandlerRoleArn of ${template}, which a dry run writes:

  npm run submit -- --namespace ${namespace} --dry-run
  ${deployCommand(template, name.rolesStack, values)} --capabilities CAPABILITY_IAM
  ${submitCommand(namespace, name.rolesStack, values)}

To register the type without a role, give --no-role: its handlers then answer every request with an error.`;
}

/** The message after a dry run: what to do next. */
export function packaged(
  { relative, hyphenatedName, namespace, rolesStack }: Staging,
  values: SubmitOptions,
) {
  return `
The package is ${relative}/${hyphenatedName}.zip; nothing was submitted. Next, the roles and the registration:

  ${deployCommand(`${relative}/examples/roles.yml`, rolesStack, values)} --capabilities CAPABILITY_IAM
  ${submitCommand(namespace, rolesStack, values)}`;
}

/** The message after a registration: what to do next. */
export function registered(
  { relative, typeName, hyphenatedName, rolesStack }: Staging,
  values: SubmitOptions,
) {
  if (values['no-role']) {
    return `
${typeName} is registered without a role: its handlers answer every request with an error.`;
  }
  const isDefault = values['set-default']
    ? ''
    : `This version is the default one only if it is the first; --set-default makes any version the default.
`;
  return `
${typeName} is registered. ${isDefault}Next, trunking for an instance role that trusts the handler role, such as the
instance role of the stack ${rolesStack}:

  ${deployCommand(`${relative}/examples/trunking.yml`, hyphenatedName, values)} \\
    --parameter-overrides RoleArn="$(${outputCommand(rolesStack, 'InstanceRoleArn', values)})"`;
}

function submitCommand(namespace: string, rolesStack: string, values: SubmitOptions): string {
  return `npm run submit -- --namespace ${namespace} --set-default${targetOptions(values)} \\
    --role-arn "$(${outputCommand(rolesStack, 'HandlerRoleArn', values)})"`;
}
