import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AutoScalingGroup, type CfnAutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import { InstanceType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { EcsOptimizedImage } from 'aws-cdk-lib/aws-ecs';
import type { Role } from 'aws-cdk-lib/aws-iam';
import { stack } from '../../examples/cdk/auto-scaling-group';
import { optIn } from '../../examples/cdk/opt-in';
import { CfnRoleTrunking } from '../../examples/cdk/role-trunking';
import { textOf } from '../harness/project-files';
import { TYPE_NAME } from '../harness/sample-account';

/* An Auto Scaling group that waits for the setting, with a role of its own and with a role that it is given. */

type Resources = Record<string, { Type: string; DependsOn?: string | string[] }>;

/** The resources that a resource waits for, by `DependsOn`, `Ref` and `Fn::GetAtt`, directly or through others. */
function waitsFor(resources: Resources, name: string, seen = new Set<string>()): Set<string> {
  const { DependsOn: dependsOn = [], ...declaration } = resources[name] ?? { Type: '' };
  const text = JSON.stringify(declaration);
  const references = [...text.matchAll(/"(?:Ref":|Fn::GetAtt":\[)"([^"]+)"/g)].map(
    ([, target = '']) => target,
  );
  for (const target of [dependsOn, references].flat()) {
    if (target in resources && !seen.has(target)) {
      waitsFor(resources, target, seen.add(target));
    }
  }
  return seen;
}

const named = (resources: Resources, type: string) =>
  Object.keys(resources).find((name) => resources[name]?.Type === type) ?? type;

/** The resources, which CloudFormation cannot create, that wait for themselves. */
const circles = (resources: Resources) =>
  Object.keys(resources).filter((name) => waitsFor(resources, name).has(name));

const synthesized = (of: Stack) => Template.fromStack(of).toJSON().Resources as Resources;

/** A group that makes its own role, which is opted in. */
function groupWithOwnRole() {
  const own = new Stack(new App(), 'Own');
  const group = new AutoScalingGroup(own, 'Group', {
    vpc: Vpc.fromVpcAttributes(own, 'Vpc', {
      vpcId: 'vpc-0123456789abcdef0',
      availabilityZones: ['us-east-1a'],
      privateSubnetIds: ['subnet-0123456789abcdef0'],
    }),
    instanceType: new InstanceType('c5.large'),
    machineImage: EcsOptimizedImage.amazonLinux2023(),
  });
  optIn(group.role as Role);
  const trunking = new CfnRoleTrunking(own, 'RoleTrunking', { roleArn: group.role.roleArn });
  trunking.node.addDependency(group.role);
  return { own, group, trunking };
}

const GROUP = 'AWS::AutoScaling::AutoScalingGroup';

test('the page shows the lines of the example', () => {
  const [, block = ''] = /## CDK\n.*?```ts\n(.*?)```/s.exec(textOf('docs/other-tools.md')) ?? [];
  const lines = block.split('\n').map((line) => line.replace(' // its policy is a resource of its own', ''));
  const example = textOf('examples/cdk/auto-scaling-group.ts').replaceAll('(stack, ', '(this, ');
  expect(lines.length).toBeGreaterThan(5);
  expect(lines.filter((line) => !/new AutoScalingGroup/.test(line) && !example.includes(line))).toEqual([]);
});

test('the group of the example waits for the setting, which waits for the role and its policy', () => {
  const resources = synthesized(stack);
  const setting = named(resources, TYPE_NAME);
  expect([...waitsFor(resources, named(resources, GROUP))]).toContain(setting);
  expect([...waitsFor(resources, setting)]).toEqual(
    expect.arrayContaining([named(resources, 'AWS::IAM::Role'), named(resources, 'AWS::IAM::Policy')]),
  );
  expect(circles(resources)).toEqual([]);
});

test('a group that makes its own role waits without a circle if only its CloudFormation resource depends on the setting', () => {
  const { own, group, trunking } = groupWithOwnRole();
  (group.node.defaultChild as CfnAutoScalingGroup).addResourceDependency(trunking);
  const resources = synthesized(own);
  const setting = named(resources, TYPE_NAME);
  expect([...waitsFor(resources, named(resources, GROUP))]).toContain(setting);
  expect([...waitsFor(resources, setting)]).toContain(named(resources, 'AWS::IAM::Policy'));
  expect(circles(resources)).toEqual([]);
});

test('if the whole group depends on the setting, its own role does too, which is a circle', () => {
  const { own, group, trunking } = groupWithOwnRole();
  group.node.addDependency(trunking);
  // The CDK reports the circle on the console, too.
  jest.spyOn(console, 'error').mockImplementation(() => {});
  expect(() => synthesized(own)).toThrow(/circular dependency|cyclical dependencies|cycle/i);
  jest.restoreAllMocks();
});
