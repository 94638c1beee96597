/** What is found about the registered type in a Region, and about the role that its handlers run as. */
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GetRoleCommand, type IAMClient } from '@aws-sdk/client-iam';
import { describeType } from '../command-line/registered-type';
import type { Calls } from './calls';
import type { ReportFinding } from './report';

/** Where to read. */
export interface RegistrationReader {
  readonly iam: IAMClient;
  readonly cloudformation: CloudFormationClient;
  readonly calls: Calls;
}

/** What is found; docs/doctor.md has each text as a heading. */
export const REGISTRATION_TEXTS = {
  missing: 'The type is not registered in this Region',
  none: 'The registered version has no handler role',
  path: 'The handler role is not under the path /ecs-role-trunking/',
  deleted: 'The handler role does not exist',
} as const;

/** Instance roles trust handler roles under this path; see SECURITY.md. */
const HANDLER_PATH = /^arn:[^:]+:iam::\d{12}:role\/ecs-role-trunking\//;

/**
 * Looks at the default version of the type and at its handler role.
 *
 * @param typeName Nothing if no type of this name is registered under any namespace.
 * @param level How much it matters that it is not registered.
 */
export async function judgeRegistration(
  { iam, cloudformation, calls }: RegistrationReader,
  typeName: string | undefined,
  level: ReportFinding['level'],
): Promise<ReportFinding[]> {
  const remedy = 'Register it: README, step 2. Without it, nobody but the role itself can read its value.';
  const missing: ReportFinding = { level, subject: 'type', text: REGISTRATION_TEXTS.missing, remedy };
  if (typeName === undefined) {
    return [missing];
  }
  const answer = await calls.make('cloudformation:DescribeType', 'CloudFormation', async () => ({
    type: await describeType(cloudformation, typeName),
  }));
  if (!answer) {
    return [];
  }
  const { type } = answer;
  if (!type) {
    return [{ ...missing, reason: typeName }];
  }
  const arn = type.ExecutionRoleArn;
  const name = arn?.split('/').at(-1);
  const exists =
    arn === undefined ||
    (await calls.exists('iam:GetRole', 'IAM', () => iam.send(new GetRoleCommand({ RoleName: name }))));
  const version = `${typeName}, default version ${type.DefaultVersionId ?? 'unknown'}`;
  return [{ level: 'fine', subject: 'type', text: version }, handlerRole(arn, exists)];
}

/** @param exists Nothing if it was not found out. */
function handlerRole(arn: string | undefined, exists: boolean | undefined): ReportFinding {
  const remedy = 'Register a version with the handler role of examples/roles.yml: docs/rolling-out.md.';
  const must = { level: 'must', subject: 'handler role', remedy } as const;
  if (arn === undefined) {
    return { ...must, text: REGISTRATION_TEXTS.none };
  }
  if (exists === false) {
    return { ...must, text: REGISTRATION_TEXTS.deleted, reason: arn };
  }
  return HANDLER_PATH.test(arn)
    ? { level: 'fine', subject: 'handler role', text: arn }
    : { ...must, text: REGISTRATION_TEXTS.path, reason: arn };
}
