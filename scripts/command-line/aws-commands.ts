/** AWS CLI commands for a user to run, with the account and Region that the user has given. */

import { toArguments } from './options';

/** The options for the account, the Region and the endpoint, as they were given. */
export interface Target {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly 'endpoint-url'?: string | undefined;
}

/** The options that were given, such as ` --region eu-central-1 --profile dev`; begins with a space, or is empty. */
export function targetOptions({ region, profile, 'endpoint-url': endpointUrl }: Target): string {
  const options = toArguments({ region, profile, 'endpoint-url': endpointUrl });
  return options.map((option) => ` ${inShell(option)}`).join('');
}

/** Quotes a word for a POSIX shell, where needed. */
export function inShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Deploys a template as a stack. */
export function deployCommand(template: string, stack: string, target: Target): string {
  return `aws cloudformation deploy --template-file ${template} --stack-name ${stack}${targetOptions(target)}`;
}

/** Prints an output of a stack. */
export function outputCommand(stack: string, key: string, target: Target): string {
  return `aws cloudformation describe-stacks --stack-name ${stack} --query "Stacks[0].Outputs[?OutputKey=='${key}'].OutputValue" --output text${targetOptions(target)}`;
}
