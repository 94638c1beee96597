/** The options of `npm run opt-in`. */
import { invocation } from '../command-line/invocation';
import { checkRegion, checkRoleArn, REGION_ORDER } from '../command-line/option-checks';
import type { Command, Values } from '../command-line/options';
import { NAMESPACE_OPTION } from '../packaging/type-name';

const OPTIONS = {
  role: {
    type: 'string',
    value: 'NAME,…',
    description: "The container instances' role, or several of them. Names or ARNs.",
    unset: 'none; required',
    // IAM API reference, GetRole.
    check: (value: string) =>
      value.split(',').every((one) => /^[\w+=.@-]{1,64}$/.test(one) || checkRoleArn(one) === undefined)
        ? undefined
        : 'has something that is neither the name of a role, which has letters, digits and +=.@-_ only, nor its ARN. ' +
          'Separate several with commas, without spaces.',
  },
  'dry-run': { type: 'boolean', description: 'Show what would change, and change nothing.' },
  yes: { type: 'boolean', description: 'Change the role without asking.' },
  undo: {
    type: 'boolean',
    description:
      'Take the tag, the trust statement and the policy away. First delete the resources that manage the role.',
  },
  force: {
    type: 'boolean',
    description: 'With --undo: also if a stack in the Region still manages the setting of the role.',
  },
  check: {
    type: 'boolean',
    description:
      `Look at the role, the registration and the setting as ${invocation('doctor')} does, with its exit code: 0 if nothing ` +
      'is left to do, 1 if something is, 2 if it could not be found out. Changes nothing.',
  },
  namespace: {
    ...NAMESPACE_OPTION,
    description: 'For --check: the namespace that the type is registered under, such as Acme.',
    unset: 'found in the registry',
  },
  region: {
    type: 'string',
    value: 'REGION',
    description: 'The Region of the registration and of the setting. Roles are the same in all Regions.',
    unset: REGION_ORDER,
    check: checkRegion,
  },
  profile: {
    type: 'string',
    value: 'NAME',
    description: 'The AWS CLI profile to use.',
    unset: 'AWS_PROFILE, then the default profile',
  },
} as const;

/** Pairs of which only one can be given. */
const EXCLUSIVE = [
  ['check', 'undo'],
  ['check', 'yes'],
  ['check', 'dry-run'],
  ['dry-run', 'yes'],
] as const;

export type OptInOptions = Values<typeof OPTIONS>;

/** The command, and everything about its options that can be checked without AWS. */
export const OPT_IN: Command<typeof OPTIONS> = {
  name: 'opt-in',
  summary:
    'Lets the handlers manage the ENI trunking of a role that exists: adds the tag, one statement of the trust policy ' +
    'and one inline policy. Shows first what would change, asks, and leaves everything else of the role as it is.',
  synopsis: '--role NAME [options]',
  options: OPTIONS,
  check: (values) => {
    if (values.role === undefined) {
      return 'Give the name of the role to opt in, such as --role ecsInstanceRole.';
    }
    const both = EXCLUSIVE.find(([one, other]) => values[one] && values[other]);
    if (both) {
      return `Give either --${both[0]} or --${both[1]}, not both.`;
    }
    if (values.force && !values.undo) {
      return '--force is only for --undo: leave it out.';
    }
    return values.namespace !== undefined && !values.check
      ? '--namespace is only for --check: leave it out.'
      : undefined;
  },
};
