/** The options of `npm run acceptance`. */

import type { Command, Values } from '../command-line/options';
import { checkReal, REAL_PROFILE_OPTION, REAL_REGION_OPTION } from '../command-line/shared-options';
import { RUNTIME_OPTION } from '../packaging/runtimes';
import { STAGED_NAMESPACE_OPTION } from '../packaging/stage';

const OPTIONS = {
  namespace: { ...STAGED_NAMESPACE_OPTION, value: 'NAME', default: 'Example' },
  real: {
    description:
      'Run in your own account, with your credentials, after showing what is made there and asking. Without it, a ' +
      'local account stands in for AWS.',
  },
  region: { ...REAL_REGION_OPTION, description: 'The Region to run in.' },
  profile: REAL_PROFILE_OPTION,
  yes: { description: 'Begin without asking; only with --real.' },
  runtime: RUNTIME_OPTION,
  transcript: {
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
  check: (values) => checkReal(values, ['profile', 'yes']),
};
