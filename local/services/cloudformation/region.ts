import { type Clock, sleep } from '../../clock';
import { optionalString } from '../../gateway/parameters';
import type { ApiRequest, Authorize, Output, Parameters } from '../../gateway/service';
import { ResourceRequests } from '../cloudcontrol/requests';
import { resourceTags } from '../iam/evaluation/authorize';
import type { Roles } from '../iam/store/roles';
import type { LambdaFunction } from '../lambda/function';
import type { Sessions } from '../sts/store';
import type { DriverOptions, ServiceAccount } from './handlers/driver';
import type { Provider } from './providers/provider';
import { registeredProvider } from './providers/registered';
import { registryProviders } from './providers/registry';
import { type FunctionCode, Registry } from './registry/registry';
import { ChangeSets } from './stacks/change-sets';
import type { Actor, StackEvent } from './stacks/stack';
import { Stacks } from './stacks/stacks';
import { existing, invalid } from './template/document';

/** As which CloudFormation assumes roles and calls other services. */
const SERVICE = 'cloudformation.amazonaws.com';

/** What CloudFormation needs of its account. */
export interface Surroundings extends ServiceAccount {
  readonly partition: string;
  readonly clock: Clock;
  /** The types of AWS that other services provide, by name. */
  readonly providers: ReadonlyMap<string, Provider>;
  readonly buckets: { find(bucket: string, key: string): Buffer | undefined };
  readonly sessions: Sessions;
  readonly roles: Roles;
  readonly authorize: Authorize;
  /** A function that runs a registered type's handlers. */
  functionFor(code: FunctionCode, region: string): LambdaFunction;
  /** Each event of a stack as it happens. */
  onEvent?: ((event: StackEvent) => void) | undefined;
  /**
   * How long an answer about something that is in progress waits for its end, in milliseconds of the clock: clients
   * ask at once, and then sleep for up to 30 s (botocore's waiters). Defaults to 10,000.
   */
  readonly patience?: number | undefined;
}

/** A drift detection that was begun, in the members of DescribeStackDriftDetectionStatus. */
interface DriftDetection {
  readonly about: Readonly<Record<string, unknown>>;
  /** How it ended. */
  readonly ended: Promise<Readonly<Record<string, unknown>>>;
}

/** One operation of CloudFormation's API in a Region. Throws ApiError for every error answer. */
export type RegionOperation = (region: Region, request: ApiRequest) => Output | Promise<Output>;

/** CloudFormation and Cloud Control in one Region of an account. */
export class Region {
  readonly registry: Registry;
  readonly stacks: Stacks;
  readonly changeSets: ChangeSets;
  readonly driftDetections = new Map<string, DriftDetection>();
  readonly resourceRequests: ResourceRequests;
  readonly driver: DriverOptions;

