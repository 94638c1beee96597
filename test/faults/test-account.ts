import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Credentials, InvocationResult, LambdaOptions } from 'local-account';
import {
  type Action,
  CloudFormation,
  type RunInput,
  type RunResult,
  sleep,
  VirtualClock,
} from 'local-account';
import {
  LOG_GROUP,
  REGION,
  type SampleAccount,
  startSampleAccount,
  TYPE_NAME,
} from '../harness/sample-account';
import type { Evidence } from './evidence';
import { type Assumption, USUAL } from './matrix-rules';

export type Trunking = 'enabled' | 'disabled';

/** A copy of the built bundle, so that a build during the tests does not replace it. */
const BUNDLE = mkdtempSync(join(tmpdir(), 'faults-'));
cpSync(join(__dirname, '../../build/TypeFunction'), BUNDLE, { recursive: true });
cpSync(join(__dirname, 'probe.cjs'), join(BUNDLE, 'dist/probe.cjs'));

/** Removes the copy. Call it when all accounts are closed. */
export function removeBundle(): void {
  rmSync(BUNDLE, { recursive: true });
}

/** How often CloudFormation invokes a handler again in these tests after a retriable error or a crash. */
export const MAX_RETRIES = 3;

/** The format of CloudFormation's bearer tokens. Anything else is bad input. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * A local account with the sample stack, processes with the built handlers, and a clock. It runs one test at a time.
 * Accounts that run tests at the same time share only the evidence, which collects what the handlers put out.
 */
export class TestAccount {
  static async start(evidence: Evidence, lambda: Partial<LambdaOptions> = {}): Promise<TestAccount> {
    const clock = new VirtualClock();
    const options = { clock, lambda: { packageDirectory: BUNDLE, ...lambda } };
    return new TestAccount(evidence, await startSampleAccount(options), clock);
  }

  readonly local: SampleAccount['account'];
  readonly handlers: SampleAccount['handlers'];
  /** The role whose setting the tests manage. */
  readonly roleArn: string;
  /** Each invocation that ended with a function error. */
  readonly crashes: string[] = [];
  /** How long the slowest invocation took, in milliseconds of the clock. */
  slowest = 0;
  /** How long CloudFormation was asked to wait, in seconds. */
  readonly waits: number[] = [];
  private closed = false;
  private readonly clouds = new Map<string, CloudFormation>();
  private cloudformation: CloudFormation;
  private onWait: ((waits: number) => void) | undefined;

  private constructor(
    private readonly evidence: Evidence,
    readonly sample: SampleAccount,
    readonly clock: VirtualClock,
  ) {
    this.local = sample.account;
    this.handlers = sample.handlers;
    this.roleArn = sample.instanceRoleArn;
    this.cloudformation = this.register(USUAL.retryFrom, true);
  }

  /** CloudFormation with the type registered, made once for each way to retry and to log. */
  private register(retryFrom: Assumption['retryFrom'], logging: boolean): CloudFormation {
    const key = `${retryFrom} ${logging}`;
    const made =
      this.clouds.get(key) ??
      new CloudFormation({
        account: this.local,
        function: { invoke: (event) => this.invoke(event) },
        typeName: TYPE_NAME,
        region: REGION,
        schema: join(__dirname, '../../custom-ecs-roletrunking.json'),
        executionRoleArn: this.sample.handlerRoleArn,
        ...(logging && { logging: { groupName: LOG_GROUP, roleArn: this.sample.logRoleArn } }),
        // One retry is enough where it forgets everything, since each one starts all waiting again.
        maxRetries: retryFrom === 'original-request' ? 1 : MAX_RETRIES,
        retryFrom,
        sleep: (seconds, signal) => {
          this.waits.push(seconds);
          this.onWait?.(this.waits.length);
          return sleep(this.clock, seconds * 1000, signal);
        },
      });
    this.clouds.set(key, made);
    return made;
  }

  /**
   * Runs an operation, and cancels it at a wait, as a delete of its stack does.
   *
   * @param wait The number of the wait, from 1.
   * @returns The result; nothing if the operation ended before that wait.
   */
  async interrupt(action: Action, input: RunInput, wait: number): Promise<RunResult | undefined> {
    const cancellation = new AbortController();
    this.onWait = (waits) => (waits === wait ? cancellation.abort() : undefined);
    const result = await this.run(action, { ...input, signal: cancellation.signal });
    this.onWait = undefined;
    return cancellation.signal.aborted ? result : undefined;
  }

  run(action: Action, input: RunInput): Promise<RunResult> {
    return this.cloudformation.run(action, input);
  }

