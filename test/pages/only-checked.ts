/**
 * The commands of pages that no test in this folder runs, with the reasons. docs.test.ts checks the AWS commands among
 * them against botocore's models.
 */
import type { PageCommand } from './commands';

interface Exception {
  /** Missing if the exception is for every page. */
  readonly page?: string;
  readonly heading?: string;
  readonly line: RegExp;
  readonly reason: string;
}

export const ONLY_CHECKED: readonly Exception[] = [
  {
    line: /^aws (autoscaling|ecs (?!list-account-settings|put-account-setting-default))/,
    reason: 'needs clusters, instances and Auto Scaling groups, which the local account does not have',
  },
  {
    line: /^npm run doctor/,
    reason: 'needs clusters as well; test/commands/doctor runs it with Amazon ECS and EC2 of moto',
  },
  {
    line: /^aws cloudformation .*stack-(set|instances)|organizations-access/,
    reason: 'StackSets need an organization',
  },
  {
    page: 'docs/from-a-release.md',
    line: /./,
    reason:
      'a release and its attestation are on GitHub; README.md runs the same AWS commands, and ' +
      'test/commands/package.test.ts makes a release, checks it and runs its file',
  },
  {
    page: 'docs/publishing.md',
    line: /./,
    reason: 'publishing needs the public registry; submit and deploy are run on other pages',
  },
  {
    page: 'SECURITY.md',
    line: /^aws (logs|cloudwatch) /,
    reason: 'needs CloudTrail, a KMS key and alarms, which the local account does not have',
  },
  { line: /^aws s3api put-bucket-policy/, reason: 'the local Amazon S3 has no bucket policies' },
  {
    line: /--retain-resources/,
    reason: 'needs a stack whose delete failed; stacks-api.test.ts deletes one without a resource',
  },
  {
    line: /^aws cloudformation continue-update-rollback/,
    reason: 'needs a stack whose rollback failed; stacks-api.test.ts continues one',
  },
  {
    page: 'docs/rolling-out.md',
    heading: "Leave for a type of AWS's own",
    line: /IMPORT|change-set|stack-import-complete/,
    reason: 'AWS has no type for the setting yet',
  },
  {
    line: /npm (ci|test|run (demo|test:faults|lint|contract|build))\b/,
    reason: 'installs the project or runs its tests; demo.test.ts and contract.test.ts run the two commands',
  },
  { line: /^npm run acceptance/, reason: 'acceptance.test.ts runs it' },
];

/** The exception for a command, if there is one. */
export function exceptionFor({ page, heading, line }: PageCommand): Exception | undefined {
  return ONLY_CHECKED.find(
    (it) =>
      (it.page === undefined || it.page === page) &&
      (it.heading === undefined || it.heading === heading) &&
      it.line.test(line),
  );
}