  constructor(
    private readonly surroundings: Surroundings,
    readonly name: string,
  ) {
    const { accountId, partition, clock, buckets, onEvent } = surroundings;
    const about = { accountId, partition, region: name };
    this.registry = new Registry({
      ...about,
      object: (bucket, key) => buckets.find(bucket, key),
      functionFor: (code) => surroundings.functionFor(code, name),
    });
    this.driver = {
      account: surroundings,
      region: name,
      sleep: (seconds) => sleep(clock, seconds * 1000),
    };
    this.resourceRequests = new ResourceRequests(this.driver);
    const known = new Map([
      ...surroundings.providers,
      ...registryProviders(this.registry, (call) => this.#authorizeRegistry({ ...call, region: name })),
    ]);
    const registered = (type: string) => {
      const version = this.registry.version(type);
      return version && registeredProvider(version, this.driver);
    };
    this.stacks = new Stacks({ ...about, onEvent, provider: (type) => known.get(type) ?? registered(type) });
    this.changeSets = new ChangeSets(this.stacks);
  }

  /**
   * Waits for the end of something in progress, but not for long; see {@link Surroundings.patience}.
   *
   * @returns What it came to; nothing if it has not ended or has failed.
   */
  async settle<T>(ended: Promise<T>): Promise<T | undefined> {
    const { clock, patience = 10_000 } = this.surroundings;
    let cancel = () => {};
    const late = new Promise<undefined>((resolve) => {
      cancel = clock.after(patience, () => resolve(undefined));
    });
    const outcome = await Promise.race([ended.catch(() => undefined), late]);
    cancel();
    return outcome;
  }

  /**
   * With whose permissions resources are made: the service role's, or the caller's, for whom CloudFormation calls (user
   * guide, "using-iam-servicerole"). A role that a request gives, its caller must be allowed to pass; the one that the
   * stack has, everyone uses who may change the stack (API reference, CreateStack, `RoleARN`).
   *
   * @param known The stack's service role.
   * @throws ApiError AccessDenied; ValidationError for a role that does not exist or does not trust CloudFormation.
   */
  async actor(request: ApiRequest, known: string | undefined): Promise<Actor> {
    const { assumeAsService, sessions } = this.surroundings;
    const given = optionalString(request.parameters, 'RoleARN');
    const token = optionalString(request.parameters, 'ClientRequestToken');
    await this.#passRole(request, given, SERVICE);
    const roleArn = given ?? known;
    if (roleArn === undefined) {
      return { token, caller: { ...request.caller, calledVia: SERVICE } };
    }
    const { accessKeyId, sessionToken } = await assumeAsService(SERVICE, roleArn, {
      sessionName: 'AWSCloudFormation',
    }).catch(() => {
      throw invalid(`Role ${roleArn} is invalid or cannot be assumed`);
    });
    return { token, roleArn, caller: sessions.find(accessKeyId, sessionToken) };
  }

  /** Authorizes that a version runs and logs with the roles of a RegisterType. @throws ApiError AccessDenied */
  async passRoles(request: ApiRequest): Promise<void> {
    const { ExecutionRoleArn, LoggingConfig } = request.parameters;
    for (const roleArn of [ExecutionRoleArn, (LoggingConfig as Parameters | undefined)?.LogRoleArn]) {
      await this.#passRole(request, roleArn, 'resources.cloudformation.amazonaws.com');
    }
  }

  /** A template in Amazon S3, by its URL in any of the forms that S3 has. @throws ApiError ValidationError */
  async templateAt(request: ApiRequest, url: string): Promise<string> {
    const { hostname, pathname } = URL.canParse(url) ? new URL(url) : { hostname: '', pathname: '' };
    const [, inHost] = /^(.+)\.s3[.-].*amazonaws\.com/.exec(hostname) ?? [];
    const path = inHost === undefined ? pathname : `/${inHost}${pathname}`;
    const [, bucket = '', key = ''] = /^\/([^/]*)\/(.*)$/.exec(decodeURIComponent(path)) ?? [];
    const { authorize, buckets, partition } = this.surroundings;
    const resource = `arn:${partition}:s3:::${bucket}/${key}`;
    await authorize(request, { action: 's3:GetObject', resource }).catch(() => {
      throw invalid('S3 error: Access Denied');
    });
    const content = buckets.find(bucket, key);
    return existing(content, `S3 error: The specified key does not exist at ${url}`).toString('utf8');
  }

  /** For the types that register types: the API's own calls are authorized by their service. */
  async #authorizeRegistry(request: ApiRequest): Promise<void> {
    await this.surroundings.authorize(request, { action: `cloudformation:${request.operation}` });
    await this.passRoles(request);
  }

  async #passRole(request: ApiRequest, roleArn: unknown, service: string): Promise<void> {
    const { authorize, roles } = this.surroundings;
    if (roleArn !== undefined) {
      const resource = String(roleArn);
      const context = { ...resourceTags(roles.byArn(resource)?.tags), 'iam:PassedToService': service };
      await authorize(request, { action: 'iam:PassRole', resource, context });
    }
  }
}

/** The Regions of one account, made as they are asked for. */
export class Regions {
  readonly #regions = new Map<string, Region>();

  constructor(private readonly surroundings: Surroundings) {}

  get(name: string): Region {
    const region = this.#regions.get(name) ?? new Region(this.surroundings, name);
    this.#regions.set(name, region);
    return region;
  }

  /** Ends the functions of all registered types. */
  async close(): Promise<void> {
    const close = ({ stacks, registry }: Region) => {
      stacks.close();
      return registry.close();
    };
    await Promise.all([...this.#regions.values()].map(close));
  }
}
