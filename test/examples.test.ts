import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/* What the examples promise in their comments. What they do is tested where they are deployed. */

interface Template {
  readonly Resources: Record<string, { Type: string; DependsOn?: string; Properties: object }>;
}

/** An example's resources; intrinsic functions are read as their arguments. */
function read(name: string): Template {
  return parse(readFileSync(join(__dirname, '../examples', name), 'utf8'), { logLevel: 'silent' });
}

describe('examples/cluster.yml', () => {
  const { Resources } = read('cluster.yml');

  test('the group waits for the trunking', () => {
    expect(Resources.RoleTrunking?.Type).toBe('Custom::Ecs::RoleTrunking');
    expect(Resources.AutoScalingGroup?.DependsOn).toBe('RoleTrunking');
  });

  test('managed termination protection has what it demands', () => {
    expect(Resources.CapacityProvider?.Properties).toMatchObject({
      AutoScalingGroupProvider: {
        ManagedScaling: { Status: 'ENABLED' },
        ManagedTerminationProtection: 'ENABLED',
      },
    });
    expect(Resources.AutoScalingGroup?.Properties).toMatchObject({ NewInstancesProtectedFromScaleIn: true });
  });

  test('instances answer IMDSv2 only, and no DNS requests that would cost them the trunk', () => {
    expect(Resources.LaunchTemplate?.Properties).toMatchObject({
      LaunchTemplateData: {
        MetadataOptions: { HttpTokens: 'required' },
        PrivateDnsNameOptions: { EnableResourceNameDnsARecord: false },
      },
    });
  });

  test('its instance role is that of examples/roles.yml, and needs no ARN of a handler role', () => {
    const { InstanceRole } = read('roles.yml').Resources;
    expect(InstanceRole?.Type).toBe('AWS::IAM::Role');
    expect(Resources.InstanceRole).toEqual(InstanceRole);
    expect(readFileSync(join(__dirname, '../examples/cluster.yml'), 'utf8')).not.toContain('HandlerRole');
  });

  test('the capacity provider has a name that ECS takes whatever the stack is called', () => {
    expect(Resources.CapacityProvider?.Properties).toMatchObject({
      Name: expect.stringMatching(/^(?!aws|ecs|fargate)[a-z]+-\$\{AWS::StackName\}$/),
    });
    expect(Resources.Cluster?.Properties).toMatchObject({
      ClusterSettings: [{ Name: 'containerInsights', Value: 'enabled' }],
    });
  });
});

test('no example names a service principal by the URL suffix, which is not amazonaws.com in every partition', () => {
  for (const name of ['roles.yml', 'cluster.yml', 'register.yml']) {
    expect(readFileSync(join(__dirname, '../examples', name), 'utf8')).not.toContain('URLSuffix');
  }
});
