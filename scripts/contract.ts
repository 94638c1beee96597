/**
 * The official contract suite, `cfn test`, over the built handlers: in a local account, or with `--real` in the
 * account of one's own credentials, where the handlers run on this machine all the same.
 */
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseDocument, Scalar } from 'yaml';
import { LocalAccount } from '../local/account';
import { clientEnvironment } from '../local/client-environment';
import { CloudFormation } from '../local/cloudformation';
import { LambdaFunction } from '../local/lambda';
import { PythonMissing, pythonEnvironment } from './python';
import {
  hasOption,
  NamespaceRefused,
  optionValue,
  projectTypeName,
  readOptions,
  stage,
  withoutOption,
} from './stage';

const ROOT = join(__dirname, '..');
const FUNCTION_NAME = 'TypeFunction';

/** What the suite is run over. */
export interface ContractOptions {
  /** The project's folder or a staged copy, with what `npm run build` writes in it. */
  readonly directory: string;
  /** us-east-1 unless told. */
  readonly region?: string;
  /** A real account's roles; without them, a local account is started. */
  readonly roles?: ContractRoles | undefined;
  /** Handed to `cfn test` as they are. */
  readonly options?: readonly string[];
  /** Is given the output as it comes. */
  readonly onOutput?: (text: string) => void;
}

/** Outputs of the stack that {@link contractRolesTemplate} describes. */
export interface ContractRoles {
  readonly handlerRoleArn: string;
  readonly instanceRoleArn: string;
}

/** How many of the suite's tests ended in which way, and everything that `cfn test` wrote. */
export interface ContractResult {
  readonly passed: number;
  /** Errors among them. */
  readonly failed: number;
  readonly skipped: number;
  readonly output: string;
}

/**
 * Runs `cfn test`.
 *
 * @throws Error where it did not come to a result.
 * @throws PythonMissing
 */
export async function runContractSuite(contract: ContractOptions): Promise<ContractResult> {
  const { directory, region = 'us-east-1', roles } = contract;
  const account = await LocalAccount.start();
  // Of the real account's credentials none: each request bears those of the handler role.
  const environment = roles ? { AWS_REGION: region } : account.functionEnvironment(region);
  const handlers = new LambdaFunction({
    packageDirectory: join(directory, 'build/TypeFunction'),
    handler: 'dist/handlers.entrypoint',
    environment,
  });
  account.functions.set(FUNCTION_NAME, handlers);
  try {
    const tested = roles ?? (await deployRoles(account, handlers, directory, region));
    const workspace = projectFor(directory, tested.instanceRoleArn);
    const output = await cfnTest(contract, account, tested, workspace).finally(() =>
      rmSync(workspace, { recursive: true, force: true }),
    );
    return { ...countResults(output), output };
  } finally {
    await handlers.close();
    await account.close();
  }
}

/**
 * The roles of examples/roles.yml with one statement more: `cfn test` assumes the handler role with the
 * credentials of whoever runs it (the parameter TesterArn), where CloudFormation would do so itself. Every other
 * policy is the sample stack's own.
 */
export function contractRolesTemplate(directory: string): string {
  const template = parseDocument(readFileSync(join(directory, 'examples/roles.yml'), 'utf8'));
  const description = 'The user or role that runs cfn test';
  template.setIn(
    ['Parameters', 'TesterArn'],
    template.createNode({ Description: description, Type: 'String' }),
  );
  const trust = ['Resources', 'HandlerRole', 'Properties', 'AssumeRolePolicyDocument', 'Statement'];
  const tester = new Scalar('TesterArn');
  tester.tag = '!Ref';
  const statement = template.createNode({ Effect: 'Allow', Principal: {}, Action: 'sts:AssumeRole' });
  statement.setIn(['Principal', 'AWS'], tester);
  template.addIn(trust, statement);
  return template.toString();
}

async function deployRoles(
  account: LocalAccount,
  handlers: LambdaFunction,
  directory: string,
  region: string,
): Promise<ContractRoles> {
  const typeName = projectTypeName(directory);
  const cloudformation = new CloudFormation({ account, function: handlers, typeName, region });
  const { outputs, reason } = await cloudformation.deploy('contract', contractRolesTemplate(directory), {
    TesterArn: `arn:aws:iam::${account.accountId}:user/Administrator`,
  });
  const { HandlerRoleArn: handlerRoleArn, InstanceRoleArn: instanceRoleArn } = outputs;
  if (!handlerRoleArn || !instanceRoleArn) {
    throw new Error(`The roles were not made: ${reason}`);
  }
  return { handlerRoleArn, instanceRoleArn };
}

/** What `cfn test` reads of a project, in a folder of its own, with the role to test with in the inputs. */
function projectFor(directory: string, instanceRoleArn: string): string {
  const workspace = mkdtempSync(join(tmpdir(), 'contract-'));
  const schema = `${projectTypeName(directory).replaceAll('::', '-').toLowerCase()}.json`;
  for (const name of ['.rpdk-config', schema]) {
    cpSync(join(directory, name), join(workspace, name));
  }
  mkdirSync(join(workspace, 'inputs'));
  for (const name of readdirSync(join(directory, 'inputs'))) {
    const inputs = JSON.parse(readFileSync(join(directory, 'inputs', name), 'utf8')) as object;
    writeFileSync(join(workspace, 'inputs', name), JSON.stringify({ ...inputs, RoleArn: instanceRoleArn }));
  }
  return workspace;
}