  /** One invocation; its bearer token and its answer are evidence. */
  async invoke(event: unknown): Promise<InvocationResult> {
    const { bearerToken } = (event ?? {}) as { bearerToken?: unknown };
    if (typeof bearerToken === 'string' && UUID.test(bearerToken)) {
      this.evidence.addSecret('a bearer token', bearerToken);
    }
    const start = this.clock.now();
    const result = await this.handlers.invoke(event);
    this.slowest = Math.max(this.slowest, this.clock.now() - start);
    if (result.functionError) {
      this.crashes.push(`gave no answer: ${JSON.stringify(result.payload)}`);
    }
    this.evidence.addTrace('a progress event', withoutEcho(event, result.payload));
    return result;
  }

  /** The model of the role with a value; without a value, only the identifier. */
  model(trunking?: Trunking, roleArn = this.roleArn) {
    return { RoleArn: roleArn, ...(trunking && { Trunking: trunking }) };
  }

  /** The setting as the account has it. */
  setting(roleArn = this.roleArn): string | undefined {
    return this.sample.setting(roleArn);
  }

  /** Changes the setting as someone else would. `undefined` removes it. */
  setSetting(value: Trunking | undefined, roleArn = this.roleArn): void {
    this.sample.setSetting(value, roleArn);
  }

  /**
   * Starts a test: no faults and no calls, and a setting that lists show.
   *
   * @param logging Whether the type is registered with logging.
   */
  reset(setting: Trunking | undefined, { retryFrom, lag }: Assumption = USUAL, logging = true): void {
    this.cloudformation = this.register(retryFrom, logging);
    this.local.settings.lag = lag;
    this.local.faults.clear();
    this.local.calls.length = 0;
    this.waits.length = 0;
    this.crashes.length = 0;
    this.slowest = 0;
    this.setSetting(setting);
    this.local.settings.settle();
  }

  /** Credentials as CloudFormation passes them, for an event that a test makes itself. */
  handlerCredentials(): Credentials {
    return this.local.sessionFor(this.sample.handlerRoleArn, 'AWSCloudFormation');
  }

  /** Removes the log group, as if nothing had been logged yet. */
  removeLogGroup(): void {
    this.collectLogs();
    this.local.logs.groups(REGION).delete(LOG_GROUP);
  }

  /** Adds secrets, output, metrics and logs to the evidence, and closes the account. */
  async close(): Promise<void> {
    if (this.closed) {
      return;
    }
    this.closed = true;
    this.collectLogs();
    for (const { accessKeyId, secretAccessKey, sessionToken } of this.local.sessions.issued) {
      this.evidence.addSecret('an access key ID', accessKeyId);
      this.evidence.addSecret('a secret access key', secretAccessKey);
      this.evidence.addSecret('a session token', sessionToken);
    }
    for (const line of this.handlers.output) {
      this.evidence.addTrace('standard output', line);
    }
    for (const datum of this.local.metrics) {
      this.evidence.addTrace('a metric', datum);
    }
    await this.sample.close();
  }

  private collectLogs(): void {
    for (const { message } of this.local.logs.events()) {
      this.evidence.addTrace('a delivered log', message);
    }
    for (const [name, { streams }] of this.local.logs.groups(REGION)) {
      this.evidence.addTrace('names of log streams', [name, ...streams.keys()]);
    }
  }
}

/** An answer without the role that its model repeats from the request: in bad input, it can be a secret. */
function withoutEcho(event: unknown, payload: unknown): unknown {
  const { requestData } = (event ?? {}) as { requestData?: { resourceProperties?: { RoleArn?: unknown } } };
  const asked = requestData?.resourceProperties?.RoleArn;
  return JSON.parse(
    JSON.stringify(payload, (key, value) => (key === 'RoleArn' && value === asked ? undefined : value)) ??
      'null',
  );
}

/** Runs each job in the first free account. */
export async function inParallel<Job>(
  accounts: readonly TestAccount[],
  jobs: readonly Job[],
  run: (account: TestAccount, job: Job) => Promise<void>,
): Promise<void> {
  const rest = jobs.values();
  await Promise.all(
    accounts.map(async (account) => {
      for (const job of rest) {
        await run(account, job);
      }
    }),
  );
}

/** Runs each job in the first free account. @returns a line for each job with a problem, after the job's name. */
export async function problemsOfAll<Job>(
  accounts: readonly TestAccount[],
  jobs: readonly Job[],
  nameOf: (job: Job) => string,
  run: (account: TestAccount, job: Job) => Promise<readonly string[]>,
): Promise<string[]> {
  const wrong: string[] = [];
  await inParallel(accounts, jobs, async (account, job) => {
    const problems = await run(account, job);
    if (problems.length > 0) {
      wrong.push(`${nameOf(job)}: ${problems.join('; ')}`);
    }
  });
  return wrong;
}
