import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Clock, type QuietReport, REAL_CLOCK, VirtualClock } from '../../clock';

/** How to run a function. */
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
  memoryMegabytes?: number;
  /** The Node to run it with; defaults to this one. */
  nodePath?: string;
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
  | { type: 'ready' }
  | { type: 'result' | 'error' | 'crash'; requestId?: string; payload: unknown }
  | ({ type: 'usage' } & Usage)
  | { type: 'quiet'; report: QuietReport };

/** What a process reports of itself. */
interface Usage {
  readonly rss: number;
  readonly cpu: NodeJS.CpuUsage;
}

interface Environment {
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  busy: boolean;
  finish?: ((result: InvocationResult) => void) | undefined;
  /** On a virtual clock, takes the reports of the invocation that runs. */
  report?: ((report: QuietReport) => void) | undefined;
  /** What the process reported before it ended. */
  lastWords?: unknown;
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
  /** How many processes were started so far. */
  started = 0;

  readonly #clock: Clock;
  #environments = new Set<Environment>();
  #waiting: (() => void)[] = [];
  #closed = false;

  constructor(private readonly options: LambdaOptions) {
    this.#clock = options.clock ?? REAL_CLOCK;
  }

  /** Process IDs of the environments that are alive. */
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
    const requestId = randomUUID();
    const time = this.#join(environment);
    const result = await new Promise<InvocationResult>((resolve) => {
      const stops = time ? [time.leave] : [];
      environment.finish = (outcome) => {
        environment.finish = undefined;
        for (const stop of stops) {
          stop();
        }
        resolve(outcome);
      };
      environment.ready.then(() => {
        // If the process ended before it was ready, the invocation ended too.
        if (environment.finish) {
          stops.push(...this.#begin(environment, requestId, event, time?.epoch));
        }
      });
    });
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

  /** Starts a process and loads the handler, as Lambda does before the first event. */
  async start(): Promise<void> {
    const environment = await this.#acquire();
    await environment.ready;
    this.#release(environment);
  }

  /** Resident memory of the processes alive, in bytes, as they report it. Ask it between invocations. */
  async residentMemory(): Promise<number> {
    return (await this.#usages()).reduce((sum, { rss }) => sum + rss, 0);
  }

  /** Processor time of the processes alive since they were started, in milliseconds. Ask it between invocations. */
  async processorTime(): Promise<number> {
    return (await this.#usages()).reduce((sum, { cpu }) => sum + (cpu.user + cpu.system) / 1000, 0);
  }

  #usages(): Promise<Usage[]> {
    return Promise.all(
      [...this.#environments].map(async ({ child, ready }) => {
        await ready;
        keepAlive(child, true);
        const usage = await new Promise<Usage>((resolve) => {
          const listen = (message: Message) => {
            if (message.type === 'usage') {
              child.off('message', listen);
              resolve(message);
            }
          };
          child.on('message', listen);
          child.send({ type: 'usage' });
        });
        keepAlive(child, false);
        return usage;
      }),
    );
  }

  /** Ends all processes; none is started again, and an invocation that waits for one fails. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const proceed of this.#waiting.splice(0)) {
      proceed();
    }
    const ended = [...this.#environments].map(({ child }) => {
      const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      keepAlive(child, true);
      child.kill('SIGKILL');
      return exit;
    });
    await Promise.all(ended);
  }

  async #acquire(): Promise<Environment> {
    for (;;) {
      if (this.#closed) {
        throw new Error(`The function ${this.options.functionName ?? 'TypeFunction'} is closed.`);
      }
      const free = [...this.#environments].find((environment) => !environment.busy);
      const environment =
        free ?? (this.#environments.size < (this.options.concurrency ?? 1) ? this.#start() : undefined);
      if (environment) {
        environment.busy = true;
        keepAlive(environment.child, true);
        return environment;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #release(environment: Environment): void {
    environment.busy = false;
    keepAlive(environment.child, false);
    if (environment.child.exitCode !== null || environment.child.killed) {
      this.#environments.delete(environment);
    }
    this.#waiting.shift()?.();
  }

  /** On a virtual clock, time stops from here until the process has something to wait for. */
  #join(environment: Environment) {
    if (!(this.#clock instanceof VirtualClock)) {
      return undefined;
    }
    const { child } = environment;
    const place = this.#clock.join({
      advance: (now, epoch) => child.connected && child.send({ type: 'advance', now, epoch }),
    });
    environment.report = place.report;
    return place;
  }

  /** Hands an event to a process that is ready. @returns what to do when the invocation is over. */
  #begin(
    { child, finish }: Environment,
    requestId: string,
    event: unknown,
    epoch: number | undefined,
  ): (() => void)[] {
    const { timeoutSeconds = 60 } = this.options;
    const timeoutMilliseconds = timeoutSeconds * 1000;
    const timeOut = () => {
      const errorMessage = `${requestId} Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
      finish?.(crashed('Sandbox.Timedout', errorMessage));
      child.kill('SIGKILL');
    };
    child.send({ requestId, event, timeoutMilliseconds, now: this.#clock.now(), epoch });
    const unrest = setTimeout(timeOut, Math.max(LONGEST_UNREST, timeoutMilliseconds));
    return [this.#clock.after(timeoutMilliseconds, timeOut), () => clearTimeout(unrest)];
  }

  #start(): Environment {
    const child = this.#fork();
    this.started += 1;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) {
        createInterface({ input: stream }).on('line', (line) => this.output.push(line));
      }
    }
    let settle = () => {};
    const started: Environment = {
      child,
      ready: new Promise((resolve) => {
        settle = resolve;
      }),
      busy: false,
    };
    child.on('message', (message: Message) => {
      if (message.type === 'ready') {
        settle();
      }
      if (message.type === 'quiet') {
        started.report?.(message.report);
      }
      if (message.type === 'result') {
        started.finish?.({ payload: message.payload });
      }
      if (message.type === 'error') {
        started.finish?.({ payload: message.payload, functionError: 'Unhandled' });
      }
      if (message.type === 'crash') {
        started.lastWords = message.payload;
      }
    });
    const end = (errorMessage: string) => {
      this.#environments.delete(started);
      const exit = crashed('Runtime.ExitError', errorMessage);
      started.finish?.(started.lastWords ? { ...exit, payload: started.lastWords } : exit);
      settle();
    };
    child.on('error', (error) => end(`Runtime exited with error: ${error.message}`));
    child.once('exit', (code, signal) =>
      end(`Runtime exited with error: ${signal ? `signal ${signal}` : code}`),
    );
    this.#environments.add(started);
    return started;
  }

  #fork(): ChildProcess {
    const { packageDirectory, handler, environment, nodePath = process.execPath } = this.options;
    const { functionName = 'TypeFunction', memoryMegabytes = 256 } = this.options;
    const time = this.#clock instanceof VirtualClock ? ['virtual'] : [];
    return fork(join(__dirname, 'runtime.mjs'), [packageDirectory, handler, ...time], {
      cwd: packageDirectory,
      execPath: nodePath,
      execArgv: [],
      env: {
        PATH: process.env.PATH ?? '',
        TZ: 'UTC',
        AWS_LAMBDA_FUNCTION_NAME: functionName,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMegabytes),
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
  }
}

/** Sets whether a process keeps this one running. */
function keepAlive(child: ChildProcess, alive: boolean): void {
  const handles = [child, child.channel, child.stdout, child.stderr] as readonly ({
    ref?(): void;
    unref?(): void;
  } | null)[];
  for (const handle of handles) {
    if (alive) {
      handle?.ref?.();
    } else {
      handle?.unref?.();
    }
  }
}

function crashed(errorType: string, errorMessage: string): InvocationResult {
  return { payload: { errorType, errorMessage }, functionError: 'Unhandled' };
}
