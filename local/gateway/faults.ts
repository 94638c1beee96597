import type { Clock } from '../clock';

/** What can go wrong with a call. */
export type Fault =
  /** The service's own throttling error. */
  | { kind: 'throttle' }
  /** A server error. */
  | { kind: 'error'; status: 500 | 503 }
  /** The connection is cut, before or after the call took effect. */
  | { kind: 'drop'; when: 'before' | 'after' }
  /** No answer, ever, and no effect. */
  | { kind: 'hang' }
  /** Everything as usual, but late. */
  | { kind: 'delay'; ms: number }
  /** Access denied, as while IAM propagates. */
  | { kind: 'deny' }
  /** The caller's token has expired. */
  | { kind: 'expire' }
  /** Any other error, by its code. */
  | { kind: 'refuse'; code: string; status: number }
  /** The call takes effect (unless `when` says otherwise) and the answer is not what the protocol says. */
  | { kind: 'garbage'; variant: GarbageVariant; when?: 'before' | 'after' };

/** How an answer can be none: a web page, half a body, no body, a well-formed body with other members. */
export type GarbageVariant = 'html' | 'truncated' | 'empty' | 'wrong-shape';

/** Which calls a fault meets. What is left out meets all. */
export interface FaultRule {
  /** As in the credential scope: `sts`, `iam`, `ecs`, `logs`, `monitoring`. */
  service?: string;
  operation?: string;
  /** The role that calls, or that `AssumeRole` or `GetRole` names. */
  roleArn?: string;
  /** How many matching calls pass unharmed first; none unless told. */
  skip?: number;
  /** How many calls it meets; one unless told, `Infinity` for good. */
  times?: number;
  fault: Fault;
}

/** What of a call a rule looks at. */
export interface FaultTarget {
  service: string;
  operation: string;
  roleArns: readonly string[];
}

interface ActiveRule extends FaultRule {
  skip: number;
  times: number;
}

interface Bucket {
  perSecond: number;
  burst: number;
  tokens: number;
  at: number;
}

/** The faults that the account has been told to make. */
export class Faults {
  #rules: ActiveRule[] = [];
  #buckets = new Map<string, Bucket>();
  /** How many calls a rule has met so far. */
  made = 0;

  /** @param clock What rates are measured by. */
  constructor(private readonly clock: Clock) {}

  /**
   * Adds a rule; of several that match, the first added acts.
   * @returns a function that takes the rule away again.
   */
  add(rule: FaultRule): () => void {
    const active = { ...rule, skip: rule.skip ?? 0, times: rule.times ?? 1 };
    this.#rules.push(active);
    return () => {
      this.#rules = this.#rules.filter((other) => other !== active);
    };
  }

  /** Throttles a service beyond so many calls a second; a burst as large passes unless told otherwise. */
  rateLimit(service: string, perSecond: number, burst = perSecond): void {
    this.#buckets.set(service, { perSecond, burst, tokens: burst, at: this.clock.now() });
  }

  /** Forgets all rules and limits. */
  clear(): void {
    this.#rules = [];
    this.#buckets.clear();
    this.made = 0;
  }

  /** How many calls the rules would still meet. */
  get pending(): number {
    return this.#rules.reduce((sum, rule) => sum + rule.times, 0);
  }

  /** The fault for a call, which counts as made. */
  next(target: FaultTarget): Fault | undefined {
    if (!this.#withinRate(target.service)) {
      return { kind: 'throttle' };
    }
    const rule = this.#rules.find((candidate) => candidate.times > 0 && matches(candidate, target));
    if (!rule) {
      return undefined;
    }
    if (rule.skip > 0) {
      rule.skip -= 1;
      return undefined;
    }
    rule.times -= 1;
    this.made += 1;
    return rule.fault;
  }

  #withinRate(service: string): boolean {
    const bucket = this.#buckets.get(service);
    if (!bucket) {
      return true;
    }
    const now = this.clock.now();
    bucket.tokens = Math.min(bucket.burst, bucket.tokens + ((now - bucket.at) / 1000) * bucket.perSecond);
    bucket.at = now;
    if (bucket.tokens < 1) {
      return false;
    }
    bucket.tokens -= 1;
    return true;
  }
}

function matches(rule: FaultRule, target: FaultTarget): boolean {
  if (rule.service !== undefined && rule.service !== target.service) {
    return false;
  }
  if (rule.operation !== undefined && rule.operation !== target.operation) {
    return false;
  }
  return rule.roleArn === undefined || target.roleArns.includes(rule.roleArn);
}
