import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CloudControlClient, GetResourceCommand } from '@aws-sdk/client-cloudcontrol';
import {
  type Capability,
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { strFromU8, type Unzipped, unzipSync } from 'fflate';
import type { Call } from 'local-account';
import { LocalAccount } from 'local-account';
import { clientEnvironment } from '../../scripts/command-line/client-environment';
import { filesBelow } from '../../scripts/packaging/stage';
import { pythonEnvironment } from '../../scripts/python/environment';
import { type Outcome, ProjectCopy } from '../harness/project-copy';

/* `npm run submit` in a copy of the project. options.test.ts has what is refused because of the options alone. */

const TYPE_NAME = 'Acme::Ecs::RoleTrunking';
const REGION = 'eu-central-1';
const programs = pythonEnvironment();
const PACKAGE = 'acme-ecs-roletrunking.zip';
const OLD_NAME = /custom(::|-)ecs/i;
const run = promisify(execFile);

const project = new ProjectCopy();
const staging = join(project.directory, 'build/acme');
let account: LocalAccount;
/** The outcome of a dry run, and what it has made: all tests use its staged copy. */
let dryRun: Outcome;
let callsOfDryRun: Call[];
let staged: string[];
let archive: Buffer;
let files: Unzipped;

beforeAll(async () => {
  account = await LocalAccount.start();
  dryRun = await submit(['--namespace', 'Acme', '--dry-run']);
  callsOfDryRun = [...account.calls];
  staged = readdirSync(staging);
  archive = readFileSync(join(staging, PACKAGE));
  files = unzipSync(archive);
});

beforeEach(() => {
  account.calls.length = 0;
});

afterAll(async () => {
  project.close();
  await account?.close();
});

/** `npm run submit -- …`; by default, as an administrator of the local account. */
function submit(options: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const env = { ...clientEnvironment(account), AWS_DEFAULT_REGION: undefined, ...environment };
  return project.run('submit', options, env);
}

describe('a dry run', () => {
  const handlers = () => unzipSync(files['ResourceProvider.zip'] ?? Buffer.of());

  test('writes the package and says so, and makes no call to AWS', () => {
    expect(dryRun.code).toBe(0);
    expect(callsOfDryRun).toEqual([]);
    expect(dryRun.stdout).toContain(
      'The package is build/acme/acme-ecs-roletrunking.zip; nothing was submitted.',
    );
    expect(staged).toContain(`${PACKAGE}.sha256`);
    expect(Object.keys(files)).toEqual(
      expect.arrayContaining(['.rpdk-config', 'schema.json', 'src/handlers.ts', 'ResourceProvider.zip']),
    );
    expect(Object.keys(handlers()).filter((name) => name.startsWith('dist/'))).toEqual(['dist/handlers.js']);
  });

  test('no file in the package contains the old name', () => {
    const contents = [...Object.entries(files), ...Object.entries(handlers())];
    expect(contents.length).toBeGreaterThan(10);
    const withOldName = contents.filter(([, content]) => OLD_NAME.test(strFromU8(content, true)));
    expect(withOldName.map(([name]) => name)).toEqual([]);
  });

  test('no file in the staging folder has or contains the old name', () => {
    const withOldName = filesBelow(staging).filter((path) =>
      OLD_NAME.test(`${path}${readFileSync(path, 'latin1')}`),
    );
    expect(withOldName).toEqual([]);
  });

  test('the staged examples pass cfn-lint with the staged schema', async () => {
    const schemas = mkdtempSync(join(tmpdir(), 'schemas-'));
    await run('cp', [join(staging, 'acme-ecs-roletrunking.json'), schemas]);
    const templates = readdirSync(join(staging, 'examples')).filter((name) => name.endsWith('.yml'));
    expect(templates).toEqual(expect.arrayContaining(['roles.yml', 'trunking.yml']));
    const paths = templates.map((name) => join(staging, 'examples', name));
    const { stdout } = await run(join(programs, 'cfn-lint'), ['-s', schemas, '-t', ...paths]);
    expect(stdout).toBe('');
    rmSync(schemas, { recursive: true });
  });
});

describe('what is refused', () => {
  const NO_CREDENTIALS = {
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: undefined,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: undefined,
  };

  // A submission leaves a staged copy without a package.
  beforeEach(() => writeFileSync(join(staging, PACKAGE), archive));

  const NO_ROLE = '--namespace Acme --no-role';

  test.each<[string, string, NodeJS.ProcessEnv, RegExp]>([
    [
      'a namespace that differs by case',
      '--namespace acme --dry-run',
      {},
      /^--namespace "acme" differs only by case .*\n$/,
    ],
    ['no Region', NO_ROLE, {}, /^No Region is set\. Give --region.*\n$/],
    [
      'an unknown profile',
      `${NO_ROLE} --profile nobody`,
      {},
      /^There is no profile "nobody" \(--profile\) .*\n$/,
    ],
    [
      'no credentials',
      `${NO_ROLE} --region ${REGION}`,
      NO_CREDENTIALS,
      /^There are no AWS credentials\. .*\n$/,
    ],
  ])('%s leaves the staged copy and its package as they are', async (_, options, environment, message) => {
    const before = state();
    expect(before.has(join(staging, PACKAGE))).toBe(true);
    const { code, stdout, stderr } = await submit(options.split(' '), environment);
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(/^(Region .*\n)?$/) });
    expect(stderr).toMatch(message);
    expect(state()).toEqual(before);
    expect(account.calls).toEqual([]);
  });

  test('a schema that cfn validate refuses leaves both as they are, too', async () => {
    const path = join(project.directory, 'custom-ecs-roletrunking.json');
    const [before, text] = [state(), readFileSync(path, 'utf8')];
    writeFileSync(path, text.replace('"type": "string"', '"type": "text"'));
    const { code, stderr } = await submit(['--namespace', 'Acme', '--dry-run']);
    writeFileSync(path, text);
    expect(code).toBe(1);
    expect(stderr).toContain('cfn validate refused the project, see above. Nothing was submitted.');
    expect(state()).toEqual(before);
  });

  /** The files that are staged, with the time of their last change. */
  function state(): Map<string, number> {
    return new Map(
      filesBelow(join(project.directory, 'build')).map((path) => [path, statSync(path).mtimeMs]),
    );
  }
});

