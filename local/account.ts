import type { Server } from 'node:http';
import { type Clock, REAL_CLOCK } from './clock';
import type { Call, Observer } from './gateway/call';
import { Faults } from './gateway/faults';
import type { Gateway } from './gateway/gateway';
import { listen } from './gateway/server';
import type { Authorize, Service } from './gateway/service';
import { cloudControlService } from './services/cloudcontrol/service';
import { iamProviders } from './services/cloudformation/providers/iam';
import { type Region, Regions } from './services/cloudformation/region';
import { cloudFormationService } from './services/cloudformation/service';
import type { StackEvent } from './services/cloudformation/stacks/stack';
import { cloudWatchService } from './services/cloudwatch/service';
import type { MetricDatum } from './services/cloudwatch/store';
import { ecsService } from './services/ecs/service';
import { Settings } from './services/ecs/store';
import type { NamedPolicy, PolicyDocument } from './services/iam/documents';
import { authorizerOf, type PolicySources } from './services/iam/evaluation/authorize';
import { isAction, PolicyEngine } from './services/iam/evaluation/engine';
import { iamService } from './services/iam/service';
import { InstanceProfiles } from './services/iam/store/instance-profiles';
import { Roles } from './services/iam/store/roles';
import { Users } from './services/iam/store/users';
import { LambdaFunction } from './services/lambda/function';
import { type Functions, lambdaService } from './services/lambda/service';

import { logsService } from './services/logs/service';
import { Logs } from './services/logs/store';
import { s3Service } from './services/s3/service';
import { Buckets } from './services/s3/store';
import { callerOf } from './services/sts/caller';
import { stsService } from './services/sts/service';
import { assumeAsService, type ServiceCaller } from './services/sts/service-sessions';
import { type Credentials, Sessions } from './services/sts/store';

/** How to start an account. */
interface AccountOptions {
  /** Defaults to 111122223333. */
  accountId?: string;
  /** Defaults to a free one. */
  port?: number;
  /** How long each call takes at least, in milliseconds of the clock. Defaults to 0. */
  latencyMs?: number;
  /** What delays, latency and rates are measured by; defaults to the machine's time. */
  clock?: Clock;
  /** Each event of a stack as it happens. */
  onStackEvent?: (event: StackEvent) => void;
  /** How long answers about what is in progress wait for its end, in milliseconds of the clock; see `Surroundings`. */
  patience?: number;
  /** How many calls `calls` holds before the older half is dropped; Defaults to all of them. */
  maxCalls?: number;
}

/**
 * An AWS account on loopback: the services of `services/` over HTTP, for SDK clients and the AWS CLI as they are
 * (`AWS_ENDPOINT_URL`), and their stores for tests.
 */
export class LocalAccount {
  /** Starts an account. @throws Error when the port is in use. */
  static async start(options: AccountOptions = {}): Promise<LocalAccount> {
    const account = new LocalAccount(options);
    await account.#listen(options.port ?? 0);
    return account;
  }

  readonly partition = 'aws';
  readonly accountId: string;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly roles: Roles;
  readonly policies = new PolicyEngine();
  readonly sessions = new Sessions();
  readonly settings: Settings;
  readonly logs = new Logs();
  readonly buckets = new Buckets();
  /** Metric data in the order in which they are put. */
  readonly metrics: MetricDatum[] = [];
  readonly users: Users;
  readonly instanceProfiles: InstanceProfiles;
  /** Functions that Lambda's Invoke runs, by name. */
  readonly functions: Functions = new Map();
  /** Every API call in order. Set its length to 0 to remove them. */
  readonly calls: Call[] = [];
  /** The role of the functions themselves, which has no permissions. */
  readonly functionRoleArn: string;

  readonly #options: AccountOptions;
  /** What the services share: whose account it is, and what authorizes calls. */
  readonly #state: PolicySources & { readonly authorize: Authorize };
  readonly #regions: Regions;
  readonly #observers = new Set<Observer>();
  #server: Server | undefined;
  #closed = false;
  #endpoint = '';

