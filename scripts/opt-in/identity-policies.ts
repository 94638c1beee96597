/** What the identity policies of a role say about an action, as far as statements alone tell. */
import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRolePolicyCommand,
  type IAMClient,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
} from '@aws-sdk/client-iam';
import type { JsonObject } from './documents';
import { matches, statementsOf, textsOf } from './policy-text';
import { documentOf } from './role';

/** A statement, and the name of its policy. */
export interface NamedStatement {
  readonly policy: string;
  readonly statement: JsonObject;
}

/**
 * Reads the statements of all inline policies of a role, and of the default versions of its managed policies. Requires
 * iam:ListRolePolicies, GetRolePolicy, ListAttachedRolePolicies, GetPolicy and GetPolicyVersion.
 *
 * @throws every error of IAM.
 */
export async function readStatements(iam: IAMClient, RoleName: string): Promise<NamedStatement[]> {
  const found: NamedStatement[] = [];
  const add = (policy: string, document: string | undefined) => {
    found.push(...statementsOf(documentOf(document)).map((statement) => ({ policy, statement })));
  };
  for await (const { PolicyNames = [] } of paginateListRolePolicies({ client: iam }, { RoleName })) {
    for (const PolicyName of PolicyNames) {
      add(PolicyName, (await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))).PolicyDocument);
    }
  }
  for await (const page of paginateListAttachedRolePolicies({ client: iam }, { RoleName })) {
    for (const { PolicyArn = '', PolicyName = '' } of page.AttachedPolicies ?? []) {
      const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
      const version = { PolicyArn, VersionId: Policy?.DefaultVersionId ?? 'v1' };
      add(PolicyName, (await iam.send(new GetPolicyVersionCommand(version))).PolicyVersion?.Document);
    }
  }
  return found;
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
