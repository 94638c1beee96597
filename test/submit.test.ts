import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LocalAccount } from '../local/account';
import { clientEnvironment } from '../local/client-environment';
import { CloudFormation } from '../local/cloudformation';
import { LambdaFunction } from '../local/lambda';
import { RegistryServer } from '../local/registry-server';
import { pythonEnvironment } from '../scripts/python';
import { filesBelow } from '../scripts/stage';
import { type Outcome, ProjectCopy } from './project-copy';

/* `npm run submit` in a copy of the project. What is refused without a look at it is in options.test.ts. */

jest.setTimeout(600_000);

const TYPE_NAME = 'Acme::Ecs::RoleTrunking';
const REGION = 'eu-central-1';
const programs = pythonEnvironment();
const python = join(programs, 'python');
const run = promisify(execFile);

let project: ProjectCopy;
let staging: string;
let account: LocalAccount;
let server: RegistryServer;

beforeAll(async () => {
  project = new ProjectCopy();
  staging = join(project.directory, 'build/acme');
  account = await LocalAccount.start();
  server = await RegistryServer.start(account, python);
});

afterAll(async () => {
  project.close();
  await server?.close();
  await account?.close();
});

/** `npm run submit -- …`, as an administrator of the local account unless the environment says otherwise. */
function submit(options: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const env = { ...clientEnvironment(account, server.endpoint), AWS_DEFAULT_REGION: undefined };
  return project.run('submit', options, { ...env, ...environment });
}

