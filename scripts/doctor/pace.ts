/** Limits of AWS on how often an API can be called, and calls that stay below them. */
import { setTimeout as wait } from 'node:timers/promises';

/** A token bucket, as AWS throttles with. */
export interface Limit {
  /** Calls that can be made at once. */
  readonly burst: number;
  /** Calls per second that can be made for as long as needed. */
  readonly perSecond: number;
}

/**
 * The APIs of an account and Region that share a limit. Sources: ECS API reference, "request-throttling"; EC2 developer
 * guide, "ec2-api-throttling", for paginated or filtered actions that change nothing. IAM's and CloudFormation's are
 * not published; 10 a second was chosen.
 */
export const LIMITS = {
  'ECS clusters': { burst: 50, perSecond: 20 },
  'ECS cluster resources': { burst: 100, perSecond: 20 },
  'ECS capacity providers': { burst: 50, perSecond: 20 },
  'ECS settings': { burst: 50, perSecond: 20 },
  EC2: { burst: 100, perSecond: 20 },
  IAM: { burst: 20, perSecond: 10 },
  CloudFormation: { burst: 20, perSecond: 10 },
} as const satisfies Readonly<Record<string, Limit>>;

/** How much of a limit is used: the rest is for everybody else who works in the account. */
const SHARE = { burst: 0.5, rate: 0.95 };

/** Time, for a test to have its own. */
export interface Timer {
  /** In milliseconds, from any start. */
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<unknown>;
}

const REAL_TIMER: Timer = { now: () => performance.now(), wait };

/** Lets callers through at the pace of a limit, in the order in which they ask. */
export class Pace {
  readonly #limit: Limit;
  #tokens: number;
  #filledAt: number;
  #queue: Promise<void> = Promise.resolve();
  readonly #timer: Timer;

  constructor({ burst, perSecond }: Limit, timer = REAL_TIMER) {
    this.#timer = timer;
    this.#filledAt = timer.now();
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
      await this.#timer.wait(((1 - this.#tokens) / this.#limit.perSecond) * 1000);
      this.#fill();
    }
    this.#tokens -= 1;
  }

  #fill(): void {
    const now = this.#timer.now();
    const { burst, perSecond } = this.#limit;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) / 1000) * perSecond);
    this.#filledAt = now;
  }
}
