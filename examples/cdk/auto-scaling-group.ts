import { App, Stack } from 'aws-cdk-lib';
import { AutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import { InstanceType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { EcsOptimizedImage } from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { optIn } from './opt-in';
import { CfnRoleTrunking } from './role-trunking';

/** An Auto Scaling group whose first instance is launched after the setting is made. */
export const stack = new Stack(new App(), 'AutoScalingGroup');

// Outside the group: a role that the group makes is part of it, and would wait for the setting that waits for the role.
const role = new Role(stack, 'InstanceRole', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
optIn(role);

const trunking = new CfnRoleTrunking(stack, 'RoleTrunking', { roleArn: role.roleArn, trunking: 'enabled' });
trunking.node.addDependency(role);

const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
  vpcId: 'vpc-0123456789abcdef0',
  availabilityZones: ['us-east-1a'],
  privateSubnetIds: ['subnet-0123456789abcdef0'],
});
const group = new AutoScalingGroup(stack, 'Group', {
  vpc,
  instanceType: new InstanceType('c5.large'),
  machineImage: EcsOptimizedImage.amazonLinux2023(),
  role,
});
group.node.addDependency(trunking);
