import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LocalAccount } from '../local/account';
import type { Credentials } from '../local/services/sts/store';
import { clientEnvironment } from '../scripts/client-environment';
import { pythonEnvironment } from '../scripts/python';

const ROOT = join(__dirname, '..');
const REGION = 'us-east-1';
const programs = pythonEnvironment();
const python = join(programs, 'python');
const run = promisify(execFile);

let account: LocalAccount;
let workspace: string;

beforeAll(async () => {
  account = await LocalAccount.start();
  workspace = mkdtempSync(join(tmpdir(), 'projects-'));
});

afterAll(async () => {
  await account.close();
  rmSync(workspace, { recursive: true });
});

function environment(credentials?: Credentials): NodeJS.ProcessEnv {
  return { ...clientEnvironment(account, account.endpoint, credentials), AWS_DEFAULT_REGION: REGION };
}

/** The smallest project that `cfn submit` accepts. */
interface Project {
  typeName: string;
  runtime?: string;
}

/** Runs the unmodified `cfn submit`, without an execution role. */
async function cfnSubmit(
  { typeName, runtime = 'nodejs22.x' }: Project,
  env = environment(),
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
    settings: {
      use_docker: false,
      no_docker: true,
      buildCommand: 'mkdir -p build/TypeFunction/dist #',
    },
  };
  const schema = JSON.parse(readFileSync(join(ROOT, 'custom-ecs-roletrunking.json'), 'utf8')) as object;
  writeFileSync(join(directory, '.rpdk-config'), JSON.stringify(settings));
  const schemaFile = `${typeName.replaceAll('::', '-').toLowerCase()}.json`;
  writeFileSync(join(directory, schemaFile), JSON.stringify({ ...schema, typeName }));
  try {
    const command = ['submit', '--no-role', '--region', REGION];
    const { stdout, stderr } = await run(join(programs, 'cfn'), command, { cwd: directory, env });
    return { code: 0, output: `${stdout}${stderr}` };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    const log = readFileSync(join(directory, 'rpdk.log'), 'utf8');
    return { code, output: `${stdout}${stderr}${log}` };
  }
}

/** Runs Python code that uses the boto3 clients `cloudformation` and `s3`. @returns the JSON that it prints */
async function boto3(
  script: string,
  values: Record<string, string> = {},
  env = environment(),
): Promise<unknown> {
  const prelude = `
import boto3, json, sys
from botocore.exceptions import ClientError
values = json.loads(sys.argv[1])
cloudformation, s3 = boto3.client("cloudformation"), boto3.client("s3")
def answer(value): print(json.dumps(value, default=str))
`;
  const { stdout } = await run(python, ['-c', `${prelude}${script}`, JSON.stringify(values)], { env });
  return JSON.parse(stdout);
}

describe('cfn submit', () => {
  test('registers a package, and creates the upload stack only once', async () => {
    const project = { typeName: 'Initech::Tps::Report' };
    expect(await cfnSubmit(project)).toMatchObject({ code: 0 });
    expect(await cfnSubmit(project)).toMatchObject({ code: 0 });
    expect(account.calls.filter(({ operation }) => operation.endsWith('Stack'))).toMatchObject([
      { operation: 'CreateStack', status: 200 },
      { operation: 'CreateStack', errorCode: 'AlreadyExistsException' },
      { operation: 'UpdateStack', errorCode: 'ValidationError' },
    ]);
    expect(account.cloudFormation(REGION).registry.versions(project.typeName)).toHaveLength(2);
  });

  test.each(['Custom', 'amzn', 'Dev'])('is refused for the namespace %s', async (namespace) => {
    const { code, output } = await cfnSubmit({ typeName: `${namespace}::Ecs::RoleTrunking` });
    expect(code).not.toBe(0);
    expect(output).toContain('(CFNRegistryException) when calling the RegisterType operation');
  });

  test.each(['nodejs14.x', 'nodejs16.x', 'nodejs18.x', 'nodejs20.x'])(
    'fails without a reason for the runtime %s',
    async (runtime) => {
      const { code, output } = await cfnSubmit({ typeName: 'Initech::Tps::Old', runtime });
      expect(code).not.toBe(0);
      expect(output).toMatch(/'ProgressStatus': 'FAILED'.*Internal Failure/);
    },
  );

  test('is denied for a caller without permissions', async () => {
    const env = environment(account.createUser('Nobody'));
    const { code, output } = await cfnSubmit({ typeName: 'Initech::Tps::Report' }, env);
    expect(code).not.toBe(0);
    expect(output).toMatch(/\(AccessDenied\).*cloudformation:CreateStack/);
  });
});

