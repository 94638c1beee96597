import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import schema from '../../custom-ecs-roletrunking.json';
import { CfnRoleTrunking } from '../../examples/cdk/role-trunking';

test('the app declares the type for the role in its context', async () => {
  process.env.CDK_CONTEXT_JSON = JSON.stringify({ roleArn: 'arn' });
  const { stack } = await import('../../examples/cdk/app');
  const [resource, ...others] = Object.values(Template.fromStack(stack).findResources(schema.typeName));
  expect(others).toEqual([]);
  expect(resource?.Properties).toEqual({ RoleArn: 'arn', Trunking: 'enabled' });
});

/** The properties of a resource that the construct makes. */
function propertiesOf(props: { roleArn: string; trunking?: 'disabled' }): object {
  const other = new Stack(new App(), 'Other');
  new CfnRoleTrunking(other, 'Trunking', props);
  const [resource] = Object.values(Template.fromStack(other).findResources(schema.typeName));
  return resource?.Properties;
}

test('the construct has the properties of the schema', () => {
  const names = Object.keys(propertiesOf({ roleArn: 'arn', trunking: 'disabled' }));
  expect(names.sort()).toEqual(Object.keys(schema.properties).sort());
});

test('a property that is left out is not in the template, so that the default of the schema applies', () => {
  expect(propertiesOf({ roleArn: 'arn' })).toEqual({ RoleArn: 'arn' });
});
