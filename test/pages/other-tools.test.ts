import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import schema from '../../custom-ecs-roletrunking.json';
import { documentsFor, POLICY_NAME } from '../../scripts/opt-in/documents';
import { renamed } from '../../scripts/packaging/stage';
import { pythonEnvironment } from '../../scripts/python/environment';
import { blocksOf, ROOT, textOf } from '../harness/project-files';

/* The snippets of docs/other-tools.md that run without AWS. */

const TYPE_NAME = 'Acme::Ecs::RoleTrunking';
const page = textOf('docs/other-tools.md');
const blocks = (language: string) => blocksOf('docs/other-tools.md', language);
const templates = ['cluster.yml', 'import.yml', 'trunking.yml'];

/** The files that `npm run package -- --namespace Acme` writes, with the folder and the file of the page. */
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'other-tools-'));
  mkdirSync(join(directory, 'schemas'));
  const write = (path: string, name: string) =>
    writeFileSync(join(directory, name), renamed(textOf(path), TYPE_NAME));
  write('custom-ecs-roletrunking.json', 'schemas/acme-ecs-roletrunking.json');
  for (const name of templates) {
    write(`examples/${name}`, name);
  }
});

afterAll(() => rmSync(directory, { recursive: true }));

/** Runs a program of the Python environment in the folder. */
function run(program: string, ...args: string[]) {
  const options = { cwd: directory, encoding: 'utf8' } as const;
  const { status, stdout } = spawnSync(join(pythonEnvironment(), program), args, options);
  return { status, stdout };
}

const CHECK = join(ROOT, 'examples/lint/check_properties.py');
const check = (...names: string[]) => run('python', CHECK, 'schemas/acme-ecs-roletrunking.json', ...names);

describe('cfn-lint', () => {
  test('does not know the type without the schema', () => {
    const { status, stdout } = run('cfn-lint', 'trunking.yml');
    expect(stdout).toContain(`E3006 Resource type '${TYPE_NAME}' does not exist`);
    expect(status).not.toBe(0);
  });

  test('knows it with the configuration of the page, and reports nothing for the examples', () => {
    const configuration = blocks('yaml').find((text) => text.startsWith('registry_schemas'));
    writeFileSync(join(directory, '.cfnlintrc'), configuration ?? '');
    expect(run('cfn-lint', ...templates)).toEqual({ status: 0, stdout: '' });
  });
});

describe('examples/lint/check_properties.py', () => {
  test('accepts the examples', () => {
    expect(check(...templates)).toEqual({ status: 0, stdout: '' });
  });

  test('reports what is wrong, with the file and the resource', () => {
    const wrong = {
      Value: 'RoleArn: !Ref Role\n      Trunking: always',
      Arn: 'RoleArn: arn:aws:iam::111122223333:user/x',
      Missing: 'Trunking: enabled',
      Unknown: 'RoleArn: !Ref Role\n      Trunk: enabled',
      UnknownFunction: 'RoleArn: !Ref Role\n      Trunk: !Ref X',
    };
    const resources = Object.entries(wrong).map(
      ([name, properties]) => `  ${name}:\n    Type: ${TYPE_NAME}\n    Properties:\n      ${properties}\n`,
    );
    writeFileSync(join(directory, 'wrong.yml'), `Resources:\n${resources.join('')}`);
    const { status, stdout } = check('wrong.yml');
    expect(status).toBe(1);
    expect(stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^wrong\.yml: Value: 'always' is not one of /),
      expect.stringMatching(/^wrong\.yml: Arn: .* does not match /),
      "wrong.yml: Missing: 'RoleArn' is a required property",
      expect.stringMatching(/^wrong\.yml: Unknown: .*'Trunk' was unexpected/),
      "wrong.yml: UnknownFunction: 'Trunk' is unknown",
    ]);
  });
});

describe('the snippets', () => {
  const { properties, required, additionalProperties } = schema;
  const conforms = new Ajv().compile({ type: 'object', properties, required, additionalProperties });
  const arn = 'arn:aws:iam::111122223333:role/instances';

  test('for Cloud Control send JSON that the schema allows', () => {
    const [, desired = ''] = /--desired-state '(.*?)'/.exec(page) ?? [];
    expect(conforms(JSON.parse(desired.replace('ROLE_ARN', arn)))).toBe(true);
    const [, patch = ''] = /--patch-document '(.*?)'/.exec(page) ?? [];
    const [{ path, value }] = JSON.parse(patch);
    expect(conforms({ RoleArn: arn, [path.slice(1)]: value })).toBe(true);
  });

  test.each([
    ['Terraform', 'terraform', /desired_state = jsonencode\(\{(.*?)\}\)/s, /^ *(\w+) +=/gm],
    ['Pulumi', 'ts', /properties: \{(.*?)\}/s, /(\w+):/g],
  ])('for %s set the properties of the schema', (_, language, place, name) => {
    const text = blocks(language).find((block) => place.test(block)) ?? '';
    const [, declared = ''] = place.exec(text) ?? [];
    expect([...declared.matchAll(name)].map(([, property]) => property)).toEqual(Object.keys(properties));
    expect(text).toContain(TYPE_NAME);
  });

  test('for Terraform opt the role in with the documents of examples/opt-in/, and wait for them', () => {
    const [text = ''] = blocks('terraform');
    const files = [...text.matchAll(/file\("(.+?)"\)/g)].map(([, path = '']) =>
      path.replace('build/acme/acme-', 'build/acme/custom-').replace('build/acme/', ''),
    );
    expect(files).toEqual([
      'examples/opt-in/trust-statement.json',
      'examples/opt-in/policy.json',
      'custom-ecs-roletrunking.json',
    ]);
    const { tag, statement, policy } = documentsFor(arn);
    expect(JSON.parse(textOf(files[0] ?? '').replaceAll('ACCOUNT_ID', '111122223333'))).toEqual(statement);
    expect(JSON.parse(textOf(files[1] ?? ''))).toEqual(policy);
    expect(text).toContain(`tags = { ${tag.key} = "${tag.value}" }`);
    expect(text).toContain(`name   = "${POLICY_NAME}"`);
    expect(text).toContain('depends_on = [aws_iam_role_policy.trunking]');
    expect(text).toContain('replace_triggered_by = [aws_iam_role.instances.arn]');
  });

  test('for Pulumi name the create-only properties of the schema', () => {
    const [, names = ''] = /createOnly: \[(.*?)\]/.exec(page) ?? [];
    expect(names.split(', ').map((name) => `/properties/${name.slice(1, -1)}`)).toEqual(
      schema.createOnlyProperties,
    );
  });

  test('for an automatic import has a literal ARN and a policy that retains', () => {
    const template = parse(blocks('yaml').find((text) => text.includes('DeletionPolicy')) ?? '');
    expect(template.Resources.RoleTrunking).toEqual({
      Type: TYPE_NAME,
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: { RoleArn: 'ROLE_ARN', Trunking: 'enabled' },
    });
  });
});
