import { type Clock, sleep } from '../../clock';
import { ApiError, found, invalid } from '../../gateway/errors';
import { optionalString, requiredString } from '../../gateway/parameters';
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
import { type FunctionCode, type Registration, Registry } from './registry/registry';
import { ChangeSets } from './stacks/change-sets';
import type { Actor, StackEvent } from './stacks/stack';
import { Stacks } from './stacks/stacks';

/** As which CloudFormation assumes roles and calls other services. */
const SERVICE = 'cloudformation.amazonaws.com';

/** What CloudFormation needs of its account. */
export interface Surroundings extends ServiceAccount {
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
    const { accountId, clock, authorize, onEvent } = surroundings;
    const about = { accountId, region: name };
    this.registry = new Registry({
      ...about,
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
      ...registryProviders({
        registry: this.registry,
        // The API's own calls are authorized by their service.
        authorize: ({ operation, ...call }) =>
          authorize({ operation, ...call, region: name }, { action: `cloudformation:${operation}` }),
        register: (call) => this.register({ ...call, region: name }),
      }),
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
    }).catch(insteadOfApiError(invalid(`Role ${roleArn} is invalid or cannot be assumed`)));
    return { token, roleArn, caller: sessions.find(accessKeyId, sessionToken) };
  }

  /**
   * Begins the registration that a RegisterType asks for. The caller needs iam:PassRole for the roles of the version,
   * and s3:GetObject for its package (API reference, RegisterType, `SchemaHandlerPackage`).
   *
   * @throws ApiError AccessDenied, and as {@link Registry.register}
   */
  async register(request: ApiRequest): Promise<Registration> {
    const { parameters } = request;
    const { ExecutionRoleArn, LoggingConfig } = parameters;
    for (const roleArn of [ExecutionRoleArn, (LoggingConfig as Parameters | undefined)?.LogRoleArn]) {
      await this.#passRole(request, roleArn, 'resources.cloudformation.amazonaws.com');
    }
    const url = requiredString(parameters, 'SchemaHandlerPackage');
    const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
    // The wording of org-formation/aws-resource-providers issue 145.
    const refused = new ApiError(
      'CFNRegistryException',
      'Error validating schemaHandlerPackage. Check the permissions on the bucket and object in your account and try again.',
    );
    return this.registry.register(parameters, await this.#object(request, bucket, key, refused, refused));
  }

  /** A template in Amazon S3, by its URL in any of the forms that S3 has. @throws ApiError ValidationError */
  async templateAt(request: ApiRequest, url: string): Promise<string> {
    const { hostname, pathname } = URL.canParse(url) ? new URL(url) : { hostname: '', pathname: '' };
    const [, inHost] = /^(.+)\.s3[.-].*amazonaws\.com/.exec(hostname) ?? [];
    const path = inHost === undefined ? pathname : `/${inHost}${pathname}`;
    const [, bucket = '', key = ''] = /^\/([^/]*)\/(.*)$/.exec(decodeURIComponent(path)) ?? [];
    const denied = invalid('S3 error: Access Denied');
    const missing = invalid(`S3 error: The specified key does not exist at ${url}`);
    return (await this.#object(request, bucket, key, denied, missing)).toString('utf8');
  }

  /** An object in Amazon S3. @throws ApiError `denied` to a caller who may not read it, `missing` if there is none. */
  async #object(request: ApiRequest, bucket: string, key: string, denied: ApiError, missing: ApiError) {
    const { authorize, buckets } = this.surroundings;
    const resource = `arn:aws:s3:::${bucket}/${key}`;
    await authorize(request, { action: 's3:GetObject', resource }).catch(insteadOfApiError(denied));
    return found(buckets.find(bucket, key), missing);
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

/** Throws this error in place of an API's. Any other error is the local account's own. */
function insteadOfApiError(error: ApiError): (cause: unknown) => never {
  return (cause) => {
    throw cause instanceof ApiError ? error : cause;
  };
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
