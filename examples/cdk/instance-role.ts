import { App, Stack } from 'aws-cdk-lib';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { optIn } from './opt-in';
import { CfnRoleTrunking } from './role-trunking';

/** InstanceRole and RoleTrunking of examples/cluster.yml in the CDK. */
export const stack = new Stack(new App(), 'InstanceRole');

const role = new Role(stack, 'InstanceRole', {
  assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
  managedPolicies: [
    ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonEC2ContainerServiceforEC2Role'),
  ],
});
optIn(role);

// optIn makes a policy beside the role. The resource must come after it and go before it.
const trunking = new CfnRoleTrunking(stack, 'RoleTrunking', { roleArn: role.roleArn, trunking: 'enabled' });
trunking.node.addDependency(role);
