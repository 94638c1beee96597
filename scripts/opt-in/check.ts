/** `--check`: what can be seen of a role's opting in, of the registration and of the setting. */
import type { CloudControlClient } from '@aws-sdk/client-cloudcontrol';
import { GetResourceCommand } from '@aws-sdk/client-cloudcontrol';
import type { CloudFormationClient, DescribeTypeCommandOutput } from '@aws-sdk/client-cloudformation';
import type { IAMClient } from '@aws-sdk/client-iam';
import { invocation } from '../command-line/invocation';
import { describeType } from '../command-line/registered-type';
import { type Finding, linesOf } from '../doctor/finding';
import { nameUnder } from '../packaging/type-name';
import { documentsFor } from './documents';
import { type Part, planOptIn, type RoleState, trustsAccount } from './plan';
import { explain } from './refusals';
import { readRole } from './role';

/** What to check, and where. */
export interface Check extends Pick<Registration, 'cloudformation' | 'cloudcontrol'> {
  readonly iam: IAMClient;
  readonly roleName: string;
  /** The type's namespace. Without it, only the role is checked. */
  readonly namespace: string | undefined;
  readonly print: (text: string) => void;
}

/** Where to look. */
export interface Registration {
  readonly cloudformation: CloudFormationClient;
  readonly cloudcontrol: CloudControlClient;
  /** `Acme::Ecs::RoleTrunking`. */
  readonly typeName: string;
}

/** Instance roles trust handler roles under this path; see SECURITY.md. */
const HANDLER_PATH = /^arn:[^:]+:iam::\d{12}:role\/ecs-role-trunking\//;

/**
 * Prints the findings.
 *
 * @returns whether everything is in place.
 * @throws CommandError where IAM does not return the role.
 */
export async function check({ iam, roleName, namespace, print, ...clients }: Check): Promise<boolean> {
  const role = await readRole(iam, roleName).catch((error: unknown) => {
    throw explain(error, roleName);
  });
  const missing = planOptIn(role, documentsFor(role.arn)).map(({ part }) => part);
  const registration = namespace !== undefined && {
    ...clients,
    typeName: nameUnder(namespace).typeName,
  };
  const findings = [
    checkRole(roleName, missing),
    ...checkTrust(role),
    ...(registration ? await checkRegistration(registration, role.arn) : []),
  ];
  print(`${role.arn}\n\n${linesOf(findings)}`);
  if (!registration) {
    print('\nGive --namespace to also see the registration and the setting.');
  }
  return findings.every(({ level }) => level === 'fine' || level === 'should');
}

/** Whether the role has its three parts. @param missing What {@link planOptIn} would change. */
export function checkRole(roleName: string, missing: readonly Part[]): Finding {
  return missing.length === 0
    ? { level: 'fine', subject: 'opted in', text: 'yes' }
    : {
        level: 'must',
        subject: 'opted in',
        text: `no: the ${missing.join(', the ')} ${missing.length === 1 ? 'is' : 'are'} missing or different`,
        remedy: invocation('opt-in', `--role ${roleName}`),
      };
}

/** Whether the tag alone lets the handlers assume the role. Nothing otherwise. */
export function checkTrust(role: RoleState): Finding[] {
  return trustsAccount(role)
    ? [
        {
          level: 'should',
          subject: 'trust policy',
          text: 'trusts the whole account without a condition, so the tag alone lets the handlers assume the role',
          remedy: `Limit that statement to the principals that need ${role.name}, and iam:TagRole to those who opt roles in.`,
        },
      ]
    : [];
}

/** Whether the type is registered in the Region, with which version and role, and the setting that it reads. */
export async function checkRegistration(registration: Registration, roleArn: string): Promise<Finding[]> {
  const { cloudformation, typeName } = registration;
  let type: DescribeTypeCommandOutput | undefined;
  try {
    type = await describeType(cloudformation, typeName);
  } catch (error) {
    return [
      {
        level: 'unknown',
        subject: 'type',
        text: unseen(error),
        remedy: 'Allow cloudformation:DescribeType.',
      },
    ];
  }
  if (!type) {
    const remedy = 'Register it with examples/register.yml: see README.md, step 2.';
    const text = `${typeName} is not registered in this Region`;
    return [{ level: 'must', subject: 'type', text, remedy }];
  }
  const version = `${typeName}, default version ${type.DefaultVersionId ?? 'unknown'}`;
  return [
    { level: 'fine', subject: 'type', text: version },
    checkHandlerRole(type.ExecutionRoleArn),
    await checkSetting(registration, roleArn),
  ];
}

function checkHandlerRole(arn: string | undefined): Finding {
  if (arn === undefined) {
    const remedy = 'Register a version with --role-arn, the output HandlerRoleArn of examples/roles.yml.';
    const text = 'none: the handlers answer every request with an error';
    return { level: 'must', subject: 'handler role', text, remedy };
  }
  return HANDLER_PATH.test(arn)
    ? { level: 'fine', subject: 'handler role', text: arn }
    : {
        level: 'must',
        subject: 'handler role',
        text: `${arn}, which is not under the path /ecs-role-trunking/`,
        remedy: 'Opted-in roles do not trust it. Register a version with the role of examples/roles.yml.',
      };
}

/**
 * Cloud Control has the handlers read the setting. Only the role itself can, and it does not trust the caller of this
 * command.
 */
async function checkSetting({ cloudcontrol, typeName }: Registration, roleArn: string): Promise<Finding> {
  try {
    const command = new GetResourceCommand({ TypeName: typeName, Identifier: roleArn });
    const { ResourceDescription } = await cloudcontrol.send(command);
    const { Trunking } = JSON.parse(ResourceDescription?.Properties ?? '{}') as { Trunking?: string };
    return Trunking === undefined
      ? { level: 'unknown', subject: 'setting', text: 'Cloud Control returned no properties' }
      : { level: 'fine', subject: 'setting', text: Trunking };
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') {
      return { level: 'fine', subject: 'setting', text: 'none: the account default applies' };
    }
    const remedy =
      'Opt the role in, and check that you are allowed cloudformation:GetResource. In aws-cn, use a stack.';
    return { level: 'unknown', subject: 'setting', text: unseen(error), remedy };
  }
}

function unseen(error: unknown): string {
  return `cannot be read: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
}
