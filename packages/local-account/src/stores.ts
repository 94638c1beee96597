import type { Clock } from './clock';
import type { MetricDatum } from './services/cloudwatch/store';
import { Settings } from './services/ecs/store';
import type { InstanceProfile, User } from './services/iam/store/entities';
import { Roles } from './services/iam/store/roles';
import type { LambdaFunction } from './services/lambda/function';
import { Logs } from './services/logs/store';
import { Buckets } from './services/s3/store';
import { Sessions } from './services/sts/store';

export class Stores {
  readonly accountId: string = '111122223333';

  readonly roles = new Roles(this.accountId);
  readonly users = new Map<string, User>();
  readonly instanceProfiles = new Map<string, InstanceProfile>();
  readonly sessions = new Sessions(this.accountId);
  readonly settings: Settings;
  readonly logs = new Logs();
  /** Metric data in the order in which they are put. */
  readonly metrics: MetricDatum[] = [];
  readonly buckets = new Buckets();
  /** Functions that Lambda's Invoke runs, by name. */
  readonly functions = new Map<string, Pick<LambdaFunction, 'invoke'>>();

  constructor(readonly clock: Clock) {
    // Here, since compilers differ in whether a field's initializer sees a parameter that is a property.
    this.settings = new Settings(clock);
  }

  get rootArn(): string {
    return `arn:aws:iam::${this.accountId}:root`;
  }
}