describe('RegisterType', () => {
  const REGISTER = `
import io, zipfile
def register(files):
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return register_bytes(package.getvalue())
def register_bytes(content):
    bucket = next(o["OutputValue"] for o in cloudformation.describe_stacks(
        StackName="CloudFormationManagedUploadInfrastructure")["Stacks"][0]["Outputs"]
        if o["OutputKey"] == "CloudFormationManagedUploadBucketName")
    s3.put_object(Bucket=bucket, Key="package.zip", Body=content)
    token = cloudformation.register_type(
        TypeName="Initech::Tps::Report", SchemaHandlerPackage=f"s3://{bucket}/package.zip")["RegistrationToken"]
    progress = cloudformation.describe_type_registration(RegistrationToken=token)
    answer({key: progress[key] for key in ("ProgressStatus", "Description")})
def handlers(size, compression=zipfile.ZIP_DEFLATED):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", compression) as archive:
        archive.writestr("dist/handlers.js", bytes(size))
    return inner.getvalue()
complete = {
    "schema.json": json.dumps({"typeName": "Initech::Tps::Report"}),
    ".rpdk-config": json.dumps({"runtime": "nodejs22.x", "entrypoint": "dist/handlers.entrypoint"}),
    "ResourceProvider.zip": handlers(1),
}
`;

  test.each([
    ['a complete package', 'register(complete)', 'COMPLETE', /COMPLETED/],
    ['a file that is not a zip archive', 'register_bytes(b"text")', 'FAILED', /not a ZIP archive/],
    [
      'a package without a schema',
      'register({k: v for k, v in complete.items() if k != "schema.json"})',
      'FAILED',
      /schema\.json/,
    ],
    [
      'a package without handlers',
      'register({k: v for k, v in complete.items() if k != "ResourceProvider.zip"})',
      'FAILED',
      /ResourceProvider\.zip/,
    ],
    [
      "another type's schema",
      'register({**complete, "schema.json": json.dumps({"typeName": "Initech::Tps::Other"})})',
      'FAILED',
      /Initech::Tps::Other/,
    ],
    [
      'handlers over the zipped limit',
      'register({**complete, "ResourceProvider.zip": handlers(51 * 1024 ** 2, zipfile.ZIP_STORED)})',
      'FAILED',
      /Internal Failure/,
    ],
    [
      'handlers over the unzipped limit',
      'register({**complete, "ResourceProvider.zip": handlers(251 * 1024 ** 2)})',
      'FAILED',
      /Internal Failure/,
    ],
  ])('%s', async (_name, script, ProgressStatus, reason) => {
    const progress = await boto3(`${REGISTER}${script}`);
    expect(progress).toEqual({ ProgressStatus, Description: expect.stringMatching(reason) });
  });

  test('the versions can be listed, and the default version can be changed but not deregistered', async () => {
    const answer = await boto3(`
name = "Initech::Tps::Report"
before = cloudformation.list_type_versions(Type="RESOURCE", TypeName=name)["TypeVersionSummaries"]
cloudformation.set_type_default_version(Type="RESOURCE", TypeName=name, VersionId="00000002")
after = cloudformation.describe_type(Type="RESOURCE", TypeName=name)
try:
    cloudformation.deregister_type(Arn=after["Arn"])
except ClientError as error:
    refused = error.response["Error"]
answer([[it["VersionId"] for it in before if it["IsDefaultVersion"]], after["DefaultVersionId"], refused["Code"]])
`);
    expect(answer).toEqual([['00000001'], '00000002', 'CFNRegistryException']);
  });
});

