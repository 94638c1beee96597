import { Stack, Tags } from 'aws-cdk-lib';
import { AccountRootPrincipal, Effect, Policy, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';

/** Opts a role in: the tag, the trust in this account's handler roles, and what only their session may do. */
export function optIn(role: Role): void {
  Tags.of(role).add('ecs-role-trunking', 'managed');
  const handlerRoles = { service: 'iam', region: '', resource: 'role', resourceName: 'ecs-role-trunking/*' };
  role.assumeRolePolicy?.addStatements(
    new PolicyStatement({
      sid: 'EcsRoleTrunking',
      principals: [new AccountRootPrincipal()],
      actions: ['sts:AssumeRole'],
      conditions: {
        ArnLike: { 'aws:PrincipalArn': Stack.of(role).formatArn(handlerRoles) },
        StringEquals: { 'sts:RoleSessionName': 'EcsRoleTrunking' },
      },
    }),
  );
  const ofTheHandler = { StringLike: { 'aws:userid': '*:EcsRoleTrunking' } };
  // A policy of its own: addToPolicy makes up a name, and this is the name that `npm run opt-in` looks for.
  const policyName = 'SetTrunkingFromTheHandler';
  new Policy(role, policyName, {
    policyName,
    roles: [role],
    statements: [
      new PolicyStatement({
        actions: ['ecs:PutAccountSetting', 'ecs:DeleteAccountSetting'],
        resources: ['*'],
        conditions: { StringEquals: { 'ecs:account-setting': 'awsvpcTrunking' }, ...ofTheHandler },
      }),
      new PolicyStatement({
        actions: ['ecs:ListAccountSettings'],
        resources: ['*'],
        conditions: ofTheHandler,
      }),
      // The handler's sessions have a session policy. This limits a session of that name that was opened without one.
      new PolicyStatement({
        effect: Effect.DENY,
        notActions: ['ecs:PutAccountSetting', 'ecs:DeleteAccountSetting', 'ecs:ListAccountSettings'],
        resources: ['*'],
        conditions: ofTheHandler,
      }),
    ],
  });
}
