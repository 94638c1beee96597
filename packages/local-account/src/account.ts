import { type Clock, REAL_CLOCK } from './clock';
import type { Call, Observer } from './gateway/call';
import { found } from './gateway/errors';
import { Faults } from './gateway/faults';
import type { Gateway } from './gateway/gateway';
import { type Endpoint, listen } from './gateway/server';
import type { Service } from './gateway/service';
import { cloudControlService } from './services/cloudcontrol/operations';
import { iamProviders } from './services/cloudformation/providers/iam';
import { PLACEHOLDERS, placeholder } from './services/cloudformation/providers/placeholders';
import type { Provider } from './services/cloudformation/providers/provider';
import { bucketProvider } from './services/cloudformation/providers/s3';
import {
  type CloudFormationAccount,
  RegionalCloudFormation,
} from './services/cloudformation/regional-cloudformation';
import { cloudFormationService } from './services/cloudformation/service';
import type { StackEvent } from './services/cloudformation/stacks/stack';
import { cloudWatch } from './services/cloudwatch/operations';
import { ecs } from './services/ecs/operations';
import type { NamedPolicy, PolicyDocument } from './services/iam/documents';
import { authorizerOf } from './services/iam/evaluation/authorize';
import { iam } from './services/iam/service';
import { newEntity } from './services/iam/store/entities';
import { lambda } from './services/lambda/operations';
import { logs } from './services/logs/operations';
import { s3 } from './services/s3/operations';
import { sts } from './services/sts/operations';
import { assumeAsService, type ServiceCaller } from './services/sts/service-sessions';
import type { Credentials, Session } from './services/sts/store';
import { Stores } from './stores';

interface AccountOptions {
  /** Defaults to a free one. */
  port?: number;
  /** How long each call takes at least, in milliseconds of the clock. Defaults to 0. */
  latencyMs?: number;
  /** What delays, latency and rates are measured by; defaults to the machine's time. */
  clock?: Clock;
  onStackEvent?: (event: StackEvent) => void;
}

/**
 * An AWS account on loopback: the services of `services/` over HTTP, for SDK clients and the AWS CLI as they are
 * (`AWS_ENDPOINT_URL`), and their stores for tests.
 */
export class LocalAccount extends Stores implements Gateway, CloudFormationAccount {
  /** Starts an account. @throws Error when the port is in use. */
  static async start(options: AccountOptions = {}): Promise<LocalAccount> {
    const account = new LocalAccount(options);
    account.#endpoint = await listen(account, options.port ?? 0);
    return account;
  }

  readonly authorize = authorizerOf(this);
  readonly faults = new Faults(this.clock);
  readonly observers = new Set<Observer>();
  readonly calls: Call[] = [];
  readonly latencyMs: number;
  readonly administratorSession: Session;
  /** The role of the functions themselves, which has no permissions. */
  readonly functionRoleArn: string;
  readonly services: ReadonlyMap<string, Service>;
  /** The resource types of AWS that stacks can have, by name. */
  readonly providers: ReadonlyMap<string, Provider> = new Map([
    ...iamProviders(this),
    ['AWS::S3::Bucket', bucketProvider(this)],
    ...PLACEHOLDERS.map((type) => [type, placeholder] as const),
  ]);
  readonly onStackEvent: ((event: StackEvent) => void) | undefined;
  isClosed = false;

  readonly #cloudFormation = new Map<string, RegionalCloudFormation>();
  #endpoint: Endpoint | undefined;

  private constructor(options: AccountOptions) {
    super(options.clock ?? REAL_CLOCK);
    this.latencyMs = options.latencyMs ?? 0;
    this.onStackEvent = options.onStackEvent;
    const { accessKeyId, sessionToken } = this.administrator();
    this.administratorSession = this.sessions.find(accessKeyId, sessionToken);
    this.functionRoleArn = this.roles.create({
      name: 'LocalFunctionRole',
      assumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ],
      },
    }).arn;
    // Each service is a folder in `services/` and a line here.
    const services: Service[] = [
      sts,
      iam,
      ecs,
      logs,
      cloudWatch,
      s3,
      lambda,
      cloudFormationService((region) => this.cloudFormation(region)),
      cloudControlService((region) => this.cloudFormation(region)),
    ];
    this.services = new Map(services.map((service) => [service.name, service]));
  }

  /** `http://127.0.0.1:<port>`, for `AWS_ENDPOINT_URL`. */
  get endpoint(): string {
    return this.#endpoint?.url ?? '';
  }

  /** Assumes a role as an AWS service does; see {@link assumeAsService}. @throws Error when the account is closed. */
  async assumeAsService(service: string, roleArn: string, caller: ServiceCaller = {}): Promise<Credentials> {
    if (this.isClosed) {
      throw new Error(`The account ${this.accountId} is closed.`);
    }
    return assumeAsService(this, service, roleArn, caller);
  }

  /** A session of a role, without its trust policy. @throws Error if the role does not exist. */
  sessionFor(roleArn: string, sessionName: string, sessionPolicy?: PolicyDocument): Credentials {
    const role = found(this.roles.byArn(roleArn), new Error(`There is no role ${roleArn}`));
    return this.sessions.issue({ kind: 'role', role, sessionName, sessionPolicy }, 3600).credentials;
  }

  /** Creates an access key for an IAM user. Creates the user with these policies if it does not exist. */
  createUser(userName: string, policies: NamedPolicy[] = []): Credentials {
    const user = this.users.get(userName) ?? { ...newEntity(this.accountId, 'user', userName), policies };
    this.users.set(userName, user);
    return this.sessions.issueLongTerm(user);
  }

  /** Credentials of a user with all permissions. */
  administrator(): Credentials {
    const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
    return this.createUser('Administrator', [{ name: 'Everything', document }]);
  }

  /**
   * What Lambda sets in a function's process: endpoint, Region and credentials of the function's role, which has no
   * permissions. A handler that uses them is denied, and `calls` shows it as `functionRoleArn`.
   */
  functionEnvironment(region: string): Record<string, string> {
    const credentials = this.sessionFor(this.functionRoleArn, 'TypeFunction');
    return {
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
    };
  }

  /** CloudFormation in a Region: its registry and its stacks. */
  cloudFormation(region: string): RegionalCloudFormation {
    const cloudFormation = this.#cloudFormation.get(region) ?? new RegionalCloudFormation(this, region);
    this.#cloudFormation.set(region, cloudFormation);
    return cloudFormation;
  }

  /** Calls an observer before and after each call. @returns A function that removes it. */
  observe(observer: Observer): () => void {
    this.observers.add(observer);
    return () => this.observers.delete(observer);
  }

  /** Stops answering. Calls in progress are cut and have no effect. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.#endpoint?.close();
    await Promise.all([...this.#cloudFormation.values()].map((it) => it.close()));
  }
}
