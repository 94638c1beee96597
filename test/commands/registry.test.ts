import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudFormationClient,
  CreateStackCommand,
  type CreateStackCommandInput,
  DescribeStacksCommand,
  UpdateStackCommand,
  type UpdateStackCommandInput,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Credentials } from 'local-account';
import { LocalAccount } from 'local-account';
import { notePackage, zip } from 'local-account/testing';
import { clientEnvironment } from '../../scripts/command-line/client-environment';
import { renamed } from '../../scripts/packaging/stage';
import { schemaFile } from '../../scripts/packaging/type-name';
import { pythonEnvironment } from '../../scripts/python/environment';
import { outcomeOf } from '../harness/project-copy';
import { textOf } from '../harness/project-files';

const REGION = 'us-east-1';
const programs = pythonEnvironment();

let account: LocalAccount;
let workspace: string;

beforeEach(async () => {
  account = await LocalAccount.start();
  workspace = mkdtempSync(join(tmpdir(), 'projects-'));
});

afterEach(async () => {
  await account.close();
  rmSync(workspace, { recursive: true });
});

function environment(credentials?: Credentials): NodeJS.ProcessEnv {
  return { ...clientEnvironment(account, account.endpoint, credentials), AWS_DEFAULT_REGION: REGION };
}

/** Runs the unmodified `cfn submit`, without an execution role, on the smallest project that it accepts. */
async function cfnSubmit(
  typeName: string,
  { runtime = 'nodejs22.x', env = environment() } = {},
): Promise<{ code: number; output: string }> {
  const directory = mkdtempSync(join(workspace, 'project-'));
  mkdirSync(join(directory, 'src'));
  const settings = {
    artifact_type: 'RESOURCE',
    typeName,
    language: 'typescript',
    runtime,
    entrypoint: 'dist/handlers.entrypoint',
    testEntrypoint: 'dist/handlers.testEntrypoint',
    settings: { use_docker: false, no_docker: true, buildCommand: 'mkdir -p build/TypeFunction/dist #' },
  };
  const schema = JSON.parse(textOf('custom-ecs-roletrunking.json')) as object;
  writeFileSync(join(directory, '.rpdk-config'), JSON.stringify(settings));
  writeFileSync(join(directory, schemaFile(typeName)), JSON.stringify({ ...schema, typeName }));
  const command = ['submit', '--no-role', '--region', REGION];
  const { code, stdout, stderr } = await outcomeOf(join(programs, 'cfn'), command, { cwd: directory, env });
  return { code, output: `${stdout}${stderr}${readFileSync(join(directory, 'rpdk.log'), 'utf8')}` };
}

describe('cfn submit', () => {
  test('registers a package, and creates the upload stack only once', async () => {
    const typeName = 'Initech::Tps::Report';
    expect(await cfnSubmit(typeName)).toMatchObject({ code: 0 });
    expect(await cfnSubmit(typeName)).toMatchObject({ code: 0 });
    expect(account.calls.filter(({ operation }) => operation.endsWith('Stack'))).toMatchObject([
      { operation: 'CreateStack', status: 200 },
      { operation: 'CreateStack', errorCode: 'AlreadyExistsException' },
      { operation: 'UpdateStack', errorCode: 'ValidationError' },
    ]);
    expect(account.cloudFormation(REGION).registry.versions(typeName)).toHaveLength(2);
  });

  test('is refused for a reserved namespace', async () => {
    const { code, output } = await cfnSubmit('Custom::Ecs::RoleTrunking');
    expect(code).not.toBe(0);
    expect(output).toContain('(CFNRegistryException) when calling the RegisterType operation');
  });

  test('fails without a reason for a runtime that Lambda has deprecated', async () => {
    const { code, output } = await cfnSubmit('Initech::Tps::Old', { runtime: 'nodejs20.x' });
    expect(code).not.toBe(0);
    expect(output).toMatch(/'ProgressStatus': 'FAILED'.*Internal Failure/);
  });

  test('is denied for a caller without permissions', async () => {
    const env = environment(account.createUser('Nobody'));
    const { code, output } = await cfnSubmit('Initech::Tps::Report', { env });
    expect(code).not.toBe(0);
    expect(output).toMatch(/\(AccessDenied\).*cloudformation:CreateStack/);
  });
});

