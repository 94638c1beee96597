import { join } from 'node:path';
import {
  type Clock,
  CloudFormation,
  type CloudFormationOptions,
  type Fault,
  type FaultRule,
  LambdaFunction,
  type LambdaOptions,
  LocalAccount,
  REAL_CLOCK,
  sleep,
} from 'local-account';
import { allowing, trusting } from './policies';
import { ROOT, textOf } from './project-files';

/** The sample stack's template, which contains the policies of every role here. */
export const ROLES_TEMPLATE = textOf('examples/roles.yml');

export const TYPE_NAME = 'Custom::Ecs::RoleTrunking';
export const REGION = 'us-east-1';
export const LOG_GROUP = 'custom-ecs-roletrunking-logs';
const SETTING = 'awsvpcTrunking';

export type Role = ReturnType<LocalAccount['roles']['create']>;

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
  /** A role of the account. @throws Error if it does not exist. */
  role(arn: string): Role;
  /**
   * Creates a role like the stack's instance role.
   *
   * @param tags Defaults to the tags of that role, which opt it in.
   * @returns its ARN
   */
  addInstanceRole(name: string, tags?: Record<string, string>): string;
  /** The explicit setting of ENI trunking that a principal has, by default the stack's instance role. */
  setting(principalArn?: string): string | undefined;
  /** Changes the setting as the principal would, without authorization. `undefined` removes it. */
  setSetting(value: string | undefined, principalArn?: string): void;
  /** Lets calls fail: all of them, or a number of times. @returns a function that stops this. */
  fail(calls: Omit<FaultRule, 'fault'>, fault: Fault): () => void;
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
    role: (arn) => roleOf(account, arn),
    addInstanceRole: (name, tags) => copyRole(account, instanceRoleArn, name, tags),
    setting: (arn = instanceRoleArn) => account.settings.get(REGION, arn, SETTING),
    setSetting: (value, arn = instanceRoleArn) =>
      value === undefined
        ? account.settings.delete(REGION, arn, SETTING)
        : account.settings.set(REGION, arn, SETTING, value),
    fail: (calls, fault) => account.faults.add({ times: Number.POSITIVE_INFINITY, ...calls, fault }),
    close,
  };
}

function roleOf(account: LocalAccount, arn: string): Role {
  const role = account.roles.byArn(arn);
  if (!role) {
    throw new Error(`There is no role ${arn}`);
  }
  return role;
}

/** Creates a role with the policies of another, and by default with its tags. @returns its ARN. */
export function copyRole(
  account: LocalAccount,
  arn: string,
  name: string,
  tags?: Record<string, string>,
): string {
  const { assumeRolePolicyDocument, inlinePolicies, managedPolicyArns, ...role } = roleOf(account, arn);
  const policies = { assumeRolePolicyDocument, inlinePolicies, managedPolicyArns };
  return account.roles.create({ name, ...policies, tags: tags ?? role.tags }).arn;
}

/** A role like the one that `cfn submit` registers for logs and metrics (the CLI's managed-upload-infrastructure.yaml). */
function createLogRole(account: LocalAccount): string {
  const services = ['resources.cloudformation.amazonaws.com', 'hooks.cloudformation.amazonaws.com'];
  const actions = [
    ...['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogGroups', 'logs:DescribeLogStreams'],
    ...['logs:PutLogEvents', 'cloudwatch:ListMetrics', 'cloudwatch:PutMetricData'],
  ];
  return account.roles.create({
    name: 'LogAndMetricsDeliveryRole',
    maxSessionDuration: 43_200,
    assumeRolePolicyDocument: trusting({ Service: services }),
    inlinePolicies: [allowing(actions)],
  }).arn;
}
