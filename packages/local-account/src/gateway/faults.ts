import type { Clock } from '../clock';
import { ApiError } from './errors';

export type Fault =
  | { kind: 'throttle' }
  | { kind: 'error'; status: 500 | 503 }
  /** The connection is cut, before or after the call took effect. */
  | { kind: 'drop'; when: 'before' | 'after' }
  /** No answer, ever, and no effect. */
  | { kind: 'hang' }
  /** The call takes effect and is answered, but late. */
  | { kind: 'delay'; ms: number }
  /** Access denied, as while IAM propagates. */
  | { kind: 'deny' }
  | { kind: 'expire' }
  | { kind: 'refuse'; code: string; status: number; message?: string }
  /** The call takes effect, and the answer is not what the API reference says. */
  | { kind: 'garbage'; garble(body: string): Garbage };

/** What is answered in place of the usual answer. */
export interface Garbage {
  /** Defaults to 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Which calls have a fault. A property that is left out matches every call. */
export interface FaultRule {
  /** As in the credential scope: `sts`, `iam`, `ecs`, `logs`, `monitoring`. */
  service?: string;
  operation?: string;
  /** The role that calls, or that `AssumeRole` or `GetRole` names. */
  roleArn?: string;
  /** How many matching calls pass before the fault. Defaults to 0. */
  skip?: number;
  /** How many calls have the fault. Defaults to 1; `Infinity` is permanent. */
  times?: number;
  fault: Fault;
}

type ActiveRule = FaultRule & Required<Pick<FaultRule, 'skip' | 'times'>>;

export class Faults {
  #rules: ActiveRule[] = [];
  #buckets = new Map<string, { readonly perSecond: number; tokens: number; at: number }>();
  /** How many calls have had a rule's fault so far. */
  made = 0;

  constructor(private readonly clock: Clock) {}

  /** Adds a rule. If several match, the one that was added first applies. @returns A function that removes the rule. */
  add(rule: FaultRule): () => void {
    const active = { ...rule, skip: rule.skip ?? 0, times: rule.times ?? 1 };
    this.#rules.push(active);
    return () => {
      this.#rules = this.#rules.filter((other) => other !== active);
    };
  }

  /** Throttles a service above a number of calls a second, which is also the burst. */
  rateLimit(service: string, perSecond: number): void {
    this.#buckets.set(service, { perSecond, tokens: perSecond, at: this.clock.now() });
  }

  clear(): void {
    this.#rules = [];
    this.#buckets.clear();
    this.made = 0;
  }

  /** The fault of the next call. It counts as made. @param roleArns The roles that the call concerns. */
  next(call: { service: string; operation: string }, roleArns: readonly string[]): Fault | undefined {
    if (this.#isAboveRate(call.service)) {
      return { kind: 'throttle' };
    }
    const rule = this.#rules.find(
      ({ times, service = call.service, operation = call.operation, roleArn }) =>
        times > 0 &&
        service === call.service &&
        operation === call.operation &&
        (roleArn === undefined || roleArns.includes(roleArn)),
    );
    if (rule && rule.skip > 0) {
      rule.skip -= 1;
      return undefined;
    }
    if (rule) {
      rule.times -= 1;
      this.made += 1;
    }
    return rule?.fault;
  }

  #isAboveRate(service: string): boolean {
    const bucket = this.#buckets.get(service);
    if (!bucket) {
      return false;
    }
    const now = this.clock.now();
    const { perSecond, tokens, at } = bucket;
    bucket.tokens = Math.min(perSecond, tokens + ((now - at) / 1000) * perSecond);
    bucket.at = now;
    const isAbove = bucket.tokens < 1;
    bucket.tokens -= isAbove ? 0 : 1;
    return isAbove;
  }
}

/** Each service's code for an internal failure (API references). */
const SERVER_ERRORS: Readonly<Record<string, string>> = {
  ecs: 'ServerException',
  iam: 'ServiceFailure',
  logs: 'ServiceUnavailableException',
  monitoring: 'InternalServiceFault',
};

type ErrorFault = Exclude<Fault, { kind: 'drop' | 'hang' | 'delay' | 'garbage' }>;

/** The error that a fault is answered with. The caller is denied an action as IAM names it. */
export function faultError(fault: ErrorFault, service: string, caller: string, action: string): ApiError {
  switch (fault.kind) {
    case 'throttle':
      return new ApiError('Throttling', 'Rate exceeded');
    case 'error':
      return fault.status === 503
        ? new ApiError('ServiceUnavailable', 'Service is unable to handle request.')
        : new ApiError(SERVER_ERRORS[service] ?? 'InternalFailure', 'An internal error occurred.', 500);
    case 'deny':
      return new ApiError('AccessDenied', `User: ${caller} is not authorized to perform: ${action}`);
    case 'expire':
      return new ApiError('ExpiredToken', 'The security token included in the request is expired');
    case 'refuse': {
      const { code, status, message = `The call was refused with ${code}` } = fault;
      return new ApiError(code, message, status);
    }
  }
}
