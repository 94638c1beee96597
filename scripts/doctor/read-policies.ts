/** What the policies of a role say about an action, as far as statements alone tell. */
import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from '@aws-sdk/client-iam';
import type { JsonObject } from '../opt-in/documents';
import { matches, statementsOf, textsOf } from '../opt-in/policy-text';
import { documentOf } from '../opt-in/role';
import { each, type Reader } from './calls';

/** A statement, and the name of its policy. */
export interface NamedStatement {
  readonly policy: string;
  readonly statement: JsonObject;
}

/**
 * The statements of all inline policies of a role, and of the default versions of its managed policies.
 *
 * @returns what could be read, and whether that is all.
 */
export async function readStatements(
  reader: Reader,
  RoleName: string,
): Promise<{ statements: NamedStatement[]; isComplete: boolean }> {
  const { iam, calls } = reader;
  const inline = await calls.all(
    'iam:ListRolePolicies',
    (Marker) => iam.send(new ListRolePoliciesCommand({ RoleName, Marker })),
    ({ PolicyNames }) => PolicyNames,
  );
  const managed = await calls.all(
    'iam:ListAttachedRolePolicies',
    (Marker) => iam.send(new ListAttachedRolePoliciesCommand({ RoleName, Marker })),
    ({ AttachedPolicies }) => AttachedPolicies,
  );
  const read = [
    ...(await each(inline.items, 1, async (PolicyName) => {
      const command = new GetRolePolicyCommand({ RoleName, PolicyName });
      const answer = await calls.find('iam:GetRolePolicy', () => iam.send(command));
      return answer && named(PolicyName, documentOf(answer.found?.PolicyDocument));
    })),
    ...(await each(managed.items, 1, ({ PolicyArn = '', PolicyName = '' }) =>
      readManagedPolicy(reader, PolicyArn, PolicyName),
    )),
  ];
  return {
    statements: read.flatMap((statements) => statements ?? []),
    isComplete: inline.isComplete && managed.isComplete && !read.includes(undefined),
  };
}

/**
 * The statements of the default version of a managed policy.
 *
 * @returns nothing if they could not be read.
 */
export async function readManagedPolicy(
  { iam, calls }: Reader,
  PolicyArn: string,
  name: string,
): Promise<NamedStatement[] | undefined> {
  const policy = await calls.make('iam:GetPolicy', () => iam.send(new GetPolicyCommand({ PolicyArn })));
  if (!policy) {
    return undefined;
  }
  const command = new GetPolicyVersionCommand({ PolicyArn, VersionId: policy.Policy?.DefaultVersionId });
  const version = await calls.make('iam:GetPolicyVersion', () => iam.send(command));
  return version && named(name, documentOf(version.PolicyVersion?.Document));
}

/** The statements that concern an action, such as `ecs:PutAccountSetting`, whatever their resources and conditions. */
export function concerning(
  statements: readonly NamedStatement[],
  effect: 'Allow' | 'Deny',
  action: string,
): NamedStatement[] {
  return statements.filter(({ statement: { Effect, Action, NotAction } }) => {
    const names = (actions: typeof Action) => textsOf(actions).some((pattern) => matches(pattern, action));
    return Effect === effect && (NotAction === undefined ? names(Action) : !names(NotAction));
  });
}

function named(policy: string, document: JsonObject | undefined): NamedStatement[] {
  return statementsOf(document).map((statement) => ({ policy, statement }));
}
