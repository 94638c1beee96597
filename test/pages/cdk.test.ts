import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CfnRoleTrunking } from '../../examples/cdk/role-trunking';

const { typeName, properties } = JSON.parse(
  readFileSync(join(__dirname, '../../custom-ecs-roletrunking.json'), 'utf8'),
) as { typeName: string; properties: object };

test('the app declares the type for the role in its context', async () => {
  process.env.CDK_CONTEXT_JSON = JSON.stringify({ roleArn: 'arn' });
  const { stack } = await import('../../examples/cdk/app');
  const [resource, ...others] = Object.values(Template.fromStack(stack).findResources(typeName));
  expect(others).toEqual([]);
  expect(resource?.Properties).toEqual({ RoleArn: 'arn', Trunking: 'enabled' });
});

test('the construct has the properties of the schema', () => {
  const other = new Stack(new App(), 'Other');
  new CfnRoleTrunking(other, 'Trunking', { roleArn: 'arn', trunking: 'disabled' });
  const [resource] = Object.values(Template.fromStack(other).findResources(typeName));
  expect(Object.keys(resource?.Properties).sort()).toEqual(Object.keys(properties).sort());
});

test('a property that is left out is not in the template, so that the default of the schema applies', () => {
  const other = new Stack(new App(), 'Other');
  new CfnRoleTrunking(other, 'Trunking', { roleArn: 'arn' });
  const [resource] = Object.values(Template.fromStack(other).findResources(typeName));
  expect(resource?.Properties).toEqual({ RoleArn: 'arn' });
});