describe('a dry run', () => {
  const unpacked = mkdtempSync(join(tmpdir(), 'package-'));
  afterAll(() => rmSync(unpacked, { recursive: true, force: true }));

  test('leaves the package and says so', async () => {
    const { code, stdout } = await submit(['--namespace', 'Acme', '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toContain('The package is build/acme/acme-ecs-roletrunking.zip; nothing was submitted.');
    expect(readdirSync(staging)).toContain('acme-ecs-roletrunking.zip.sha256');
    expect(server.calls).toEqual([]);
    await run(python, ['-m', 'zipfile', '-e', join(staging, 'acme-ecs-roletrunking.zip'), unpacked]);
    const inner = join(unpacked, 'ResourceProvider');
    await run(python, ['-m', 'zipfile', '-e', join(unpacked, 'ResourceProvider.zip'), inner]);
    expect(readdirSync(unpacked)).toEqual(
      expect.arrayContaining(['.rpdk-config', 'schema.json', 'src', 'ResourceProvider.zip']),
    );
    expect(readdirSync(join(inner, 'dist'))).toEqual(['handlers.js']);
  });

  test('nothing in the package bears the old name', () => {
    const files = filesBelow(unpacked);
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((path) => /custom(::|-)ecs/i.test(readFileSync(path, 'latin1')))).toEqual([]);
  });

  test('nor does anything in the staging folder', () => {
    const bearing = filesBelow(staging).filter((path) =>
      /custom(::|-)ecs/i.test(`${path}${readFileSync(path, 'latin1')}`),
    );
    expect(bearing).toEqual([]);
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
  const noRole = ['--namespace', 'Acme', '--no-role'];

  test.each<[string, string[], NodeJS.ProcessEnv, RegExp]>([
    ['an unknown option', [...noRole, '--dry-rnu'], {}, /^npm run submit does not know --dry-rnu\. .*\n$/],
    [
      'a malformed role',
      ['--namespace', 'Acme', '--role-arn', 'x'],
      {},
      /^--role-arn "x" is not the ARN .*\n$/,
    ],
    ['a missing role', ['--namespace', 'Acme'], {}, /^Give --role-arn the ARN of the role/],
    [
      'another case',
      ['--namespace', 'acme', '--dry-run'],
      {},
      /^--namespace "acme" differs only by case .*\n$/,
    ],
    ['no Region', noRole, {}, /^No Region is set\. Give --region.*\n$/],
    [
      'no credentials',
      [...noRole, '--region', REGION],
      NO_CREDENTIALS,
      /^There are no AWS credentials\. .*\n$/,
    ],
    [
      'an unknown profile',
      [...noRole, '--profile', 'nobody'],
      {},
      /^The config profile \(nobody\) could not .*\n$/,
    ],
  ])('%s leaves the staged copy and its package as they are', async (_, options, environment, message) => {
    const before = state();
    expect(before.has(join(staging, 'acme-ecs-roletrunking.zip'))).toBe(true);
    const { code, stdout, stderr } = await submit(options, environment);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
    expect(state()).toEqual(before);
    expect(server.calls).toEqual([]);
  });

  test('a schema that cfn validate refuses leaves them too', async () => {
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
  test('registers the staged type, and what was registered creates, reads and deletes a setting', async () => {
    const options = { account, typeName: TYPE_NAME, region: REGION, sleep: async () => {} };
    const schema = join(staging, 'acme-ecs-roletrunking.json');
    const rolesTemplate = readFileSync(join(staging, 'examples/roles.yml'), 'utf8');
    const none = { invoke: () => Promise.reject(new Error('No handler is registered yet')) };
    const before = new CloudFormation({ ...options, schema, function: none });
    const { outputs } = await before.deploy('acme-ecs-roletrunking-roles', rolesTemplate);
    const { HandlerRoleArn = '', InstanceRoleArn = '' } = outputs;

    const given = ['--namespace', 'Acme', '--region', REGION, '--role-arn', HandlerRoleArn];
    const { code, stdout, stderr } = await submit([
      ...given,
      '--set-default',
      '--endpoint-url',
      server.endpoint,
    ]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toContain(`${TYPE_NAME} is registered.`);
    expect(stdout).toContain('aws cloudformation deploy --template-file build/acme/examples/trunking.yml');
    expect(server.calls.map(({ operation }) => operation.replace(/^PUT .*\.zip$/, 'PUT package'))).toEqual([
      'CreateStack',
      'DescribeStacks',
      'DescribeStacks',
      'DescribeStacks',
      'PUT package',
      'RegisterType',
      'DescribeTypeRegistration',
      'DescribeTypeRegistration',
      'SetTypeDefaultVersion',
    ]);

    const version = server.registry.defaultVersion(REGION, TYPE_NAME);
    if (!version) {
      throw new Error('Nothing was registered');
    }
    expect(version.arn).toBe(
      `arn:aws:cloudformation:${REGION}:${account.accountId}:type/resource/Acme-Ecs-RoleTrunking/00000001`,
    );
    expect(version.executionRoleArn).toBe(HandlerRoleArn);
    const handlers = new LambdaFunction({
      packageDirectory: version.package.handlerDirectory,
      handler: version.package.entrypoint,
      environment: account.functionEnvironment(REGION),
    });
    const cloudformation = new CloudFormation({
      ...options,
      function: handlers,
      schema: JSON.parse(version.package.schema),
      executionRoleArn: HandlerRoleArn,
      ...(version.logging ? { logging: version.logging } : {}),
    });
    try {
      const template = readFileSync(join(staging, 'examples/trunking.yml'), 'utf8');
      const stack = await cloudformation.deploy('trunking', template, { RoleArn: InstanceRoleArn });
      expect(stack).toMatchObject({ status: 'CREATE_COMPLETE', outputs: { RoleArn: InstanceRoleArn } });
      expect(account.settings.get(REGION, InstanceRoleArn)).toBe('enabled');
      const { final } = await cloudformation.run('READ', { properties: { RoleArn: InstanceRoleArn } });
      expect(final.resourceModel).toEqual({ RoleArn: InstanceRoleArn, Trunking: 'enabled' });
      expect((await cloudformation.deleteStack('trunking')).status).toBe('DELETE_COMPLETE');
      expect(account.settings.get(REGION, InstanceRoleArn)).toBeUndefined();
      // With the role that the upload stack made for it.
      expect(account.logs.events('acme-ecs-roletrunking-logs').length).toBeGreaterThan(0);
      expect(account.metrics[0]?.namespace).toBe('AWS/CloudFormation/Acme/Ecs/RoleTrunking');
    } finally {
      await handlers.close();
    }
  });

  test('a second submission is a second version', async () => {
    const given = ['--namespace', 'Acme', '--region', REGION, '--endpoint-url', server.endpoint, '--no-role'];
    const { code, stdout } = await submit(given);
    expect(code).toBe(0);
    expect(stdout).toContain(`${TYPE_NAME} is registered without a role`);
    expect(server.registry.versions(REGION, TYPE_NAME).map(({ versionId }) => versionId)).toEqual([
      '00000001',
      '00000002',
    ]);
    expect(server.registry.defaultVersion(REGION, TYPE_NAME)?.versionId).toBe('00000001');
  });

  test('where AWS refuses it, the exit code is its own, and nothing is said to be registered', async () => {
    const given = ['--namespace', 'Acme', '--region', REGION, '--no-role'];
    const { code, stdout } = await submit(given, { AWS_ACCESS_KEY_ID: 'AKIAUNKNOWNUNKNOWN00' });
    expect(code).toBe(2);
    expect(stdout).not.toContain('is registered');
  });
});