describe('examples/register.yml', () => {
  const SERVICE = 'resources.cloudformation.amazonaws.com';
  const TYPE_NAME = 'Initech::Ecs::RoleTrunking';
  const TEMPLATE = renamed(textOf('examples/register.yml'), TYPE_NAME);

  /** Creates or updates the stack. @returns its status and the version that it has registered */
  async function deploy(operation: 'create' | 'update', name: string): Promise<unknown[]> {
    const credentials = account.administrator();
    const cloudformation = new CloudFormationClient({
      endpoint: account.endpoint,
      region: REGION,
      credentials,
    });
    const parameter = { ParameterKey: 'SchemaHandlerPackage', ParameterValue: `s3://packages/${name}` };
    const stackInput: CreateStackCommandInput & UpdateStackCommandInput = {
      StackName: 'register',
      TemplateBody: TEMPLATE,
      Capabilities: ['CAPABILITY_IAM'],
      Parameters: [parameter],
    };
    await (operation === 'create'
      ? cloudformation.send(new CreateStackCommand(stackInput))
      : cloudformation.send(new UpdateStackCommand(stackInput)));
    const describing = new DescribeStacksCommand({ StackName: 'register' });
    const { Stacks: [stack] = [] } = await cloudformation.send(describing);
    const arn = stack?.Outputs?.find(({ OutputKey }) => OutputKey === 'TypeVersionArn')?.OutputValue;
    return [stack?.StackStatus, arn?.slice(-8)];
  }

  test('its handler role is the same as in examples/roles.yml', () => {
    // As text, with the intrinsic functions in it, and without the comments.
    const role = (name: string) => {
      const text = textOf(`examples/${name}`);
      const [, block = ''] = /\n {2}HandlerRole:\n([\s\S]*?)\n\n? {2}\w/.exec(text) ?? [];
      return block.replace(/^ *#.*\n/gm, '').trim();
    };
    expect(role('register.yml')).toBe(role('roles.yml'));
    expect(role('roles.yml')).toContain('PolicyName: FindRoles');
  });

  function putPackages(...names: string[]): void {
    account.buckets.create('packages');
    for (const name of names) {
      const files = {
        'schema.json': JSON.stringify({ typeName: TYPE_NAME }),
        'ResourceProvider.zip': zip({ 'dist/handlers.js': `// ${name}` }),
      };
      account.buckets.put('packages', `${name}.zip`, notePackage(files));
    }
  }

  test('it registers a version, moves to the next one and back', async () => {
    putPackages('one', 'two');
    const answers = [
      await deploy('create', 'one.zip'),
      await deploy('update', 'two.zip'),
      await deploy('update', 'one.zip'),
      await deploy('update', 'none.zip'),
    ];
    expect(answers).toEqual([
      ['CREATE_COMPLETE', '00000001'],
      ['UPDATE_COMPLETE', '00000002'],
      ['UPDATE_COMPLETE', '00000003'],
      ['UPDATE_ROLLBACK_COMPLETE', '00000003'],
    ]);
    const [version, ...others] = account.cloudFormation(REGION).registry.versions(TYPE_NAME);
    expect(others).toEqual([]);
    expect(account.cloudFormation(REGION).registry.version(TYPE_NAME)).toBe(version);
    const caller = { sourceAccount: account.accountId, sourceArn: version?.arn ?? '' };
    await account.assumeAsService(SERVICE, version?.executionRoleArn ?? '', caller);
    await account.assumeAsService(SERVICE, version?.logging?.roleArn ?? '', caller);
  });

  test('its log role can put metrics of this type, and of no other type or service', async () => {
    putPackages('one');
    await deploy('create', 'one.zip');
    const logRoleArn = account.cloudFormation(REGION).registry.version(TYPE_NAME)?.logging?.roleArn ?? '';
    const credentials = await account.assumeAsService(SERVICE, logRoleArn, {});
    const cloudwatch = new CloudWatchClient({ endpoint: account.endpoint, region: REGION, credentials });
    const put = (Namespace: string) =>
      cloudwatch.send(new PutMetricDataCommand({ Namespace, MetricData: [{ MetricName: 'm', Value: 1 }] }));
    await expect(put('AWS/CloudFormation/Initech/Ecs/RoleTrunking')).resolves.toBeDefined();
    for (const other of ['AWS/CloudFormation/Custom/Ecs/RoleTrunking', 'AWS/CloudFormation', 'AWS/EC2']) {
      await expect(put(other)).rejects.toThrow(/is not authorized to perform: cloudwatch:PutMetricData/);
    }
  });
});
