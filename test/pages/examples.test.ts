import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from '../../scripts/packaging/stage';
import { ROOT, templateOf, textOf } from '../harness/project-files';

/* What the comments in the examples promise. Other tests deploy the examples. */

interface Template {
  readonly Resources: Record<string, { Type: string; DependsOn?: string; Properties: object }>;
}

describe('examples/cluster.yml', () => {
  const { Resources }: Template = templateOf('examples/cluster.yml');

  test('the Auto Scaling group waits for the setting', () => {
    expect(Resources.RoleTrunking?.Type).toBe('Custom::Ecs::RoleTrunking');
    expect(Resources.AutoScalingGroup?.DependsOn).toBe('RoleTrunking');
  });

  test('managed termination protection has what it requires', () => {
    expect(Resources.CapacityProvider?.Properties).toMatchObject({
      AutoScalingGroupProvider: {
        ManagedScaling: { Status: 'ENABLED' },
        ManagedTerminationProtection: 'ENABLED',
      },
    });
    expect(Resources.AutoScalingGroup?.Properties).toMatchObject({ NewInstancesProtectedFromScaleIn: true });
  });

  test('instances accept only IMDSv2, and have no resource name DNS record, with which they would get no trunk', () => {
    expect(Resources.LaunchTemplate?.Properties).toMatchObject({
      LaunchTemplateData: {
        MetadataOptions: { HttpTokens: 'required' },
        PrivateDnsNameOptions: { EnableResourceNameDnsARecord: false },
      },
    });
  });

  test('its instance role is the same as in examples/roles.yml, and needs no ARN of a handler role', () => {
    const { InstanceRole } = templateOf('examples/roles.yml').Resources;
    expect(InstanceRole?.Type).toBe('AWS::IAM::Role');
    expect(Resources.InstanceRole).toEqual(InstanceRole);
    expect(textOf('examples/cluster.yml')).not.toContain('HandlerRole');
  });

  test('the capacity provider has a name that ECS accepts for every stack name', () => {
    expect(Resources.CapacityProvider?.Properties).toMatchObject({
      Name: expect.stringMatching(/^(?!aws|ecs|fargate)[a-z]+-\$\{AWS::StackName\}$/),
    });
    expect(Resources.Cluster?.Properties).toMatchObject({
      ClusterSettings: [{ Name: 'containerInsights', Value: 'enabled' }],
    });
  });
});

test('no example names a service principal by the URL suffix, which is not amazonaws.com in every partition', () => {
  const templates = filesBelow(join(ROOT, 'examples')).filter((path) => path.endsWith('.yml'));
  expect(templates.length).toBeGreaterThan(5);
  const named = (path: string) => /^(?!\s*TemplateURL:).*URLSuffix/m.test(readFileSync(path, 'utf8'));
  expect(templates.filter(named)).toEqual([]);
});
