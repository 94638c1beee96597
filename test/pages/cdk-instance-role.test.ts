import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { stack } from '../../examples/cdk/instance-role';
import { CfnRoleTrunking } from '../../examples/cdk/role-trunking';
import { templateOf } from '../harness/project-files';
import { TYPE_NAME } from '../harness/sample-account';

/* examples/cdk/instance-role.ts, and why it needs its last line. */

const POLICY = 'AWS::IAM::Policy';

interface Resource {
  readonly DependsOn?: string[];
  readonly Properties: Record<string, unknown>;
}

/** The only resource of a type, with its logical id. */
function only(template: Template, type: string): [string, Resource] {
  const found = Object.entries(template.findResources(type)) as [string, Resource][];
  expect(found).toHaveLength(1);
  return found[0] as [string, Resource];
}

const EXAMPLE = templateOf('examples/cluster.yml').Resources.InstanceRole.Properties;

test('the resource depends on the policy of the role, and so is deleted before it', () => {
  const template = Template.fromStack(stack);
  const [policy] = only(template, POLICY);
  expect(only(template, TYPE_NAME)[1].DependsOn).toContain(policy);
});

test('without addDependency, referring to the role does not make the resource wait for the policy', () => {
  const other = new Stack(new App(), 'Other');
  const role = new Role(other, 'Role', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
  role.addToPolicy(new PolicyStatement({ actions: ['ecs:ListAccountSettings'], resources: ['*'] }));
  new CfnRoleTrunking(other, 'Trunking', { roleArn: role.roleArn });
  const template = Template.fromStack(other);
  only(template, POLICY);
  expect(only(template, TYPE_NAME)[1].DependsOn).toBeUndefined();
});

test('the policy has the name and the permissions of examples/cluster.yml, so that npm run opt-in finds it', () => {
  const [, policy] = only(Template.fromStack(stack), POLICY);
  const { PolicyName, PolicyDocument } = EXAMPLE.Policies[0];
  expect(policy.Properties).toMatchObject({ PolicyName, PolicyDocument });
});

test('the role has the tag, and trusts the handler roles of its account by their path and session name', () => {
  const [, role] = only(Template.fromStack(stack), 'AWS::IAM::Role');
  const ofAccount = (resource: string) => ({
    'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, resource]],
  });
  expect(role.Properties.Tags).toEqual(EXAMPLE.Tags);
  expect(role.Properties.AssumeRolePolicyDocument).toMatchObject({
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
      {
        Sid: 'EcsRoleTrunking',
        Effect: 'Allow',
        Principal: { AWS: ofAccount(':root') },
        Action: 'sts:AssumeRole',
        Condition: {
          ArnLike: { 'aws:PrincipalArn': ofAccount(':role/ecs-role-trunking/*') },
          StringEquals: { 'sts:RoleSessionName': 'EcsRoleTrunking' },
        },
      },
    ],
  });
});
