import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { stack } from '../../examples/cdk/app';
import { CfnRoleTrunking } from '../../examples/cdk/role-trunking';

const { typeName, properties } = JSON.parse(
  readFileSync(join(__dirname, '../../custom-ecs-roletrunking.json'), 'utf8'),
) as { typeName: string; properties: object };

test('the app declares the type for the role that it is given', () => {
  const template = Template.fromStack(stack);
  template.resourceCountIs(typeName, 1);
  template.hasResourceProperties(typeName, { RoleArn: { Ref: 'RoleArn' }, Trunking: 'enabled' });
  template.hasParameter('RoleArn', { Type: 'String' });
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
