import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { parse } from 'yaml';
import schema from '../../custom-ecs-roletrunking.json';
import { stack as roleStack } from '../../examples/cdk/instance-role';
import { CfnRoleTrunking } from '../../examples/cdk/role-trunking';
import sample from '../../inputs/inputs_1_create.json';
import { ROOT, textOf } from '../harness/project-files';

/*
 * The resources of the type in the examples, checked against the schema. Since 1.43.0, cfn-lint does not check the
 * properties of private types (pull request 4319).
 */

const INTRINSIC = Symbol('an intrinsic function, whose value is known when the stack is deployed');

const { properties, required, additionalProperties } = schema;
const validate = new Ajv({ allErrors: true }).compile({
  type: 'object',
  properties,
  required,
  additionalProperties,
});

/** What is wrong with the resources of the type in a template in YAML. */
function problemsOf(template: string): { checked: number; problems: string[] } {
  const customTags = ['Ref', 'GetAtt', 'Sub', 'Join', 'Select', 'If'].flatMap((name) =>
    (['scalar', 'seq', 'map'] as const).map((kind) => ({
      tag: `!${name}`,
      ...(kind === 'scalar' ? {} : { collection: kind }),
      resolve: () => INTRINSIC,
    })),
  );
  const { Resources } = parse(template, { customTags, logLevel: 'silent' });
  return problemsOfResources(Resources);
}

function problemsOfResources(resources: Record<string, { Type: string; Properties?: object }>) {
  const declared = Object.values(resources).filter(({ Type }) => Type === schema.typeName);
  const problems = declared.flatMap(({ Properties = {} }) => {
    validate(
      Object.fromEntries(Object.entries(Properties).map(([name, value]) => [name, sampleFor(name, value)])),
    );
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`.trim());
  });
  return { checked: declared.length, problems };
}

/** Replaces an intrinsic function with the value of that property in inputs/, which is valid. */
function sampleFor(name: string, value: unknown): unknown {
  const isIntrinsic = value === INTRINSIC || (typeof value === 'object' && value !== null);
  return isIntrinsic ? (sample as Record<string, unknown>)[name] : value;
}

test('inputs/inputs_1_create.json conforms to the schema', () => {
  expect(validate(sample)).toBe(true);
});

const templates = readdirSync(join(ROOT, 'examples')).filter((name) => name.endsWith('.yml'));

test.each(templates)('the resources of the type in %s conform to the schema', (name) => {
  expect(problemsOf(textOf(`examples/${name}`)).problems).toEqual([]);
});

test('three of the templates declare the type', () => {
  const declaring = templates.filter((name) => problemsOf(textOf(`examples/${name}`)).checked > 0);
  expect(declaring.sort()).toEqual(['cluster.yml', 'import.yml', 'trunking.yml']);
});

test('the resources that the CDK construct makes conform to the schema', () => {
  const other = new Stack(new App(), 'Other');
  new CfnRoleTrunking(other, 'Trunking', { roleArn: sample.RoleArn });
  for (const stack of [roleStack, other]) {
    const resources = Template.fromStack(stack).toJSON().Resources;
    expect(problemsOfResources(resources)).toEqual({ checked: 1, problems: [] });
  }
});

describe('the check finds', () => {
  const trunking = textOf('examples/trunking.yml');
  const ROLE_ARN = 'RoleArn: !Ref RoleArn';

  test.each([
    ['a wrong property', `${ROLE_ARN}\n      Name: x`, 'must NOT have additional properties'],
    ['a wrong property with an intrinsic function', `${ROLE_ARN}\n      Role: !Ref RoleArn`, 'must NOT have'],
    ['a missing required property', 'Trunking: enabled #', "must have required property 'RoleArn'"],
    [
      "an ARN that is not a role's",
      `RoleArn: ${sample.RoleArn.replace('role', 'user')}`,
      '/RoleArn must match pattern',
    ],
  ])('%s', (_, changed, problem) => {
    const { problems } = problemsOf(trunking.replace(ROLE_ARN, changed));
    expect(problems).toContainEqual(expect.stringContaining(problem));
  });

  test('a wrong value', () => {
    const wrong = trunking.replace('Trunking: !Ref Trunking', 'Trunking: on');
    expect(problemsOf(wrong).problems).toEqual(['/Trunking must be equal to one of the allowed values']);
  });
});
