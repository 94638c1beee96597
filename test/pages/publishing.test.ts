import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import schema from '../../custom-ecs-roletrunking.json';
import { renamed } from '../../scripts/packaging/stage';
import { pythonEnvironment } from '../../scripts/python/environment';

/* examples/publishing/, which was never run against AWS, so the tests compare it with what is tested. */

const EXAMPLES = join(__dirname, '../../examples');
const FOLDER = join(EXAMPLES, 'publishing');
const read = (path: string) => parse(readFileSync(path, 'utf8'), { logLevel: 'silent' });
const tested = read(join(EXAMPLES, 'roles.yml'));
const testRoles = read(join(FOLDER, 'test-roles.yml'));

test('the roles of the tests are the roles of roles.yml, without the conditions on the source', () => {
  const [{ Condition: condition, ...trust }] =
    tested.Resources.HandlerRole.Properties.AssumeRolePolicyDocument.Statement;
  expect(Object.keys(condition)).toEqual(['StringEquals', 'ArnLike']);
  tested.Resources.HandlerRole.Properties.AssumeRolePolicyDocument.Statement = [trust];
  const { HandlerRole, InstanceRole } = tested.Resources;
  expect(testRoles.Resources).toEqual({ HandlerRole, InstanceRole });
});

test('the inputs name the exported role, and are otherwise the inputs of the contract suite', () => {
  const names = readdirSync(join(__dirname, '../../inputs'));
  expect(readdirSync(FOLDER)).toEqual(expect.arrayContaining(names));
  const exported = testRoles.Outputs.InstanceRoleArn.Export.Name;
  for (const name of names) {
    const inputs = JSON.parse(readFileSync(join(__dirname, '../../inputs', name), 'utf8'));
    expect(JSON.parse(readFileSync(join(FOLDER, name), 'utf8'))).toEqual({
      ...inputs,
      RoleArn: `{{${exported}}}`,
    });
  }
});

test('cfn-lint reports nothing for the templates, under a type name that can be published', () => {
  const copy = mkdtempSync(join(tmpdir(), 'publishing-'));
  const templates = readdirSync(FOLDER).filter((name) => name.endsWith('.yml'));
  expect(templates).toEqual(['activate.yml', 'test-roles.yml']);
  for (const name of templates) {
    writeFileSync(
      join(copy, name),
      renamed(readFileSync(join(FOLDER, name), 'utf8'), 'Acme::Ecs::RoleTrunking'),
    );
  }
  const program = join(pythonEnvironment(), 'cfn-lint');
  expect(
    execFileSync(
      program,
      templates.map((name) => join(copy, name)),
      { encoding: 'utf8' },
    ),
  ).toBe('');
  rmSync(copy, { recursive: true });
});

test('users activate the type of the schema, with a role that opted-in roles trust', () => {
  const { Resources, Parameters } = read(join(FOLDER, 'activate.yml'));
  expect(Resources.TypeActivation.Properties.TypeName).toBe(schema.typeName);
  const pattern = new RegExp(`^(?:${Parameters.HandlerRoleArn.AllowedPattern})$`);
  expect(pattern.test('arn:aws:iam::111122223333:role/ecs-role-trunking/acme-HandlerRole-1')).toBe(true);
  expect(pattern.test('arn:aws:iam::111122223333:role/acme-HandlerRole-1')).toBe(false);
});
