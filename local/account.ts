import type { Server } from 'node:http';
import { type AccountState, callerOf, type Service } from './account-state';
import { authorize } from './authorize';
import { type Clock, REAL_CLOCK } from './clock';
import { cloudwatch, type MetricDatum } from './cloudwatch';
import { ecs } from './ecs';
import { ApiError } from './errors';
import { Faults } from './faults';
import { iam } from './iam';
import { uniqueId } from './ids';
import { LambdaFunction } from './lambda';
import { logs } from './logs';
import { Logs } from './logs-store';
import { type NamedPolicy, type PolicyDocument, PolicyEngine } from './policies';
import { Buckets } from './registry-s3';
import { type Role, Roles } from './roles';
import { type Call, type Invocable, listen, type Observer } from './server';
import { cloudControlService } from './services/cloudcontrol/service';
import { iamProviders } from './services/cloudformation/providers/iam';
import { type Region, Regions } from './services/cloudformation/region';
import { cloudFormationService } from './services/cloudformation/service';
import type { StackEvent } from './services/cloudformation/stacks/stack';
import { type Credentials, Sessions, type User } from './sessions';
import { Settings } from './settings';
import { checkSessionName, DURATION_EXCEEDED, sts } from './sts';

export type { Call, Invocable, Moment, Observer } from './server';
export type { Credentials } from './sessions';

/** How to start an account. */
export interface AccountOptions {
  /** 111122223333 unless told. */
  accountId?: string;
  /** A free one unless told. */
  port?: number;
  /** How long each call takes at least, by the clock. */
  latencyMs?: number;
  /** What delays, latency and rates are measured by; defaults to the machine's time. */
  clock?: Clock;
  /** Each event of a stack as it happens. */
  onStackEvent?: (event: StackEvent) => void;
  /** How long DescribeStacks and its like wait for the end of what is in progress, in milliseconds; see `Surroundings`. */
  patience?: number;
  /** How many calls `calls` holds before the older half is let go; all of them unless told. */
  maxCalls?: number;
}

/** An instance profile of the account. */
export interface InstanceProfile {
  readonly instanceProfileName: string;
  readonly arn: string;
  roleNames: string[];
}

/** What a service says about whom it assumes a role for. */
export interface ServiceCaller {
  sessionName?: string;
  /** `aws:SourceArn` and `aws:SourceAccount`. */
  sourceArn?: string;
  sourceAccount?: string;
  /** The role's maximum unless told. */
  durationSeconds?: number;
}

/**
 * An AWS account on loopback: STS, IAM, ECS account settings, CloudWatch Logs and metrics and the Lambda Invoke
 * API over HTTP, for SDK clients as they are (`AWS_ENDPOINT_URL`), and the same from within for tests.
 */
export class LocalAccount implements AccountState {
  /** Starts one. @throws Error when the port is taken. */
  static async start(options: AccountOptions = {}): Promise<LocalAccount> {
    const account = new LocalAccount(options);
    await account.#listen(options);
    return account;
  }

  readonly partition = 'aws';
  readonly accountId: string;
  readonly roles: Roles;
  readonly settings: Settings;
  readonly sessions = new Sessions();
  readonly policies = new PolicyEngine();
  readonly logs = new Logs();
  /** Metric data in the order in which they were put. */
  readonly metrics: MetricDatum[] = [];
  /** Every API call in order. Set its length to 0 to forget them. */
  readonly calls: Call[] = [];
  readonly faults: Faults;
  readonly clock: Clock;
  /** Instance profiles by name. */
  readonly instanceProfiles = new Map<string, InstanceProfile>();
  /** Functions that the Lambda Invoke API runs, by name. */
  readonly functions = new Map<string, Invocable>();

  /** What is in Amazon S3. */
  readonly buckets = new Buckets();

  readonly #cloudFormation: Regions;
  #observers = new Set<Observer>();
  #server: Server | undefined;
  #closed = false;
  #users = new Map<string, User>();
  #endpoint = '';

