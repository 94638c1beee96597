/** The options of `npm run local`. */

import type { Command } from '../command-line/options';
import { checkRegion } from '../command-line/shared-options';

const OPTIONS = {
  port: {
    value: 'PORT',
    description: 'The port to listen on, on 127.0.0.1.',
    unset: 'a free one',
    check: (value: string) =>
      /^[1-9]\d{0,4}$/.test(value) && Number(value) <= 65_535 ? undefined : 'is not a port: 1 to 65535.',
  },
  region: {
    value: 'REGION',
    description: 'The Region to print as AWS_DEFAULT_REGION. The account answers for every Region.',
    default: 'us-east-1',
    check: checkRegion,
  },
  latency: {
    value: 'MILLISECONDS',
    description: 'The shortest time that each call takes.',
    default: '0',
    check: (value: string) =>
      /^\d{1,6}$/.test(value) ? undefined : 'is not a number of milliseconds, 0 to 999999.',
  },
} as const;

/** The command, and everything about its options that can be checked before it starts. */
export const LOCAL: Command<typeof OPTIONS> = {
  name: 'local',
  summary:
    'Runs a local AWS account until Ctrl-C: CloudFormation with its registry, Cloud Control, IAM, STS, Amazon ECS account ' +
    'settings, and as much of Amazon S3, CloudWatch and Lambda as these need. Prints on stdout the variables for another ' +
    'shell to export, and on stderr each call and each stack event. The only user at the start is an administrator.',
  options: OPTIONS,
};
