import { type Clock, sleep } from '../../clock';
import type { ApiRequest, Output } from '../../gateway/service';
import type { Credentials } from '../sts/store';
import type { DriverOptions, RunnableType, SessionOptions } from './handlers/driver';
import type { Provider } from './providers/provider';
import { registeredProvider } from './providers/registered';
import { registryProviders } from './providers/registry';
import { type BucketStore, uploadProviders } from './providers/upload';
import type { TypePackage } from './registry/package';
import { Registry, type TypeFunction } from './registry/registry';
import { ChangeSets } from './stacks/change-sets';
import type { StackEvent } from './stacks/stack';
import { Stacks } from './stacks/stacks';
import { existing, invalid } from './template/document';

/** What CloudFormation needs of its account. */
export interface Surroundings {
  readonly accountId: string;
  readonly partition: string;
  readonly clock: Clock;
  /** A session that an AWS service makes for itself. @throws ApiError */
  assumeAsService(service: string, roleArn: string, options: Partial<SessionOptions>): Promise<Credentials>;
  /** The types of AWS that other services provide, by name. */
  readonly providers: ReadonlyMap<string, Provider>;
  readonly buckets: BucketStore & { find(bucket: string, key: string): Buffer | undefined };
  /** A function that runs a registered type's handlers. */
  functionFor(unpacked: TypePackage, name: string, region: string): TypeFunction;
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

/** CloudFormation in one Region of an account: its registry and its stacks. */
export class Region {
  readonly registry: Registry;
  readonly stacks: Stacks;
  readonly changeSets: ChangeSets;
  readonly driftDetections = new Map<string, DriftDetection>();
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
      functionFor: (unpacked, functionName) => surroundings.functionFor(unpacked, functionName, name),
    });
    this.driver = {
      accountId,
      region: name,
      assume: (roleArn, session) =>
        surroundings.assumeAsService('resources.cloudformation.amazonaws.com', roleArn, session),
      sleep: (seconds) => sleep(clock, seconds * 1000),
    };
    const known = new Map([
      ...surroundings.providers,
      ...uploadProviders(buckets, (keyId) => `arn:${partition}:kms:${name}:${accountId}:key/${keyId}`),
      ...registryProviders(this.registry),
    ]);
    const registered = (type: string) => {
      const version = this.registry.defaultVersion(type);
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

  /** @throws ApiError ValidationError for a service role that does not exist or does not trust CloudFormation. */
  async checkRole(roleArn: string | undefined): Promise<void> {
    try {
      if (roleArn !== undefined) {
        await this.surroundings.assumeAsService('cloudformation.amazonaws.com', roleArn, {});
      }
    } catch {
      throw invalid(`Role ${roleArn} is invalid or cannot be assumed`);
    }
  }

  /** A template in Amazon S3, by its URL in any of the forms that S3 has. @throws ApiError ValidationError */
  templateAt(url: string): string {
    const { hostname, pathname } = URL.canParse(url) ? new URL(url) : { hostname: '', pathname: '' };
    const [, inHost] = /^(.+)\.s3[.-].*amazonaws\.com/.exec(hostname) ?? [];
    const path = inHost === undefined ? pathname : `/${inHost}${pathname}`;
    const [, bucket = '', key = ''] = /^\/([^/]*)\/(.*)$/.exec(decodeURIComponent(path)) ?? [];
    const content = this.surroundings.buckets.find(bucket, key);
    return existing(content, `S3 error: The specified key does not exist at ${url}`).toString('utf8');
  }

  /** A type's version that runs: the default one, or one by its version ID. */
  runnable(typeName: string, versionId?: string): RunnableType | undefined {
    return versionId === undefined
      ? this.registry.defaultVersion(typeName)
      : this.registry.versions(typeName).find((version) => version.versionId === versionId);
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
