import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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

const ROOT = join(__dirname, '..');
const STAGING = join(ROOT, 'build/acme');
const TYPE_NAME = 'Acme::Ecs::RoleTrunking';
const REGION = 'eu-central-1';
const programs = pythonEnvironment();
const python = join(programs, 'python');
const run = promisify(execFile);

let account: LocalAccount;
let server: RegistryServer;

beforeAll(async () => {
  account = await LocalAccount.start();
  server = await RegistryServer.start(account, python);
});

afterAll(async () => {
  await server.close();
  await account.close();
});

/** `npm run submit -- …`, as an administrator of the local account. */
async function submit(...options: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = clientEnvironment(account, server.endpoint);
  try {
    const command = ['--import', 'tsx', 'scripts/submit.ts', ...options];
    return { code: 0, ...(await run(process.execPath, command, { cwd: ROOT, env })) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

describe('what is refused before anything is built', () => {
  const REFUSALS: [string, string[], RegExp][] = [
    ['no namespace', [], /^Give the namespace .*--namespace Acme.*\.$/],
    ['a namespace without a value', ['--namespace', '--dry-run'], /^Give the namespace /],
    ['a namespace of one letter', ['--namespace', 'A'], /^"A" is no namespace: .*2 to 64 letters and digits/],
    ['a namespace with a dash', ['--namespace=my-org'], /^"my-org" is no namespace/],
    ['a namespace that leads out of build/', ['--namespace', '../src'], /^"..\/src" is no namespace/],
    ...['Alexa', 'AMZN', 'Amazon', 'ASK', 'AWS', 'Custom', 'Dev', 'custom', 'aWs'].map(
      (name): [string, string[], RegExp] => [
        `the reserved namespace ${name}`,
        ['--namespace', name],
        new RegExp(`^AWS reserves the namespace ${name},.*RegisterType refuses it.*\\.$`, 'i'),
      ],
    ),
  ];

  // Side by side, as each is a process of its own.
  const refused = new Map<string, ReturnType<typeof submit>>();
  beforeAll(async () => {
    for (const [name, options] of REFUSALS) {
      refused.set(name, submit(...options));
      if (refused.size % 2 === 0) await Promise.all(refused.values());
    }
  });

  test.each(REFUSALS)('%s', async (name, _options, sentence) => {
    const { code, stdout, stderr } = (await refused.get(name)) ?? { code: 0, stdout: '', stderr: '' };
    expect(code).toBe(1);
    expect(stderr.trim()).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
  });

  test.each([
    ['no role', []],
    ['an empty role', ['--role-arn', '']],
    ['a role without a value', ['--role-arn', '--set-default']],
    ['the name of a role', ['--role-arn=HandlerRole']],
  ])('%s, with the commands that make one', async (_name, options) => {
    const { code, stdout, stderr } = await submit('--namespace', 'Initech', '--region', REGION, ...options);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('HandlerRoleArn');
    expect(stderr).toContain('--template-file build/initech/examples/roles.yml');
    // The README's stack of the same file.
    expect(stderr).toContain('--stack-name initech-ecs-roletrunking-roles');
    expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain(
      '--template-file build/acme/examples/roles.yml --stack-name acme-ecs-roletrunking-roles',
    );
    expect(stderr).toContain(`--region ${REGION}`);
    expect(readFileSync(join(ROOT, 'build/initech/examples/roles.yml'), 'utf8')).toContain(
      'type/resource/Initech-Ecs-RoleTrunking/*',
    );
    expect(readdirSync(join(ROOT, 'build/initech'))).not.toContain('build');
    expect(server.calls).toEqual([]);
  });
});

describe('a dry run', () => {
  const unpacked = mkdtempSync(join(tmpdir(), 'package-'));
  afterAll(() => rmSync(unpacked, { recursive: true, force: true }));

  test('leaves the package and says so', async () => {
    const { code, stdout } = await submit('--namespace', 'Acme', '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toContain('The package is build/acme/acme-ecs-roletrunking.zip; nothing was submitted.');
    expect(server.calls).toEqual([]);
    await run(python, ['-m', 'zipfile', '-e', join(STAGING, 'acme-ecs-roletrunking.zip'), unpacked]);
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
    const bearing = filesBelow(STAGING).filter((path) =>
      /custom(::|-)ecs/i.test(`${path}${readFileSync(path, 'latin1')}`),
    );
    expect(bearing).toEqual([]);
  });

  test('the staged examples pass cfn-lint with the staged schema', async () => {
    const schemas = mkdtempSync(join(tmpdir(), 'schemas-'));
    await run('cp', [join(STAGING, 'acme-ecs-roletrunking.json'), schemas]);
    const templates = readdirSync(join(STAGING, 'examples')).filter((name) => name.endsWith('.yml'));
    expect(templates).toEqual(expect.arrayContaining(['roles.yml', 'trunking.yml']));
    const paths = templates.map((name) => join(STAGING, 'examples', name));
    const { stdout } = await run(join(programs, 'cfn-lint'), ['-s', schemas, '-t', ...paths]);
    expect(stdout).toBe('');
    rmSync(schemas, { recursive: true });
  });
});

describe('cfn submit itself', () => {
  test('registers the staged type, and what was registered creates, reads and deletes a setting', async () => {
    const options = { account, typeName: TYPE_NAME, region: REGION, sleep: async () => {} };
    const schema = join(STAGING, 'acme-ecs-roletrunking.json');
    const rolesTemplate = readFileSync(join(STAGING, 'examples/roles.yml'), 'utf8');
    const none = { invoke: () => Promise.reject(new Error('No handler is registered yet')) };
    const before = new CloudFormation({ ...options, schema, function: none });
    const { outputs } = await before.deploy('acme-ecs-roletrunking-roles', rolesTemplate);
    const { HandlerRoleArn = '', InstanceRoleArn = '' } = outputs;

    const given = ['--namespace', 'Acme', '--region', REGION, '--role-arn', HandlerRoleArn];
    const { code, stdout, stderr } = await submit(
      ...given,
      '--set-default',
      '--endpoint-url',
      server.endpoint,
    );
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
    if (!version) throw new Error('Nothing was registered');
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
      const template = readFileSync(join(STAGING, 'examples/trunking.yml'), 'utf8');
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

  test('a second submission is a second version; its exit code is passed on when AWS refuses it', async () => {
    const given = ['--namespace', 'Acme', '--region', REGION, '--endpoint-url', server.endpoint];
    const again = await submit(...given, '--no-role');
    expect(again.code).toBe(0);
    expect(again.stdout).toContain(`${TYPE_NAME} is registered without a role`);
    expect(server.registry.versions(REGION, TYPE_NAME).map(({ versionId }) => versionId)).toEqual([
      '00000001',
      '00000002',
    ]);
    expect(server.registry.defaultVersion(REGION, TYPE_NAME)?.versionId).toBe('00000001');
    const refused = await submit(...given, '--no-role', '--use-docker', '--no-docker');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('not allowed with argument');
  });
});
