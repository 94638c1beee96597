import { type Clock, sleep } from '../../clock';
import { optionalString } from '../../gateway/parameters';
import type { ApiRequest, Authorize, Output } from '../../gateway/service';
import { ResourceRequests } from '../cloudcontrol/requests';
import type { LambdaFunction } from '../lambda/function';
import type { Session, Sessions } from '../sts/store';
import type { DriverOptions, ServiceAccount } from './handlers/driver';
import type { Provider } from './providers/provider';
import { registeredProvider } from './providers/registered';
import { registryProviders } from './providers/registry';
import { type FunctionCode, Registry } from './registry/registry';
import { ChangeSets } from './stacks/change-sets';
import type { ResourceDrift } from './stacks/drift';
import type { Stack, StackEvent } from './stacks/stack';
import { Stacks } from './stacks/stacks';
import { invalid } from './template/document';

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

/** A drift detection that was begun. */
export interface DriftDetection {
  readonly id: string;
  readonly stack: Stack;
  readonly time: Date;
  status: 'DETECTION_IN_PROGRESS' | 'DETECTION_COMPLETE' | 'DETECTION_FAILED';
  reason?: string | undefined;
  resources: readonly ResourceDrift[];
  readonly ended: Promise<unknown>;
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
    const known = new Map([...surroundings.providers, ...registryProviders(this.registry)]);
    const registered = (type: string) => {
      const version = this.registry.version(type);
      return version && registeredProvider(version, this.driver);
    };
    this.stacks = new Stacks({ ...about, onEvent, provider: (type) => known.get(type) ?? registered(type) });
    this.changeSets = new ChangeSets(this.stacks);
  }

  /** Waits for the end of something in progress, but not for long; see {@link Surroundings.patience}. */
  async settle(ended: Promise<unknown> | undefined): Promise<void> {
    const { clock, patience = 10_000 } = this.surroundings;
    if (ended) {
      await new Promise<void>((resolve) => {
        const cancel = clock.after(patience, resolve);
        ended
          .catch(() => {})
          .finally(() => {
            cancel();
            resolve();
          });
      });
    }
  }

  /**
   * The service role of a stack: the request's, which its caller must be allowed to pass, or the one that the stack
   * has, which anyone uses who may change the stack (API reference, CreateStack, `RoleARN`).
   *
   * @throws ApiError AccessDenied
   */
  async serviceRole(request: ApiRequest, stack: Stack | undefined): Promise<string | undefined> {
    const given = optionalString(request.parameters, 'RoleARN');
    if (given !== undefined) {
      const context = { 'iam:PassedToService': SERVICE };
      await this.surroundings.authorize(request, { action: 'iam:PassRole', resource: given, context });
    }
    return given ?? stack?.roleArn;
  }

  /**
   * With whose permissions resources are made: the service role's, or the caller's, for whom CloudFormation calls
   * (user guide, "using-iam-servicerole").
   *
   * @throws ApiError ValidationError for a service role that does not exist or does not trust CloudFormation.
   */
  async actor(caller: Session, roleArn: string | undefined): Promise<Session> {
    if (roleArn === undefined) {
      return { ...caller, calledVia: SERVICE };
    }
    const assumed = this.surroundings.assumeAsService(SERVICE, roleArn, {});
    const { accessKeyId, sessionToken } = await assumed.catch(() => {
      throw invalid(`Role ${roleArn} is invalid or cannot be assumed`);
    });
    return this.surroundings.sessions.find(accessKeyId, sessionToken);
  }

  /** A template in Amazon S3, by its URL in any of the forms that S3 has. @throws ApiError ValidationError */
  templateAt(url: string): string {
    const { hostname, pathname } = URL.canParse(url) ? new URL(url) : { hostname: '', pathname: '' };
    const [, inHost] = /^(.+)\.s3[.-].*amazonaws\.com/.exec(hostname) ?? [];
    const [, first = '', ...rest] = pathname.split('/').map(decodeURIComponent);
    const [bucket, key] =
      inHost === undefined ? [first, rest.join('/')] : [inHost, [first, ...rest].join('/')];
    const content = this.surroundings.buckets.find(bucket, key);
    if (content) {
      return content.toString('utf8');
    }
    throw invalid(`S3 error: The specified key does not exist at ${url}`);
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