describe('cfn submit itself', () => {
  const stacks = () => new CloudFormationClient(clientOptions());
  const clientOptions = () => ({
    endpoint: account.endpoint,
    region: REGION,
    credentials: account.administrator(),
  });

  /** Creates a stack and waits for it. @returns Its outputs and its status. */
  async function create(StackName: string, TemplateBody: string, RoleArn?: string) {
    const Parameters = RoleArn === undefined ? [] : [{ ParameterKey: 'RoleArn', ParameterValue: RoleArn }];
    const Capabilities: Capability[] = ['CAPABILITY_IAM'];
    await stacks().send(new CreateStackCommand({ StackName, TemplateBody, Parameters, Capabilities }));
    const { Stacks: [stack] = [] } = await stacks().send(new DescribeStacksCommand({ StackName }));
    const outputs = (stack?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]);
    return { status: stack?.StackStatus, outputs: Object.fromEntries(outputs) as Record<string, string> };
  }

  test('registers the staged type, and stacks and Cloud Control then run the submitted handlers', async () => {
    const rolesTemplate = readFileSync(join(staging, 'examples/roles.yml'), 'utf8');
    const { outputs } = await create('acme-ecs-roletrunking-roles', rolesTemplate);
    const { HandlerRoleArn = '', InstanceRoleArn = '' } = outputs;
    account.calls.length = 0;

    const given = ['--namespace', 'Acme', '--region', REGION, '--role-arn', HandlerRoleArn];
    const { code, stdout, stderr } = await submit([...given, '--set-default']);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toContain(`${TYPE_NAME} is registered.`);
    expect(stdout).toContain('aws cloudformation deploy --template-file build/acme/examples/trunking.yml');
    const operations = account.calls.map(({ operation }) => operation);
    expect(operations.filter((operation) => !/^Get|^Assume/.test(operation))).toEqual([
      'CreateStack',
      'DescribeStacks',
      'DescribeStacks',
      'DescribeStacks',
      'PutObject',
      'RegisterType',
      'DescribeTypeRegistration',
      'DescribeTypeRegistration',
      'SetTypeDefaultVersion',
    ]);

    const version = account.cloudFormation(REGION).registry.version(TYPE_NAME);
    expect(version?.arn).toBe(
      `arn:aws:cloudformation:${REGION}:${account.accountId}:type/resource/Acme-Ecs-RoleTrunking/00000001`,
    );
    expect(version?.executionRoleArn).toBe(HandlerRoleArn);
    const template = readFileSync(join(staging, 'examples/trunking.yml'), 'utf8');
    expect(await create('trunking', template, InstanceRoleArn)).toEqual({
      status: 'CREATE_COMPLETE',
      outputs: { RoleArn: InstanceRoleArn },
    });
    expect(account.settings.get(REGION, InstanceRoleArn, 'awsvpcTrunking')).toBe('enabled');
    const control = new CloudControlClient(clientOptions());
    const get = new GetResourceCommand({ TypeName: TYPE_NAME, Identifier: InstanceRoleArn });
    const { ResourceDescription } = await control.send(get);
    expect(JSON.parse(ResourceDescription?.Properties ?? '')).toEqual({
      RoleArn: InstanceRoleArn,
      Trunking: 'enabled',
    });
    await stacks().send(new DeleteStackCommand({ StackName: 'trunking' }));
    await expect(stacks().send(new DescribeStacksCommand({ StackName: 'trunking' }))).rejects.toThrow(
      'does not exist',
    );
    expect(account.settings.get(REGION, InstanceRoleArn, 'awsvpcTrunking')).toBeUndefined();
    // Delivered with the role that the upload stack has made.
    expect(account.logs.events('acme-ecs-roletrunking-logs').length).toBeGreaterThan(0);
    expect(account.metrics[0]?.namespace).toBe('AWS/CloudFormation/Acme/Ecs/RoleTrunking');
  });

  test('a later submission registers another version, which is not the default one', async () => {
    const region = 'eu-west-1';
    const { registry } = account.cloudFormation(region);
    account.buckets.create('packages');
    account.buckets.put('packages', 'first.zip', archive);
    const first = { TypeName: TYPE_NAME, SchemaHandlerPackage: 's3://packages/first.zip' };
    await registry.register(first, archive).ended;
    const given = ['--namespace', 'Acme', '--region', region, '--endpoint-url', account.endpoint];
    const { code, stdout } = await submit([...given, '--no-role']);
    expect(code).toBe(0);
    expect(stdout).toContain(`${TYPE_NAME} is registered without a role`);
    const versions = registry.versions(TYPE_NAME);
    expect(versions.map(({ versionId }) => versionId)).toEqual(['00000001', '00000002']);
    expect(registry.version(TYPE_NAME)?.versionId).toBe('00000001');
  });

  test('after a refusal by AWS, ends with the exit code of cfn submit, and reports no registration', async () => {
    const given = ['--namespace', 'Acme', '--region', REGION, '--no-role'];
    const { code, stdout } = await submit(given, { AWS_ACCESS_KEY_ID: 'AKIAUNKNOWNUNKNOWN00' });
    expect(code).toBe(2);
    expect(stdout).not.toContain('is registered');
  });
});