  private constructor({ accountId = '111122223333', clock = REAL_CLOCK, ...options }: AccountOptions) {
    this.accountId = accountId;
    this.clock = clock;
    this.faults = new Faults(clock);
    this.roles = new Roles(accountId, this.partition);
    this.settings = new Settings(this.rootArn, () => clock.now());
    this.#cloudFormation = new Regions({
      accountId,
      partition: this.partition,
      clock,
      assumeAsService: (service, roleArn, session) => this.assumeAsService(service, roleArn, session),
      callerWith: ({ accessKeyId, sessionToken }) =>
        callerOf(this.sessions.find(accessKeyId, sessionToken), this),
      providers: iamProviders(this),
      buckets: this.buckets,
      functionFor: ({ handlerDirectory, entrypoint }, functionName, region) =>
        new LambdaFunction({
          packageDirectory: handlerDirectory,
          handler: entrypoint,
          functionName,
          environment: this.functionEnvironment(region),
          clock,
        }),
      onEvent: options.onStackEvent,
      patience: options.patience,
    });
  }

  /** CloudFormation in a Region: its registry and its stacks. */
  cloudFormation(region: string): Region {
    return this.#cloudFormation.get(region);
  }

  /** `http://127.0.0.1:<port>`, for `AWS_ENDPOINT_URL`. */
  get endpoint(): string {
    return this.#endpoint;
  }

  get rootArn(): string {
    return `arn:${this.partition}:iam::${this.accountId}:root`;
  }

  /**
   * Assumes a role as an AWS service does, by the role's trust policy alone.
   * @throws ApiError AccessDenied when there is no such role or it does not trust the service.
   * @throws ApiError ValidationError when the session would be longer than the role allows.
   * @throws Error when the account is closed.
   */
  async assumeAsService(service: string, roleArn: string, options: ServiceCaller = {}): Promise<Credentials> {
    if (this.#closed) {
      throw new Error(`The account ${this.accountId} is closed.`);
    }
    const { sessionName = service.split('.')[0] ?? service, sourceArn, sourceAccount } = options;
    checkSessionName(sessionName);
    const role = this.roles.byArn(roleArn);
    const context = {
      'aws:PrincipalIsAWSService': 'true',
      'aws:PrincipalServiceName': service,
      'sts:RoleSessionName': sessionName,
      ...(sourceArn === undefined ? {} : { 'aws:SourceArn': sourceArn }),
      ...(sourceAccount === undefined ? {} : { 'aws:SourceAccount': sourceAccount }),
    };
    const decision =
      role &&
      (await this.policies.decide({
        principal: service,
        accountId: this.accountId,
        action: 'sts:AssumeRole',
        resource: roleArn,
        context,
        identityPolicies: [],
        resourcePolicy: role.assumeRolePolicyDocument,
      }));
    if (!role || decision !== 'Allowed') {
      const message = `${service} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
      throw new ApiError('AccessDenied', message, 403);
    }
    const duration = options.durationSeconds ?? role.maxSessionDuration;
    if (duration > role.maxSessionDuration) {
      throw new ApiError('ValidationError', DURATION_EXCEEDED);
    }
    return this.sessions.issue({ kind: 'role', role, sessionName, sessionPolicy: undefined }, duration)
      .credentials;
  }

  /** A session of a role without asking its trust policy. @throws Error when there is no such role. */
  sessionFor(roleArn: string, sessionName: string, sessionPolicy?: PolicyDocument): Credentials {
    const role = this.roles.byArn(roleArn);
    if (!role) throw new Error(`There is no role ${roleArn}`);
    return this.sessions.issue({ kind: 'role', role, sessionName, sessionPolicy }, 3600).credentials;
  }

  /** An IAM user with the policies given and an access key of its own. */
  createUser(userName: string, policies: NamedPolicy[] = []): Credentials {
    let user = this.#users.get(userName);
    if (!user) {
      const arn = `arn:${this.partition}:iam::${this.accountId}:user/${userName}`;
      user = { userName, userId: uniqueId('AIDA'), arn, policies };
      this.#users.set(userName, user);
    }
    return this.sessions.issueLongTerm(user);
  }

  /** Credentials of a user who may do everything. */
  administrator(): Credentials {
    const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
    return this.createUser('Administrator', [{ name: 'Everything', document }]);
  }

  /**
   * What Lambda sets in a function's process: endpoint, Region and the credentials of a function role that may
   * do nothing. A handler that falls back to its own role is denied and shows in `calls` as `functionRoleArn`.
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

  /** The role of the functions themselves, which may do nothing. */
  get functionRoleArn(): string {
    const trust = {
      Effect: 'Allow',
      Principal: { Service: 'lambda.amazonaws.com' },
      Action: 'sts:AssumeRole',
    };
    const role: Role =
      this.roles.get('LocalFunctionRole') ??
      this.roles.create({
        roleName: 'LocalFunctionRole',
        assumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trust] },
      });
    return role.arn;
  }

  /** Calls a listener before and after each call. @returns a function that stops it. */
  observe(observer: Observer): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** Stops answering; calls under way are cut and have no effect any more. */
  async close(): Promise<void> {
    this.#closed = true;
    const server = this.#server;
    if (!server) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
    await this.#cloudFormation.close();
  }

  async #listen({
    port = 0,
    latencyMs = 0,
    maxCalls = Number.POSITIVE_INFINITY,
  }: AccountOptions): Promise<void> {
    const record = (call: Call) => {
      if (this.calls.length >= maxCalls) this.calls.splice(0, Math.ceil(maxCalls / 2));
      this.calls.push(call);
    };
    const { faults, functions, clock, buckets } = this;
    const services = this.#services();
    const observers = this.#observers;
    const isClosed = () => this.#closed;
    const wiring = {
      state: this,
      faults,
      functions,
      services,
      buckets,
      observers,
      latencyMs,
      clock,
      isClosed,
      record,
    };
    this.#server = await listen(wiring, port);
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('The server has no port');
    this.#endpoint = `http://127.0.0.1:${address.port}`;
  }

  #services(): Record<string, Service> {
    const allow: Parameters<typeof cloudFormationService>[1] = (request, access) =>
      authorize(request, access, this);
    return {
      ...{ sts, iam, ecs, logs, monitoring: cloudwatch },
      cloudformation: cloudFormationService(this.#cloudFormation, allow),
      cloudcontrolapi: cloudControlService(this.#cloudFormation, allow),
    };
  }
}
