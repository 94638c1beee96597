/** `--check`: what can be seen of a role's opting in, of the registration and of the setting. */
import type { CloudControlClient } from '@aws-sdk/client-cloudcontrol';
import { GetResourceCommand } from '@aws-sdk/client-cloudcontrol';
import type { CloudFormationClient, DescribeTypeCommandOutput } from '@aws-sdk/client-cloudformation';
import type { ECSClient } from '@aws-sdk/client-ecs';
import type { IAMClient } from '@aws-sdk/client-iam';
import { invocation } from '../command-line/invocation';
import { describeType } from '../command-line/registered-type';
import { Calls } from '../doctor/calls';
import { type Finding, linesOf, unreadable } from '../doctor/finding';
import { readAccountDefault } from '../doctor/read-settings';
import { nameUnder } from '../packaging/type-name';
import { documentsFor } from './documents';
import { judgeHandlerRole } from './handler-role';
import { concerning, readStatements } from './identity-policies';
import { type Part, planOptIn, type RoleState, trustsAccount } from './plan';
import { explain } from './refusals';
import { readRole } from './role';

/** What to check, and where. */
export interface Check extends Omit<Registration, 'typeName'> {
  readonly roleName: string;
  /** The type's namespace. Without it, only the role is checked. */
  readonly namespace: string | undefined;
  readonly print: (text: string) => void;
}

/** Where to look. */
export interface Registration {
  readonly region: string;
  readonly iam: IAMClient;
  readonly ecs: ECSClient;
  readonly cloudformation: CloudFormationClient;
  readonly cloudcontrol: CloudControlClient;
  /** `Acme::Ecs::RoleTrunking`. */
  readonly typeName: string;
}

/**
 * Prints the findings.
 *
 * @returns whether nothing must be done, and everything could be read.
 * @throws CommandError where IAM does not return the role.
 */
export async function check({ roleName, namespace, print, ...where }: Check): Promise<boolean> {
  const role = await readRole(where.iam, roleName).catch((error: unknown) => {
    throw explain(error, roleName);
  });
  const missing = planOptIn(role, documentsFor(role.arn)).map(({ part }) => part);
  const findings = [
    checkRole(roleName, missing),
    ...checkTrust(role),
    ...(await checkPermissions(where.iam, role)),
    ...(namespace === undefined
      ? []
      : await checkRegistration({ ...where, typeName: nameUnder(namespace).typeName }, role.arn)),
  ];
  print(`${role.arn}\n\n${linesOf(findings)}`);
  if (namespace === undefined) {
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

/** What of the role's own could deny the handlers: other policies and the permissions boundary. */
export async function checkPermissions(iam: IAMClient, role: RoleState): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (role.boundary !== undefined) {
    const text = `${role.boundary}: it must allow ${ACTIONS.join(', ')}`;
    findings.push({ level: 'should', subject: 'boundary', text });
  }
  try {
    const policies = await readStatements(iam, role.name);
    for (const action of ACTIONS) {
      for (const { policy, statement } of concerning(policies, 'Deny', action)) {
        const condition = statement.Condition === undefined ? '' : ', under a condition';
        findings.push({
          level: condition === '' ? 'must' : 'should',
          subject: 'denial',
          text: `the policy ${policy} of the role denies ${action}${condition}`,
          remedy: 'Exempt sessions named EcsRoleTrunking: aws:userid like *:EcsRoleTrunking.',
        });
      }
    }
  } catch (error) {
    const actions =
      'iam:ListRolePolicies, iam:ListAttachedRolePolicies, iam:GetPolicy and iam:GetPolicyVersion';
    findings.push(unreadable('denial', actions, error));
  }
  return findings;
}

/** What the handlers call as the role. */
const ACTIONS = ['ecs:PutAccountSetting', 'ecs:DeleteAccountSetting', 'ecs:ListAccountSettings'];

/** The registration in the Region, its role, the setting that the handlers read, and the account default. */
export async function checkRegistration(registration: Registration, roleArn: string): Promise<Finding[]> {
  const { cloudformation, typeName, region, iam } = registration;
  let type: DescribeTypeCommandOutput | undefined;
  try {
    type = await describeType(cloudformation, typeName);
  } catch (error) {
    return [unreadable('type', 'cloudformation:DescribeType', error)];
  }
  if (!type) {
    const remedy = 'Register it with examples/register.yml (README.md, step 2), or give another --region.';
    return [{ level: 'must', subject: 'type', text: `${typeName} is not registered in ${region}`, remedy }];
  }
  const text = `${typeName} in ${region}, default version ${type.DefaultVersionId ?? 'unknown'}`;
  return [
    { level: 'fine', subject: 'type', text },
    ...(await judgeHandlerRole(iam, type.ExecutionRoleArn, { typeName, region })),
    ...(await checkSetting(registration, roleArn)),
  ];
}

/**
 * Cloud Control has the handlers read the setting. Only the role itself can, and it does not trust the caller of this
 * command.
 */
async function checkSetting(registration: Registration, roleArn: string): Promise<Finding[]> {
  const { cloudcontrol, typeName, region } = registration;
  const subject = 'setting';
  try {
    const command = new GetResourceCommand({ TypeName: typeName, Identifier: roleArn });
    const { ResourceDescription } = await cloudcontrol.send(command);
    const { Trunking } = JSON.parse(ResourceDescription?.Properties ?? '{}') as { Trunking?: string };
    return Trunking === undefined
      ? [{ level: 'unknown', subject, text: 'Cloud Control returned no properties. Run this again.' }]
      : [{ level: 'fine', subject, text: `${Trunking} in ${region}` }];
  } catch (error) {
    const { name, message } = error as Error;
    if (name === 'ResourceNotFoundException') {
      return [await withoutSetting(registration)];
    }
    const code = /HandlerErrorCode: (\w+)/.exec(message)?.[1];
    if (code === undefined) {
      return [unreadable(subject, 'cloudformation:GetResource', error)];
    }
    // What the handlers themselves report says what to do.
    return [
      { level: code === 'Throttling' ? 'unknown' : 'must', subject, text: `could not be read. ${message}` },
    ];
  }
}

/** A role without a setting of its own has the account default. */
async function withoutSetting(registration: Registration): Promise<Finding> {
  const calls = new Calls();
  const value = await readAccountDefault({ ...registration, calls });
  const [failed] = calls.unread.values();
  const why = failed ? ` (${failed.action}: ${failed.message})` : '';
  const text = `none in ${registration.region}, so the account default applies: ${value}${why}`;
  const remedy = 'Declare the resource for this role in a template.';
  return value === 'enabled'
    ? { level: 'fine', subject: 'setting', text }
    : { level: 'must', subject: 'setting', text, remedy };
}
