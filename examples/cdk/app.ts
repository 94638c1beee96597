import { App, Stack } from 'aws-cdk-lib';
import { CfnRoleTrunking } from './role-trunking';

/** examples/trunking.yml in the CDK. What launches instances with the role must depend on it (addDependency). */
export const stack = new Stack(new App(), 'RoleTrunking');

new CfnRoleTrunking(stack, 'Trunking', {
  // A literal, so that a setting that exists can be imported.
  roleArn: String(stack.node.getContext('roleArn')),
  trunking: 'enabled',
});
