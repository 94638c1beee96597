/** The official contract suite, `cfn test`, over the built handlers, in a local account or in a real one. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormation, LambdaFunction, LocalAccount } from 'local-account';
import { parseDocument } from 'yaml';
import { clientEnvironment } from '../command-line/client-environment';
import { CommandError } from '../command-line/command';
import { FUNCTION_NAME } from '../packaging/bundle';
import { projectTypeName } from '../packaging/stage';
import { schemaFile } from '../packaging/type-name';
import { pythonEnvironment } from '../python/environment';

const ROOT = join(__dirname, '../..');

/** What the suite tests, and how. */
export interface ContractOptions {
  /** The project's folder or a staged copy, which contains what `npm run build` writes. */
  readonly directory: string;
  /** Defaults to us-east-1. */
  readonly region?: string;
  /** A real account's roles; without them, a local account is started. */
  readonly roles?: ContractRoles | undefined;
  /** Passed on to `cfn test`, at the end of its command line. */
  readonly options?: readonly string[];
  /** Called with each part of the output. */
  readonly onOutput?: (text: string) => void;
}

/** Outputs of the stack that {@link contractRolesTemplate} describes. */
export interface ContractRoles {
  readonly handlerRoleArn: string;
  /** Replaces `RoleArn` in the inputs; missing for a type without that property. */
  readonly instanceRoleArn?: string | undefined;
}

/** How many of the suite's tests passed, failed and were skipped, and the output of `cfn test`. */
export interface ContractResult {
  readonly passed: number;
  /** Includes errors. */
  readonly failed: number;
  readonly skipped: number;
  readonly output: string;
}

/**
 * Runs `cfn test`.
 *
 * @throws CommandError where there is no result, for example because Python is missing.
 */
export async function runContractSuite(contract: ContractOptions): Promise<ContractResult> {
  const { directory, region = 'us-east-1', roles } = contract;
  const account = await LocalAccount.start();
  // No credentials of the real account: each request contains the credentials of the handler role.
  const environment = roles ? { AWS_REGION: region } : account.functionEnvironment(region);
  const handlers = new LambdaFunction({
    packageDirectory: join(directory, 'build', FUNCTION_NAME),
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
    const counts = countResults(output);
    if (counts === undefined) {
      throw new CommandError(
        `cfn test ended without a result${contract.onOutput ? ', see above.' : `:\n${output}`}`,
      );
    }
    return { ...counts, output };
  } finally {
    await handlers.close();
    await account.close();
  }
}

/**
 * The roles of examples/roles.yml with one additional statement, which trusts the user who runs `cfn test` (the
 * parameter TesterArn): `cfn test` assumes the handler role with that user's credentials, where CloudFormation would
 * assume it itself. No other policy changes.
 *
 * @param roles The text of examples/roles.yml.
 */
export function contractRolesTemplate(roles: string): string {
  const template = parseDocument(roles);
  const parameter = { Description: 'The user or role that runs cfn test', Type: 'String' };
  template.setIn(['Parameters', 'TesterArn'], parameter);
  const trust = ['Resources', 'HandlerRole', 'Properties', 'AssumeRolePolicyDocument', 'Statement'];
  const tester = { AWS: { Ref: 'TesterArn' } };
  template.addIn(trust, { Effect: 'Allow', Principal: tester, Action: 'sts:AssumeRole' });
  return template.toString();
}

async function deployRoles(
  account: LocalAccount,
  handlers: LambdaFunction,
  directory: string,
  region: string,
): Promise<ContractRoles> {
  const typeName = projectTypeName(directory);
  const cloudformation = new CloudFormation({
    account,
    function: handlers,
    typeName,
    region,
    schema: join(directory, schemaFile(typeName)),
  });
  const template = contractRolesTemplate(readFileSync(join(directory, 'examples/roles.yml'), 'utf8'));
  const { outputs, reason } = await cloudformation.deploy('contract', template, {
    TesterArn: `arn:aws:iam::${account.accountId}:user/Administrator`,
  });
  const { HandlerRoleArn: handlerRoleArn, InstanceRoleArn: instanceRoleArn } = outputs;
  if (!handlerRoleArn) {
    throw new Error(`The roles were not created: ${reason}`);
  }
  return { handlerRoleArn, instanceRoleArn };
}

/** Copies what `cfn test` reads of a project to a new folder, and puts the role to test with into the inputs. */
function projectFor(directory: string, instanceRoleArn: string | undefined): string {
  const workspace = mkdtempSync(join(tmpdir(), 'contract-'));
  const schema = schemaFile(projectTypeName(directory));
  for (const name of ['.rpdk-config', schema]) {
    cpSync(join(directory, name), join(workspace, name));
  }
  mkdirSync(join(workspace, 'inputs'));
  for (const name of readdirSync(join(directory, 'inputs'))) {
    const inputs = JSON.parse(readFileSync(join(directory, 'inputs', name), 'utf8')) as object;
    const role = 'RoleArn' in inputs && { RoleArn: instanceRoleArn };
    writeFileSync(join(workspace, 'inputs', name), JSON.stringify({ ...inputs, ...role }));
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
    : [join(programs, 'python'), join(ROOT, 'scripts/contract/cfn_local.py')];
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
function countResults(output: string): Omit<ContractResult, 'output'> | undefined {
  const summary = output
    .split('\n')
    .findLast((line) => /\d+ (passed|failed|skipped|errors?)\b.* in [\d.]+s/.test(line));
  if (summary === undefined) {
    return undefined;
  }
  const count = (outcome: string) => Number(new RegExp(`(\\d+) ${outcome}`).exec(summary)?.[1] ?? 0);
  return { passed: count('passed'), failed: count('failed') + count('error'), skipped: count('skipped') };
}
