import { App, Stack, Tags } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  ManagedPolicy,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { CfnRoleTrunking } from './role-trunking';

/** InstanceRole and RoleTrunking of examples/cluster.yml in the CDK. */
export const stack = new Stack(new App(), 'InstanceRole');

const role = new Role(stack, 'InstanceRole', {
  assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
  managedPolicies: [
    ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonEC2ContainerServiceforEC2Role'),
  ],
});

// Opt in: the tag, the trust in this account's handler roles, and what only their session may do.
Tags.of(role).add('ecs-role-trunking', 'managed');
const handlerRoles = { service: 'iam', region: '', resource: 'role', resourceName: 'ecs-role-trunking/*' };
role.assumeRolePolicy?.addStatements(
  new PolicyStatement({
    principals: [new AccountRootPrincipal()],
    actions: ['sts:AssumeRole'],
    conditions: {
      ArnLike: { 'aws:PrincipalArn': stack.formatArn(handlerRoles) },
      StringEquals: { 'sts:RoleSessionName': 'EcsRoleTrunking' },
    },
  }),
);
const ofTheHandler = { StringLike: { 'aws:userid': '*:EcsRoleTrunking' } };
role.addToPolicy(
  new PolicyStatement({
    actions: ['ecs:PutAccountSetting', 'ecs:DeleteAccountSetting'],
    resources: ['*'],
    conditions: { StringEquals: { 'ecs:account-setting': 'awsvpcTrunking' }, ...ofTheHandler },
  }),
);
role.addToPolicy(
  new PolicyStatement({ actions: ['ecs:ListAccountSettings'], resources: ['*'], conditions: ofTheHandler }),
);

// addToPolicy makes a policy beside the role. The resource must come after it and go before it.
const trunking = new CfnRoleTrunking(stack, 'RoleTrunking', { roleArn: role.roleArn, trunking: 'enabled' });
trunking.node.addDependency(role);
