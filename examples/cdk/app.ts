import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { CfnRoleTrunking } from './role-trunking';

/** examples/trunking.yml in the CDK. What launches instances with the role must depend on it (addDependency). */
export const stack = new Stack(new App(), 'RoleTrunking');

const roleArn = new CfnParameter(stack, 'RoleArn', {
  description: "The container instances' role, such as the output InstanceRoleArn of roles.yml",
});

new CfnRoleTrunking(stack, 'Trunking', { roleArn: roleArn.valueAsString, trunking: 'enabled' });