async function cfnTest(
  { region = 'us-east-1', roles, options = [], onOutput }: ContractOptions,
  account: LocalAccount,
  { handlerRoleArn }: ContractRoles,
  workspace: string,
): Promise<string> {
  const programs = pythonEnvironment();
  const [program, ...first] = roles
    ? [join(programs, 'cfn')]
    : [join(programs, 'python'), join(ROOT, 'scripts/cfn_local.py')];
  const endpoint = ['--endpoint', account.endpoint, '--function-name', FUNCTION_NAME];
  const command = ['test', ...endpoint, '--region', region, '--role-arn', handlerRoleArn, ...options];
  return new Promise((resolve, reject) => {
    const env = roles ? { ...process.env, NO_PROXY: '127.0.0.1' } : clientEnvironment(account);
    const child = execFile(program ?? '', [...first, ...command], {
      cwd: workspace,
      env,
      maxBuffer: 2 ** 26,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: string) => {
        output += chunk;
        onOutput?.(chunk);
      });
    }
    child.once('error', reject);
    child.once('close', () => resolve(output));
  });
}

/** Reads pytest's last line, such as `13 passed, 2 skipped in 4.56s`. */
function countResults(output: string): Omit<ContractResult, 'output'> {
  const summary = output
    .split('\n')
    .findLast((line) => /\d+ (passed|failed|skipped|errors?)\b.* in [\d.]+s/.test(line));
  if (summary === undefined) {
    throw new Error(`cfn test came to no result:\n${output}`);
  }
  const count = (outcome: string) => Number(new RegExp(`(\\d+) ${outcome}`).exec(summary)?.[1] ?? 0);
  return { passed: count('passed'), failed: count('failed') + count('error'), skipped: count('skipped') };
}

/** Puts the template for a real account into place and tells how to go on from there. */
function rolesWanted(
  directory: string,
  given: readonly string[],
  region: string,
  profile: string | undefined,
): string {
  const target = `--region ${region}${profile ? ` --profile ${profile}` : ''}`;
  const [path, name] = [join(directory, 'build/contract-roles.yml'), 'role-trunking-contract'];
  mkdirSync(join(directory, 'build'), { recursive: true });
  writeFileSync(path, contractRolesTemplate(directory));
  const output = (key: string) =>
    `"$(aws cloudformation describe-stacks --stack-name ${name} ${target} --query "Stacks[0].Outputs[?OutputKey=='${key}'].OutputValue" --output text)"`;
  return `The suite needs the two roles of the sample stack, with a handler role that lets you in, since cfn test assumes
it with your credentials. Make them in the account to test in, with the ARN of your user or role:

  aws cloudformation deploy --template-file ${relative(ROOT, path)} --stack-name ${name} ${target} \\
    --capabilities CAPABILITY_IAM --parameter-overrides TesterArn=<your ARN>
  npm run contract -- ${given.join(' ')} \\
    --role-arn ${output('HandlerRoleArn')} \\
    --instance-role-arn ${output('InstanceRoleArn')}

It creates, changes and deletes that role's setting in ${region}, and no other's.`;
}

/** @returns The exit code. @throws NamespaceRefused, PythonMissing */
async function main(given: readonly string[]): Promise<number> {
  const { namespace, options } = readOptions(given);
  const directory =
    namespace === undefined && !given.includes('--namespace') ? ROOT : stage(namespace).directory;
  const region = optionValue(options, '--region') ?? 'us-east-1';
  const handlerRoleArn = optionValue(options, '--role-arn');
  const instanceRoleArn = optionValue(options, '--instance-role-arn');
  const real = hasOption(options, '--real');
  if (real && !(handlerRoleArn && instanceRoleArn)) {
    console.error(rolesWanted(directory, given, region, optionValue(options, '--profile')));
    return 1;
  }
  const built = spawnSync('npm', ['run', '--silent', 'build', '--', FUNCTION_NAME], {
    cwd: directory,
    stdio: 'inherit',
  });
  if (built.status !== 0) {
    return built.status ?? 1;
  }
  const ours = ['--region', '--role-arn', '--instance-role-arn', '--real'];
  const { failed, passed } = await runContractSuite({
    directory,
    region,
    roles: real && handlerRoleArn && instanceRoleArn ? { handlerRoleArn, instanceRoleArn } : undefined,
    options: ours.reduce<readonly string[]>(withoutOption, options),
    onOutput: (text) => process.stdout.write(text),
  });
  return failed === 0 && passed > 0 ? 0 : 1;
}

if (require.main === module) {
  main(process.argv.slice(2)).then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      const known = error instanceof NamespaceRefused || error instanceof PythonMissing;
      console.error(known ? error.message : error);
      process.exitCode = 1;
    },
  );
}
