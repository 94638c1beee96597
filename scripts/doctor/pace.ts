/** Limits of AWS on how often an API can be called, and calls that stay below them. */

/** A token bucket, as AWS throttles with. */
export interface Limit {
  /** Calls that can be made at once. */
  readonly burst: number;
  /** Calls per second that can be made for as long as needed. */
  readonly perSecond: number;
}

/**
 * Which actions of an account and Region share a limit: the first row that matches counts. Sources: ECS API reference,
 * "request-throttling"; EC2 developer guide, "ec2-api-throttling", for paginated or filtered actions that change nothing.
 * IAM's and CloudFormation's are not published; 10 a second was chosen.
 */
const LIMITS: readonly (Limit & { readonly actions: RegExp })[] = [
  { actions: /^ecs:(List|Describe)Clusters$/, burst: 50, perSecond: 20 },
  { actions: /^ecs:DescribeCapacityProviders$/, burst: 50, perSecond: 20 },
  { actions: /^ecs:ListAccountSettings$/, burst: 50, perSecond: 20 },
  // Cluster resources: container instances and tasks.
  { actions: /^ecs:/, burst: 100, perSecond: 20 },
  { actions: /^ec2:/, burst: 100, perSecond: 20 },
  { actions: /^iam:/, burst: 20, perSecond: 10 },
  { actions: /^cloudformation:/, burst: 20, perSecond: 10 },
];

/** The limit of an action, such as `ecs:ListTasks`: the same object for all actions that share it. */
export function limitOf(action: string): Limit {
  const limit = LIMITS.find(({ actions }) => actions.test(action));
  if (!limit) {
    throw new Error(`No limit is known for ${action}.`);
  }
  return limit;
}

/** How much of a limit is used: the rest is for everybody else who works in the account. */
const SHARE = { burst: 0.5, rate: 0.95 };

/** Lets callers through at the pace of a limit, in the order in which they ask. */
export class Pace {
  readonly #limit: Limit;
  #tokens: number;
  #filledAt: number;
  #queue: Promise<void> = Promise.resolve();

  constructor({ burst, perSecond }: Limit) {
    this.#filledAt = performance.now();
    this.#limit = { burst: burst * SHARE.burst, perSecond: perSecond * SHARE.rate };
    this.#tokens = this.#limit.burst;
  }

  /** Resolves when the next call can be made. */
  next(): Promise<void> {
    this.#queue = this.#queue.then(() => this.#take());
    return this.#queue;
  }

  async #take(): Promise<void> {
    this.#fill();
    if (this.#tokens < 1) {
      const seconds = (1 - this.#tokens) / this.#limit.perSecond;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      this.#fill();
    }
    this.#tokens -= 1;
  }

  #fill(): void {
    const now = performance.now();
    const { burst, perSecond } = this.#limit;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) / 1000) * perSecond);
    this.#filledAt = now;
  }
}