  private constructor(options: AccountOptions) {
    const { accountId = '111122223333', clock = REAL_CLOCK } = options;
    this.#options = options;
    this.accountId = accountId;
    this.clock = clock;
    this.faults = new Faults(clock);
    this.roles = new Roles(this);
    this.users = new Users(this);
    this.instanceProfiles = new InstanceProfiles(this);
    this.settings = new Settings(this.rootArn, () => clock.now());
    this.functionRoleArn = this.roles.create({
      roleName: 'LocalFunctionRole',
      assumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ],
      },
    }).arn;
    const { roles, policies } = this;
    const sources: PolicySources = { identity: { accountId, partition: this.partition }, roles, policies };
    this.#state = { ...sources, authorize: authorizerOf(sources) };
    this.#regions = this.#cloudFormation();
  }

  /** `http://127.0.0.1:<port>`, for `AWS_ENDPOINT_URL`. */
  get endpoint(): string {
    return this.#endpoint;
  }

  get rootArn(): string {
    return `arn:${this.partition}:iam::${this.accountId}:root`;
  }

  /**
   * Assumes a role as an AWS service does; see {@link assumeAsService}.
   * @throws Error when the account is closed.
   */
  async assumeAsService(service: string, roleArn: string, caller: ServiceCaller = {}): Promise<Credentials> {
    if (this.#closed) {
      throw new Error(`The account ${this.accountId} is closed.`);
    }
    return assumeAsService({ ...this.#state, sessions: this.sessions }, service, roleArn, caller);
  }

  /** A session of a role, whatever its trust policy. @throws Error when there is no such role. */
  sessionFor(roleArn: string, sessionName: string, sessionPolicy?: PolicyDocument): Credentials {
    const role = this.roles.byArn(roleArn);
    if (!role) {
      throw new Error(`There is no role ${roleArn}`);
    }
    return this.sessions.issue({ kind: 'role', role, sessionName, sessionPolicy }, 3600).credentials;
  }

  /** An IAM user with these policies and a new access key. */
  createUser(userName: string, policies: NamedPolicy[] = []): Credentials {
    return this.sessions.issueLongTerm(this.users.create(userName, policies));
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
  cloudFormation(region: string): Region {
    return this.#regions.get(region);
  }

  /** Calls an observer before and after each call. @returns A function that removes it. */
  observe(observer: Observer): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** Stops answering. Calls in progress are cut and have no effect. */
  async close(): Promise<void> {
    this.#closed = true;
    const server = this.#server;
    if (server) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    }
    await this.#regions.close();
  }

  async #listen(port: number): Promise<void> {
    this.#server = await listen(this.#gateway(), port);
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) {
      throw new Error('The server has no port');
    }
    this.#endpoint = `http://127.0.0.1:${address.port}`;
  }

  /** Each service is a folder in `services/` and a line here. */
  #services(): Service[] {
    const { users, instanceProfiles, settings, sessions, logs, metrics, buckets, functions } = this;
    const state = this.#state;
    return [
      stsService({ ...state, sessions }),
      iamService({ ...state, users, instanceProfiles }),
      ecsService({ ...state, settings }),
      logsService({ ...state, logs }),
      cloudWatchService({ ...state, metrics }),
      s3Service({ ...state, buckets }),
      lambdaService({ ...state, functions }),
      cloudFormationService(this.#regions, state.authorize),
      cloudControlService(this.#regions, state.authorize),
    ];
  }

  #cloudFormation(): Regions {
    const { accountId, partition, clock, buckets, users, instanceProfiles } = this;
    const { onStackEvent, patience } = this.#options;
    const state = this.#state;
    return new Regions({
      accountId,
      partition,
      clock,
      assumeAsService: (service, roleArn, session) => this.assumeAsService(service, roleArn, session),
      providers: iamProviders({ ...state, users, instanceProfiles }),
      buckets,
      functionFor: (code, region) =>
        new LambdaFunction({ ...code, environment: this.functionEnvironment(region), clock }),
      onEvent: onStackEvent,
      patience,
    });
  }

  #gateway(): Gateway {
    const { latencyMs = 0, maxCalls = Number.POSITIVE_INFINITY } = this.#options;
    const { identity, authorize } = this.#state;
    const findCaller = (accessKeyId: string, token: string) =>
      callerOf(this.sessions.find(accessKeyId, token), identity);
    const { accessKeyId, sessionToken } = this.administrator();
    return {
      services: new Map(this.#services().map((service) => [service.name, service])),
      faults: this.faults,
      observers: this.#observers,
      latencyMs,
      clock: this.clock,
      authorize,
      isAction,
      findCaller,
      tester: findCaller(accessKeyId, sessionToken),
      rolesOf: ({ caller, parameters: { RoleArn, RoleName } }) => {
        const named = typeof RoleName === 'string' ? this.roles.get(RoleName)?.arn : undefined;
        return [caller, RoleArn, named].filter((arn) => typeof arn === 'string');
      },
      isClosed: () => this.#closed,
      record: (call) => {
        if (this.calls.length >= maxCalls) {
          this.calls.splice(0, Math.ceil(maxCalls / 2));
        }
        this.calls.push(call);
      },
    };
  }
}