describe('examples/register.yml', () => {
  const TEMPLATE = readFileSync(join(ROOT, 'examples/register.yml'), 'utf8').replaceAll('Custom', 'Initech');
  const DEPLOY = `
def deploy(operation, package):
    operation(StackName="register", TemplateBody=values["template"], Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": "SchemaHandlerPackage", "ParameterValue": package}])
    stack = cloudformation.describe_stacks(StackName="register")["Stacks"][0]
    outputs = {it["OutputKey"]: it["OutputValue"] for it in stack.get("Outputs", [])}
    return [stack["StackStatus"], outputs.get("TypeVersionArn", "")[-8:]]
`;

  test('its handler role is the same as in examples/roles.yml', () => {
    // As text, with the intrinsic functions in it, and without the comments.
    const role = (name: string) => {
      const [, block = ''] =
        /\n {2}HandlerRole:\n([\s\S]*?)\n\n? {2}\w/.exec(
          readFileSync(join(ROOT, 'examples', name), 'utf8'),
        ) ?? [];
      return block.replace(/^ *#.*\n/gm, '').trim();
    };
    expect(role('register.yml')).toBe(role('roles.yml'));
    expect(role('roles.yml')).toContain('PolicyName: FindRoles');
  });

  test('it registers a version, moves to the next one and back', async () => {
    const packages = ['one', 'two'];
    account.buckets.create('packages');
    for (const name of packages) {
      const directory = mkdtempSync(join(workspace, 'package-'));
      mkdirSync(join(directory, 'dist'));
      writeFileSync(join(directory, 'dist/handlers.js'), `// ${name}`);
      writeFileSync(
        join(directory, 'schema.json'),
        JSON.stringify({ typeName: 'Initech::Ecs::RoleTrunking' }),
      );
      const settings = { runtime: 'nodejs22.x', entrypoint: 'dist/handlers.entrypoint' };
      writeFileSync(join(directory, '.rpdk-config'), JSON.stringify(settings));
      const at = { cwd: directory };
      await run(python, ['-m', 'zipfile', '-c', 'ResourceProvider.zip', 'dist'], at);
      await run(
        python,
        ['-m', 'zipfile', '-c', 'package.zip', 'schema.json', '.rpdk-config', 'ResourceProvider.zip'],
        at,
      );
      account.buckets.put('packages', `${name}.zip`, readFileSync(join(directory, 'package.zip')));
    }
    const answers = await boto3(
      `${DEPLOY}
answer([
    deploy(cloudformation.create_stack, "s3://packages/one.zip"),
    deploy(cloudformation.update_stack, "s3://packages/two.zip"),
    deploy(cloudformation.update_stack, "s3://packages/one.zip"),
    deploy(cloudformation.update_stack, "s3://packages/none.zip"),
])`,
      { template: TEMPLATE },
    );
    expect(answers).toEqual([
      ['CREATE_COMPLETE', '00000001'],
      ['UPDATE_COMPLETE', '00000002'],
      ['UPDATE_COMPLETE', '00000003'],
      ['UPDATE_ROLLBACK_COMPLETE', '00000003'],
    ]);
    const [version, ...others] = account
      .cloudFormation(REGION)
      .registry.versions('Initech::Ecs::RoleTrunking');
    expect(others).toEqual([]);
    expect(account.cloudFormation(REGION).registry.version('Initech::Ecs::RoleTrunking')).toBe(version);
    const service = 'resources.cloudformation.amazonaws.com';
    const caller = { sourceAccount: account.accountId, sourceArn: version?.arn ?? '' };
    await account.assumeAsService(service, version?.executionRoleArn ?? '', caller);
    await account.assumeAsService(service, version?.logging?.roleArn ?? '', caller);
  });
});
