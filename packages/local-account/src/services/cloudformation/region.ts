import { sleep } from '../../clock';
import type { AccountWith, ApiRequest, Output } from '../../gateway/service';
import { LambdaFunction } from '../lambda/function';
import type { Driver, ServiceAccount } from './handlers/driver';
import { Permissions } from './permissions';
import { NestedStackProvider } from './providers/nested-stack';
import type { Provider } from './providers/provider';
import { registeredProvider } from './providers/registered';
import { resourceVersionProviders } from './providers/resource-versions';
import { Registry } from './registry/registry';
import { ChangeSets } from './stacks/change-sets';
import type { StackEvent } from './stacks/stack';
import { Stacks } from './stacks/stacks';

/**
 * How long an answer about something that is in progress waits for its end, in milliseconds of the clock: clients ask
 * at once, and then sleep for up to 30 s (botocore's waiters).
 */
const PATIENCE = 10_000;

export interface CloudFormationAccount
  extends ServiceAccount,
    AccountWith<'clock' | 'buckets' | 'sessions' | 'roles'> {
  readonly providers: ReadonlyMap<string, Provider>;
  readonly onStackEvent: ((event: StackEvent) => void) | undefined;
  functionEnvironment(region: string): Record<string, string>;
}

export type CloudFormationIn = (region: string) => RegionalCloudFormation;

/** One operation of an API over CloudFormation in one Region. Throws ApiError for every error answer. */
export type RegionalOperation = (
  cloudFormation: RegionalCloudFormation,
  request: ApiRequest,
) => Output | Promise<Output>;

/** CloudFormation in one Region of an account. */
export class RegionalCloudFormation {
  readonly registry: Registry;
  readonly stacks: Stacks;
  readonly changeSets: ChangeSets;
  /** In the members of DescribeStackDriftDetectionStatus, by ID. */
  readonly driftDetections = new Map<string, { about: object; ended: Promise<object> }>();
  readonly driver: Driver;
  readonly permissions: Permissions;

  constructor(
    private readonly account: CloudFormationAccount,
    readonly region: string,
  ) {
    const { accountId, clock, onStackEvent } = account;
    this.permissions = new Permissions(account, region);
    this.driver = { account, region, sleep: (seconds, signal) => sleep(clock, seconds * 1000, signal) };
    this.registry = new Registry({
      accountId,
      region,
      functionFor: (code) =>
        new LambdaFunction({ ...code, clock, environment: account.functionEnvironment(region) }),
    });
    const provider = (type: string) => known.get(type) ?? this.#registered(type);
    this.stacks = new Stacks({ accountId, region, onStackEvent, provider });
    const known = new Map<string, Provider>([
      ...account.providers,
      ...resourceVersionProviders(this.registry, this.permissions),
      ['AWS::CloudFormation::Stack', new NestedStackProvider(this.stacks, this.permissions)],
    ]);
    this.changeSets = new ChangeSets(this.stacks);
  }

  /**
   * Waits for the end of something in progress, but not for long; see {@link PATIENCE}.
   *
   * @returns The result; nothing if it has not ended or has failed.
   */
  async waitFor<T>(ended: Promise<T>): Promise<T | undefined> {
    const waiting = new AbortController();
    const late = sleep(this.account.clock, PATIENCE, waiting.signal).then(() => undefined);
    const outcome = await Promise.race([ended.catch(() => undefined), late]);
    waiting.abort();
    return outcome;
  }

  /** Ends the functions of all registered types. */
  async close(): Promise<void> {
    this.stacks.close();
    await this.registry.close();
  }

  #registered(type: string): Provider | undefined {
    const version = this.registry.version(type);
    return version && registeredProvider(version, this.driver);
  }
}
