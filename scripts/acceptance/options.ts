/** The options of `npm run acceptance`. */
import { checkRegion, REGION_ORDER } from '../command-line/option-checks';
import type { Command, Values } from '../command-line/options';
import { RUNTIME_OPTION } from '../packaging/runtimes';
import { STAGED_NAMESPACE_OPTION } from '../packaging/stage';

const OPTIONS = {
  namespace: { ...STAGED_NAMESPACE_OPTION, value: 'NAME', default: 'Example' },
  real: {
    type: 'boolean',
    description:
      'Run in your own account, with your credentials, after showing what is made there and asking. Without it, a ' +
      'local account stands in for AWS.',
  },
  region: {
    type: 'string',
    value: 'REGION',
    description: 'The Region to run in.',
    unset: `us-east-1; with --real ${REGION_ORDER}`,
    check: checkRegion,
  },
  profile: {
    type: 'string',
    value: 'NAME',
    description: 'The AWS CLI profile to use.',
    unset: 'AWS_PROFILE, then the default profile; only with --real',
  },
  yes: { type: 'boolean', description: 'Begin without asking; only with --real.' },
  runtime: RUNTIME_OPTION,
  transcript: {
    type: 'string',
    value: 'FILE',
    description: 'Where to write what was called and what came of it, without account IDs and credentials.',
    default: 'build/acceptance.txt',
  },
} as const;

export type AcceptanceOptions = Values<typeof OPTIONS>;

/** The command, and everything about its options that can be checked without AWS. */
export const ACCEPTANCE: Command<typeof OPTIONS> = {
  name: 'acceptance',
  summary:
    'Registers the type under a namespace, uses it as CloudFormation and Cloud Control do, from create to delete, and ' +
    'deregisters it. Leaves nothing behind, or lists what is left and how to remove it. Needs Python as the tests do.',
  synopsis: '[--real --region REGION --profile NAME] [options]',
  options: OPTIONS,
  check: ({ real, profile, yes }) => {
    const misplaced = real ? undefined : [profile !== undefined && 'profile', yes && 'yes'].find((it) => it);
    return misplaced
      ? `--${misplaced} is only for a real account: give --real as well, or leave it out.`
      : undefined;
  },
};
