/** The options of `npm run contract`. */
import {
  checkAccountId,
  checkCount,
  checkRegion,
  checkRoleArn,
  REGION_ORDER,
} from '../command-line/option-checks';
import type { Command, Values } from '../command-line/options';
import { STAGED_NAMESPACE_OPTION } from '../packaging/stage';

const LOCAL = 'none; only with --real';

const OPTIONS = {
  namespace: { ...STAGED_NAMESPACE_OPTION, unset: 'the project itself, as Custom::Ecs::RoleTrunking' },
  real: {
    type: 'boolean',
    description:
      'Run the suite in your own account, with your credentials; the handlers still run on this machine. ' +
      'Without it, a local account stands in for AWS.',
  },
  'role-arn': {
    type: 'string',
    value: 'ARN',
    description: 'The handler role to assume in that account.',
    unset: LOCAL,
    check: checkRoleArn,
  },
  'instance-role-arn': {
    type: 'string',
    value: 'ARN',
    description: 'The role whose setting the suite creates, changes and deletes there.',
    unset: LOCAL,
    check: checkRoleArn,
  },
  region: {
    type: 'string',
    value: 'REGION',
    description: 'The Region of the requests.',
    unset: `us-east-1; with --real ${REGION_ORDER}`,
    check: checkRegion,
  },
  profile: {
    type: 'string',
    value: 'NAME',
    description: 'The AWS CLI profile that assumes the handler role.',
    unset: 'AWS_PROFILE, then the default profile; only with --real',
  },
  'log-group-name': {
    type: 'string',
    value: 'NAME',
    description: 'A log group for the logs of the handlers.',
    unset: LOCAL,
  },
  'log-role-arn': {
    type: 'string',
    value: 'ARN',
    description: 'The role that writes to the log group.',
    unset: LOCAL,
    check: checkRoleArn,
  },
  'source-account': {
    type: 'string',
    value: 'ID',
    description: 'The aws:SourceAccount to assume the handler role with.',
    unset: LOCAL,
    check: checkAccountId,
  },
  'source-arn': {
    type: 'string',
    value: 'ARN',
    description: 'The aws:SourceArn to assume the handler role with.',
    unset: LOCAL,
  },
  'enforce-timeout': {
    type: 'string',
    value: 'SECONDS',
    description: 'How long read and list may take; create, update and delete twice that.',
    unset: '240',
    check: checkCount,
  },
  verbose: { type: 'boolean', short: 'v', description: 'Show more output of cfn test.' },
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
    const misplaced = values.real ? undefined : REAL_ONLY.find((name) => values[name] !== undefined);
    if (misplaced !== undefined) {
      return `--${misplaced} is only for a real account: give --real as well, or leave it out.`;
    }
    for (const [one, other] of PAIRS) {
      if ((values[one] === undefined) !== (values[other] === undefined)) {
        return `--${one} and --${other} belong together: give both or neither.`;
      }
    }
    return undefined;
  },
};
