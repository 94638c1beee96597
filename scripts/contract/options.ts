/** The options of `npm run contract`. */

import type { Command, Values } from '../command-line/options';
import {
  checkAccountId,
  checkCount,
  checkReal,
  REAL_PROFILE_OPTION,
  REAL_REGION_OPTION,
  ROLE_OPTION,
} from '../command-line/shared-options';
import { STAGED_NAMESPACE_OPTION } from '../packaging/stage';

const LOCAL = 'none; only with --real';

const OPTIONS = {
  namespace: { ...STAGED_NAMESPACE_OPTION, unset: 'the project itself, as Custom::Ecs::RoleTrunking' },
  real: {
    description:
      'Run the suite in your own account, with your credentials; the handlers still run on this machine. ' +
      'Without it, a local account stands in for AWS.',
  },
  'role-arn': {
    ...ROLE_OPTION,
    description: 'The handler role to assume in that account.',
    unset: LOCAL,
  },
  'instance-role-arn': {
    ...ROLE_OPTION,
    description: 'The role whose setting the suite creates, changes and deletes there.',
    unset: LOCAL,
  },
  region: { ...REAL_REGION_OPTION, description: 'The Region of the requests.' },
  profile: { ...REAL_PROFILE_OPTION, description: 'The AWS CLI profile that assumes the handler role.' },
  'log-group-name': { value: 'NAME', description: 'A log group for the logs of the handlers.', unset: LOCAL },
  'log-role-arn': { ...ROLE_OPTION, description: 'The role that writes to the log group.', unset: LOCAL },
  'source-account': {
    value: 'ID',
    description: 'The aws:SourceAccount to assume the handler role with.',
    unset: LOCAL,
    check: checkAccountId,
  },
  'source-arn': {
    value: 'ARN',
    description: 'The aws:SourceArn to assume the handler role with.',
    unset: LOCAL,
  },
  'enforce-timeout': {
    value: 'SECONDS',
    description: 'How long read and list may take; create, update and delete twice that.',
    unset: '240',
    check: checkCount,
  },
  verbose: { short: 'v', description: 'Show more output of cfn test.' },
} as const;

export type ContractCommandOptions = Values<typeof OPTIONS>;

/** Options that are only for a real account. */
const REAL_ONLY = [
  'role-arn',
  'instance-role-arn',
  'profile',
  'log-group-name',
  'log-role-arn',
  'source-account',
  'source-arn',
] as const;

/** Options that `cfn test` takes only together. */
const PAIRS = [
  ['log-group-name', 'log-role-arn'],
  ['source-account', 'source-arn'],
] as const;

/** The command, and everything about its options that can be checked without AWS. */
export const CONTRACT: Command<typeof OPTIONS> = {
  name: 'contract',
  summary:
    'Builds the handlers and tests them with the official contract suite, cfn test: in a local account, or with --real in your own.',
  synopsis: '[options] [-- -k contract_create_delete]',
  options: OPTIONS,
  rest: { value: 'ARGUMENTS', description: 'For pytest, such as -k contract_create_delete for one test.' },
  check: (values) => {
    const half = PAIRS.find(([one, other]) => (values[one] === undefined) !== (values[other] === undefined));
    return (
      checkReal(values, REAL_ONLY) ??
      (half && `--${half[0]} and --${half[1]} belong together: give both or neither.`)
    );
  },
};
