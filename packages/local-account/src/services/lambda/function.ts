import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Clock, type QuietReport, REAL_CLOCK, VirtualClock } from '../../clock';

export interface LambdaOptions {
  /** The folder that would be uploaded, such as `build/TypeFunction`. */
  packageDirectory: string;
  /** `dist/handlers.entrypoint`: a file and its export. */
  handler: string;
  /** `account.functionEnvironment(region)` and what the function is configured with. */
  environment: Record<string, string>;
  functionName?: string;
  /** Defaults to 60, of the clock. */
  timeoutSeconds?: number;
  /** The maximum of processes at once; each handles one event at a time. Defaults to 1. */
  concurrency?: number;
  /** The time in the function's processes; defaults to the machine's. */
  clock?: Clock;
}

/** The result of an invocation; with `functionError`, the payload describes the error. */
export interface InvocationResult {
  payload: unknown;
  functionError?: 'Unhandled';
}

/** A message of `runtime.mjs`. */
type Message =
  | { type: 'result'; result: InvocationResult }
  | { type: 'crash'; payload: unknown }
  | { type: 'quiet'; report: QuietReport };

/** A process of the function, which handles one event at a time. */
interface Environment {
  readonly child: ChildProcess;
  busy: boolean;
  finish?: (result: InvocationResult) => void;
  /** On a virtual clock, takes the reports of the invocation that runs. */
  report?: ((report: QuietReport) => void) | undefined;
  crash?: unknown;
}

/** A process that never becomes quiet stops a virtual clock. It is ended after this many real milliseconds. */
const LONGEST_UNREST = 300_000;

/**
 * A package in its own processes, as Lambda runs it: each handles one event at a time, stays warm, is replaced when it
 * crashes, and is ended when it takes too long. Only an invocation keeps this program running.
 */
export class LambdaFunction {
  /** Lines of stdout and stderr of all processes so far. */
  readonly output: string[] = [];
  started = 0;

  readonly #environments = new Set<Environment>();
  readonly #waiting: (() => void)[] = [];
  #closed = false;

  constructor(private readonly options: LambdaOptions) {}

  get pids(): number[] {
    return [...this.#environments].flatMap(({ child }) => child.pid ?? []);
  }

  /**
   * Runs one event. A handler that fails gives a `functionError`.
   *
   * @throws Error when the function is closed, or is closed before a process is free.
   */
  async invoke(event: unknown): Promise<InvocationResult> {
    const environment = await this.#acquire();
    const result = await this.#run(environment, event);
    this.#release(environment);
    return result;
  }

  /** Ends, with SIGKILL, the processes now running an invocation, which resolves with a `functionError`. */
  kill(): void {
    for (const { child, busy } of this.#environments) {
      if (busy) {
        child.kill('SIGKILL');
      }
    }
  }

  /** Ends all processes; none is started again, and an invocation that waits for one fails. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const proceed of this.#waiting.splice(0)) {
      proceed();
    }
    const ended = [...this.#environments].map(({ child }) => {
      keepAlive(child, true);
      child.kill('SIGKILL');
      return new Promise<void>((resolve) => child.once('exit', () => resolve()));
    });
    await Promise.all(ended);
  }

  async #acquire(): Promise<Environment> {
    const { functionName = 'TypeFunction', concurrency = 1 } = this.options;
    for (;;) {
      if (this.#closed) {
        throw new Error(`The function ${functionName} is closed.`);
      }
      const all = [...this.#environments];
      const free = all.find(({ busy }) => !busy) ?? (all.length < concurrency && this.#start());
      if (free) {
        free.busy = true;
        keepAlive(free.child, true);
        return free;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #release(environment: Environment): void {
    const { child } = environment;
    environment.busy = false;
    keepAlive(child, false);
    if (child.exitCode !== null || child.killed) {
      this.#environments.delete(environment);
    }
    this.#waiting.shift()?.();
  }

  /** Hands an event to a process, also to one that still loads the handler. It ends with an answer, or with its time. */
  async #run(environment: Environment, event: unknown): Promise<InvocationResult> {
    const { child } = environment;
    const { timeoutSeconds = 60, clock = REAL_CLOCK } = this.options;
    const requestId = randomUUID();
    const timeoutMilliseconds = timeoutSeconds * 1000;
    const advance = (now: number, epoch: number) =>
      child.connected && child.send({ type: 'advance', now, epoch });
    // Time stops from here until the process has something to wait for.
    const place = clock instanceof VirtualClock ? clock.join(advance) : undefined;
    environment.report = place?.report;
    const answer = new Promise<InvocationResult>((resolve) => {
      environment.finish = resolve;
    });
    const timeOut = () => {
      const errorMessage = `${requestId} Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
      environment.finish?.(unhandled('Sandbox.Timedout', errorMessage));
      child.kill('SIGKILL');
    };
    const cancel = clock.after(timeoutMilliseconds, timeOut);
    const unrest = setTimeout(timeOut, Math.max(LONGEST_UNREST, timeoutMilliseconds));
    child.send({ requestId, event, timeoutMilliseconds, now: clock.now(), epoch: place?.epoch });
    const result = await answer;
    cancel();
    clearTimeout(unrest);
    place?.leave();
    return result;
  }

  #start(): Environment {
    const child = this.#fork();
    const environment: Environment = { child, busy: false };
    this.#environments.add(environment);
    this.started += 1;
    for (const input of [child.stdout, child.stderr]) {
      if (input) {
        createInterface({ input }).on('line', (line) => this.output.push(line));
      }
    }
    child.on('message', (message: Message) => {
      if (message.type === 'result') {
        environment.finish?.(message.result);
      } else if (message.type === 'crash') {
        environment.crash = message.payload;
      } else {
        environment.report?.(message.report);
      }
    });
    const end = (reason: string) => {
      this.#environments.delete(environment);
      const exit = unhandled('Runtime.ExitError', `Runtime exited with error: ${reason}`);
      environment.finish?.(environment.crash ? { ...exit, payload: environment.crash } : exit);
    };
    child.on('error', ({ message }) => end(message));
    child.once('exit', (code, signal) => end(signal ? `signal ${signal}` : String(code)));
    return environment;
  }

  #fork(): ChildProcess {
    const { packageDirectory, handler, environment, functionName = 'TypeFunction', clock } = this.options;
    const time = clock instanceof VirtualClock ? ['virtual'] : [];
    return fork(join(__dirname, 'runtime.mjs'), [packageDirectory, handler, ...time], {
      cwd: packageDirectory,
      execArgv: [],
      env: {
        PATH: process.env.PATH ?? '',
        TZ: 'UTC',
        AWS_LAMBDA_FUNCTION_NAME: functionName,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
  }
}

/** Sets whether a process keeps this one running. */
function keepAlive(child: ChildProcess, alive: boolean): void {
  type Handle = { ref?(): void; unref?(): void } | null;
  for (const handle of [child, child.channel, child.stdout, child.stderr] as readonly Handle[]) {
    handle?.[alive ? 'ref' : 'unref']?.();
  }
}

function unhandled(errorType: string, errorMessage: string): InvocationResult {
  return { payload: { errorType, errorMessage }, functionError: 'Unhandled' };
}
