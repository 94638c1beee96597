/** The options of `npm run opt-in`. */
import { invocation } from '../command-line/invocation';
import type { Command, Values } from '../command-line/options';
import { checkExclusive, checkRoleArn, PROFILE_OPTION, REGION_OPTION } from '../command-line/shared-options';
import { NAMESPACE_OPTION } from '../packaging/type-name';

const OPTIONS = {
  role: {
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
  'dry-run': { description: 'Show what would change, and change nothing.' },
  yes: { description: 'Change the role without asking.' },
  undo: {
    description:
      'Take the tag, the trust statement and the policy away. First delete the resources that manage the role.',
  },
  force: {
    description: 'With --undo: also if a stack in the Region still manages the setting of the role.',
  },
  check: {
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
    ...REGION_OPTION,
    description: 'The Region of the registration and of the setting. Roles are the same in all Regions.',
  },
  profile: PROFILE_OPTION,
} as const;

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
    if (values.force && !values.undo) {
      return '--force is only for --undo: leave it out.';
    }
    if (values.namespace !== undefined && !values.check) {
      return '--namespace is only for --check: leave it out.';
    }
    const checked = (['undo', 'yes', 'dry-run'] as const).map((other) => ['check', other] as const);
    return checkExclusive(values, ...checked, ['dry-run', 'yes']);
  },
};
