import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Clock,
  CloudFormation,
  type CloudFormationOptions,
  LambdaFunction,
  type LambdaOptions,
  LocalAccount,
  REAL_CLOCK,
  sleep,
} from 'local-account';

const ROOT = join(__dirname, '../..');

/** The sample stack's template, which contains the policies of every role here. */
export const ROLES_TEMPLATE = readFileSync(join(ROOT, 'examples/roles.yml'), 'utf8');

export const TYPE_NAME = 'Custom::Ecs::RoleTrunking';
export const REGION = 'us-east-1';
export const LOG_GROUP = 'custom-ecs-roletrunking-logs';

/** Options for {@link startSampleAccount}. */
interface SampleAccountOptions {
  /** The shortest time that each call to the account takes, in milliseconds. */
  latencyMs?: number;
  /** The clock of account, handlers and CloudFormation. By default the machine's, without waits between invocations. */
  clock?: Clock;
  /** How the built handlers run. */
  lambda?: Partial<LambdaOptions>;
  /** How CloudFormation invokes them. By default, it does not wait between invocations. */
  cloudformation?: Partial<CloudFormationOptions>;
}

/** A local account with the sample stack, and the type registered with the stack's handler role and with logging. */
export interface SampleAccount {
  readonly account: LocalAccount;
  readonly handlers: LambdaFunction;
  readonly cloudformation: CloudFormation;
  readonly handlerRoleArn: string;
  readonly instanceRoleArn: string;
  readonly logRoleArn: string;
  /**
   * Creates a role like the stack's instance role.
   *
   * @param tags Defaults to the tags of that role, which opt it in.
   * @returns its ARN
   */
  addInstanceRole(name: string, tags?: Record<string, string>): string;
  /** The setting of ENI trunking. */
  readonly trunking: ReturnType<typeof trunkingOf>;
  close(): Promise<void>;
}

/**
 * Starts an account and deploys examples/roles.yml into it. The handlers are those of build/TypeFunction.
 *
 * @throws Error when the stack cannot be deployed.
 */
export async function startSampleAccount(options: SampleAccountOptions = {}): Promise<SampleAccount> {
  const { latencyMs = 0, clock = REAL_CLOCK } = options;
  const account = await LocalAccount.start({ latencyMs, clock });
  const handlers = new LambdaFunction({
    packageDirectory: join(ROOT, 'build/TypeFunction'),
    handler: 'dist/handlers.entrypoint',
    environment: account.functionEnvironment(REGION),
    clock,
    ...options.lambda,
  });
  const logRoleArn = createLogRole(account);
  const cloudformation = new CloudFormation({
    account,
    function: handlers,
    typeName: TYPE_NAME,
    region: REGION,
    schema: join(ROOT, 'custom-ecs-roletrunking.json'),
    sleep: (seconds) => (clock === REAL_CLOCK ? Promise.resolve() : sleep(clock, seconds * 1000)),
    logging: { groupName: LOG_GROUP, roleArn: logRoleArn },
    ...options.cloudformation,
  });
  const roles = await cloudformation.deploy('roles', ROLES_TEMPLATE);
  const { HandlerRoleArn: handlerRoleArn, InstanceRoleArn: instanceRoleArn } = roles.outputs;
  const close = async () => {
    await handlers.close();
    await account.close();
  };
  if (!handlerRoleArn || !instanceRoleArn) {
    await close();
    throw new Error(`examples/roles.yml was not deployed: ${roles.status}`);
  }
  cloudformation.register({ executionRoleArn: handlerRoleArn });
  return {
    account,
    handlers,
    cloudformation,
    handlerRoleArn,
    instanceRoleArn,
    logRoleArn,
    addInstanceRole: (name, tags) => copyRole(account, instanceRoleArn, name, tags),
    trunking: trunkingOf(account),
    close,
  };
}

function copyRole(account: LocalAccount, arn: string, name: string, tags?: Record<string, string>): string {
  const role = account.roles.byArn(arn);
  if (!role) {
    throw new Error(`There is no role ${arn}`);
  }
  const { assumeRolePolicyDocument, inlinePolicies, managedPolicyArns } = role;
  const policies = { assumeRolePolicyDocument, inlinePolicies, managedPolicyArns };
  return account.roles.create({ name, ...policies, tags: tags ?? role.tags }).arn;
}

/** The explicit setting of ENI trunking by Region and principal. */
function trunkingOf({ settings }: LocalAccount) {
  const name = 'awsvpcTrunking';
  return {
    get: (region: string, principalArn: string) => settings.get(region, principalArn, name),
    /** Sets it as the principal would, without authorization. */
    set: (region: string, principalArn: string, value: string) =>
      settings.set(region, principalArn, name, value),
    delete: (region: string, principalArn: string) => settings.delete(region, principalArn, name),
  };
}

/** A role like the one that `cfn submit` registers for logs and metrics (the CLI's managed-upload-infrastructure.yaml). */
function createLogRole(account: LocalAccount): string {
  const document = (statement: object) => ({ Version: '2012-10-17', Statement: [statement] });
  return account.roles.create({
    name: 'LogAndMetricsDeliveryRole',
    maxSessionDuration: 43_200,
    assumeRolePolicyDocument: document({
      Effect: 'Allow',
      Principal: {
        Service: ['resources.cloudformation.amazonaws.com', 'hooks.cloudformation.amazonaws.com'],
      },
      Action: 'sts:AssumeRole',
    }),
    inlinePolicies: [
      {
        name: 'LogAndMetricsDeliveryRolePolicy',
        document: document({
          Effect: 'Allow',
          Action: [
            'logs:CreateLogGroup',
            'logs:CreateLogStream',
            'logs:DescribeLogGroups',
            'logs:DescribeLogStreams',
            'logs:PutLogEvents',
            'cloudwatch:ListMetrics',
            'cloudwatch:PutMetricData',
          ],
          Resource: '*',
        }),
      },
    ],
  }).arn;
}
