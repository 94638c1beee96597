import { sleep } from '../../clock';
import { ApiError, found, invalid } from '../../gateway/errors';
import { optionalString, requiredString } from '../../gateway/parameters';
import type { AccountWith, ApiRequest, Output, Parameters } from '../../gateway/service';
import { resourceTags } from '../iam/evaluation/authorize';
import { LambdaFunction } from '../lambda/function';
import type { DriverOptions, ServiceAccount } from './handlers/driver';
import { NestedStackProvider } from './providers/nested-stack';
import type { Provider } from './providers/provider';
import { registeredProvider } from './providers/registered';
import { resourceVersionProviders } from './providers/resource-versions';
import { type Registration, Registry } from './registry/registry';
import { ChangeSets } from './stacks/change-sets';
import type { Actor, StackEvent } from './stacks/stack';
import { Stacks } from './stacks/stacks';

/** The service principal of CloudFormation. */
const SERVICE = 'cloudformation.amazonaws.com';
/**
 * How long an answer about something that is in progress waits for its end, in milliseconds of the clock: clients ask
 * at once, and then sleep for up to 30 s (botocore's waiters).
 */
const PATIENCE = 10_000;

/** Where templates can be: in Amazon S3, which is at a loopback address here. */
const S3_HOST = /^(.+\.)?s3[.-].*amazonaws\.com(\.cn)?$|^(127\.0\.0\.1|localhost)$/;

/** What CloudFormation needs of its account. */
export interface CloudFormationAccount
  extends ServiceAccount,
    AccountWith<'clock' | 'buckets' | 'sessions' | 'roles'> {
  /** The types of AWS that other services provide, by name. */
  readonly providers: ReadonlyMap<string, Provider>;
  /** Each event of a stack as it happens. */
  readonly onStackEvent: ((event: StackEvent) => void) | undefined;
  /** What Lambda sets in the process of a function in a Region. */
  functionEnvironment(region: string): Record<string, string>;
}

/** A drift detection, in the members of DescribeStackDriftDetectionStatus. */
interface DriftDetection {
  readonly about: Readonly<Record<string, unknown>>;
  /** The result. */
  readonly ended: Promise<Readonly<Record<string, unknown>>>;
}

/** One operation of CloudFormation's API in a Region. Throws ApiError for every error answer. */
export type RegionOperation = (region: Region, request: ApiRequest) => Output | Promise<Output>;

/** CloudFormation in one Region of an account. */
export class Region {
  readonly registry: Registry;
  readonly stacks: Stacks;
  readonly changeSets: ChangeSets;
  readonly driftDetections = new Map<string, DriftDetection>();
  readonly driver: DriverOptions;

  constructor(
    private readonly account: CloudFormationAccount,
    readonly name: string,
  ) {
    const { accountId, clock, authorize, onStackEvent } = account;
    this.driver = { account, region: name, sleep: (seconds, signal) => sleep(clock, seconds * 1000, signal) };
    this.registry = new Registry({
      accountId,
      region: name,
      functionFor: (code) =>
        new LambdaFunction({ ...code, clock, environment: account.functionEnvironment(name) }),
    });
    const known = new Map<string, Provider>([
      ...account.providers,
      ...resourceVersionProviders({
        registry: this.registry,
        // The API's own calls are authorized by their service.
        authorize: ({ operation, ...call }) =>
          authorize({ operation, ...call, region: name }, { action: `cloudformation:${operation}` }),
        register: (call) => this.register({ ...call, region: name }),
      }),
      [
        'AWS::CloudFormation::Stack',
        new NestedStackProvider({
          stacks: () => this.stacks,
          authorize: (call, resource) =>
            authorize({ ...call, region: name }, { action: `cloudformation:${call.operation}`, resource }),
          templateAt: (call, url) => this.templateAt({ ...call, region: name }, url),
        }),
      ],
    ]);
    const registered = (type: string) => {
      const version = this.registry.version(type);
      return version && registeredProvider(version, this.driver);
    };
    const provider = (type: string) => known.get(type) ?? registered(type);
    this.stacks = new Stacks({ accountId, region: name, onStackEvent, provider });
    this.changeSets = new ChangeSets(this.stacks);
  }

