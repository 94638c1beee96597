import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { Credentials } from 'local-account';
import { VirtualClock } from 'local-account';
import schema from '../../custom-ecs-roletrunking.json';
import { renamed } from '../../scripts/packaging/stage';
import { pythonEnvironment } from '../../scripts/python/environment';
import { trusting } from '../harness/policies';
import { ROOT, templateOf, textOf } from '../harness/project-files';
import { REGION, type SampleAccount, startSampleAccount } from '../harness/sample-account';

/* examples/publishing/, which was never run against AWS, so the tests compare it with what is tested. */

const FOLDER = 'examples/publishing';
const FILES = readdirSync(join(ROOT, FOLDER));
const tested = templateOf('examples/roles.yml');
const testRoles = templateOf(`${FOLDER}/test-roles.yml`);

test('the roles are those of roles.yml, except that any type of the account can use the handler role', () => {
  const { HandlerRole, InstanceRole } = structuredClone(tested.Resources);
  const { AssumeRolePolicyDocument: trust, Policies: policies } = HandlerRole.Properties;
  const [{ Condition: condition, ...withoutSource }] = trust.Statement;
  expect(Object.keys(condition)).toEqual(['StringEquals', 'ArnLike']);
  trust.Statement = [withoutSource];
  const [assume] = policies;
  const [allow, ...denials] = assume.PolicyDocument.Statement;
  const own = 'InstanceRole.Arn';
  assume.PolicyDocument.Statement = [
    { ...allow, Resource: own },
    { Effect: 'Deny', Action: 'sts:AssumeRole', NotResource: own },
    ...denials,
  ];
  expect(testRoles.Resources).toEqual({ HandlerRole, InstanceRole });
});

describe('a type that is registered with the handler role of the tests', () => {
  let sample: SampleAccount;
  let credentials: Credentials;
  let handlerRoleArn: string;
  let ownRoleArn: string;

  beforeAll(async () => {
    sample = await startSampleAccount({ clock: new VirtualClock() });
    const template = textOf(`${FOLDER}/test-roles.yml`);
    const { outputs } = await sample.cloudformation.deploy('test-roles', template);
    ({ HandlerRoleArn: handlerRoleArn = '', InstanceRoleArn: ownRoleArn = '' } = outputs);
    const service = 'resources.cloudformation.amazonaws.com';
    credentials = await sample.account.assumeAsService(service, handlerRoleArn, {});
  });

  afterAll(() => sample.close());

  const assume = (roleArn: string) =>
    new STSClient({ endpoint: sample.account.endpoint, region: REGION, credentials }).send(
      new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'EcsRoleTrunking' }),
    );

  test('can assume the instance role of the tests', async () => {
    await expect(assume(ownRoleArn)).resolves.toHaveProperty('Credentials.SessionToken');
  });

  test('cannot assume another role that is opted in, even one that trusts the handler role by name', async () => {
    const denial = /is not authorized to perform: sts:AssumeRole/;
    await expect(assume(sample.instanceRoleArn)).rejects.toThrow(denial);
    const byName = sample.addInstanceRole('by-name');
    const assumeRolePolicyDocument = trusting({ AWS: handlerRoleArn });
    sample.account.roles.update('by-name', { assumeRolePolicyDocument });
    await expect(assume(byName)).rejects.toThrow(denial);
  });
});

test('the inputs name the exported role, and are otherwise the inputs of the contract suite', () => {
  const names = readdirSync(join(ROOT, 'inputs'));
  expect(FILES).toEqual(expect.arrayContaining(names));
  const exported = testRoles.Outputs.InstanceRoleArn.Export.Name;
  for (const name of names) {
    const inputs = JSON.parse(textOf(`inputs/${name}`));
    expect(JSON.parse(textOf(`${FOLDER}/${name}`))).toEqual({ ...inputs, RoleArn: `{{${exported}}}` });
  }
});

test('cfn-lint reports nothing for the templates, under a type name that can be published', () => {
  const copy = mkdtempSync(join(tmpdir(), 'publishing-'));
  const templates = FILES.filter((name) => name.endsWith('.yml'));
  expect(templates).toEqual(['activate.yml', 'test-roles.yml']);
  for (const name of templates) {
    writeFileSync(join(copy, name), renamed(textOf(`${FOLDER}/${name}`), 'Acme::Ecs::RoleTrunking'));
  }
  const program = join(pythonEnvironment(), 'cfn-lint');
  expect(execFileSync(program, templates, { cwd: copy, encoding: 'utf8' })).toBe('');
  rmSync(copy, { recursive: true });
});

test('users activate the type of the schema, with a role that opted-in roles trust', () => {
  const { Resources, Parameters } = templateOf(`${FOLDER}/activate.yml`);
  expect(Resources.TypeActivation.Properties.TypeName).toBe(schema.typeName);
  const pattern = new RegExp(`^(?:${Parameters.HandlerRoleArn.AllowedPattern})$`);
  expect(pattern.test('arn:aws:iam::111122223333:role/ecs-role-trunking/acme-HandlerRole-1')).toBe(true);
  expect(pattern.test('arn:aws:iam::111122223333:role/acme-HandlerRole-1')).toBe(false);
});