  /**
   * Waits for the end of something in progress, but not for long; see {@link PATIENCE}.
   *
   * @returns The result; nothing if it has not ended or has failed.
   */
  async waitFor<T>(ended: Promise<T>): Promise<T | undefined> {
    let cancel = () => {};
    const late = new Promise<undefined>((resolve) => {
      cancel = this.account.clock.after(PATIENCE, () => resolve(undefined));
    });
    const outcome = await Promise.race([ended.catch(() => undefined), late]);
    cancel();
    return outcome;
  }

  /**
   * Whose permissions apply to resources: the service role's, or the caller's (user guide, "using-iam-servicerole"). If
   * the request names a role, the caller needs iam:PassRole for it. The role that the stack already has applies to
   * everyone who may change the stack (API reference, CreateStack, `RoleARN`).
   *
   * @param known The stack's service role.
   * @throws ApiError AccessDenied; ValidationError for a role that does not exist or does not trust CloudFormation.
   */
  async actor(request: ApiRequest, known: string | undefined): Promise<Actor> {
    const { account } = this;
    const given = optionalString(request.parameters, 'RoleARN');
    const token = optionalString(request.parameters, 'ClientRequestToken');
    await this.#passRole(request, given, SERVICE);
    const roleArn = given ?? known;
    if (roleArn === undefined) {
      return { token, caller: { ...request.caller, calledVia: SERVICE } };
    }
    const invalidRole = invalid(`Role ${roleArn} is invalid or cannot be assumed`);
    const { accessKeyId, sessionToken } = await account
      .assumeAsService(SERVICE, roleArn, { sessionName: 'AWSCloudFormation' })
      .catch(insteadOfApiError(invalidRole));
    return { token, roleArn, caller: account.sessions.find(accessKeyId, sessionToken) };
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
    const {
      protocol = '',
      hostname,
      pathname,
    } = URL.canParse(url) ? new URL(url) : { hostname: '', pathname: '' };
    // Recorded: localstack, test_create_stack_from_s3_template_url.
    if (protocol === 's3:') {
      throw invalid(`S3 error: Domain name specified in ${hostname} is not a valid S3 domain`);
    }
    const [, inHost] = /^(?:(.+)\.)?s3[.-].*amazonaws\.com/.exec(hostname) ?? [];
    const path = inHost === undefined ? pathname : `/${inHost}${pathname}`;
    const [, bucket, key] = /^\/([^/]+)\/(.+)$/.exec(decoded(path)) ?? [];
    if (!S3_HOST.test(hostname) || bucket === undefined || key === undefined) {
      throw invalid('TemplateURL must be a supported URL.');
    }
    const denied = invalid('S3 error: Access Denied');
    const missing = invalid(`S3 error: The specified key does not exist at ${url}`);
    return (await this.#object(request, bucket, key, denied, missing)).toString('utf8');
  }

  /** An object in Amazon S3. @throws ApiError `denied` to a caller who may not read it, `missing` if there is none. */
  async #object(request: ApiRequest, bucket: string, key: string, denied: ApiError, missing: ApiError) {
    const { authorize, buckets } = this.account;
    const resource = `arn:aws:s3:::${bucket}/${key}`;
    await authorize(request, { action: 's3:GetObject', resource }).catch(insteadOfApiError(denied));
    return found(buckets.find(bucket, key), missing);
  }

  async #passRole(request: ApiRequest, roleArn: unknown, service: string): Promise<void> {
    const { authorize, roles } = this.account;
    if (roleArn !== undefined) {
      const resource = String(roleArn);
      const context = { ...resourceTags(roles.byArn(resource)?.tags), 'iam:PassedToService': service };
      await authorize(request, { action: 'iam:PassRole', resource, context });
    }
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return '';
  }
}

/** Throws this error in place of an API's. Any other error is the local account's own. */
function insteadOfApiError(error: ApiError): (cause: unknown) => never {
  return (cause) => {
    throw cause instanceof ApiError ? error : cause;
  };
}

/** The Regions of one account, each created on first use. */
export class Regions {
  readonly #regions = new Map<string, Region>();

  constructor(private readonly account: CloudFormationAccount) {}

  get(name: string): Region {
    const region = this.#regions.get(name) ?? new Region(this.account, name);
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
