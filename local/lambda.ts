import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** How to run a function. */
export interface LambdaOptions {
  /** The folder that would be uploaded, such as `build/TypeFunction`. */
  packageDirectory: string;
  /** `dist/handlers.entrypoint`: a file and its export. */
  handler: string;
  /** `account.functionEnvironment(region)` and what the function is configured with. */
  environment: Record<string, string>;
  functionName?: string;
  /** 60 unless told. */
  timeoutSeconds?: number;
  memoryMegabytes?: number;
  /** The Node to run it with; this one unless told. */
  nodePath?: string;
  /** How many processes there may be at once; each handles one event at a time. */
  concurrency?: number;
}

/** What an invocation gave; with `functionError`, the payload tells the error. */
export interface InvocationResult {
  payload: unknown;
  functionError?: 'Unhandled';
}

/** A message of `lambda-runtime.mjs`. */
type Message =
  | { type: 'ready' }
  | { type: 'result' | 'error' | 'crash'; requestId?: string; payload: unknown }
  | { type: 'memory'; usage: NodeJS.MemoryUsage };

interface Environment {
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  busy: boolean;
  finish?: ((result: InvocationResult) => void) | undefined;
  /** What the process said about its own end. */
  lastWords?: unknown;
}

/**
 * A package in processes of its own, as Lambda runs it: one event at a time in each, kept warm, replaced when
 * one crashes, ended when it takes too long.
 */
export class LambdaFunction {
  /** Lines of stdout and stderr of all processes so far. */
  readonly output: string[] = [];
  /** How many processes were started so far. */
  started = 0;

  #environments = new Set<Environment>();
  #waiting: (() => void)[] = [];

  constructor(private readonly options: LambdaOptions) {}

  /** Process IDs of the environments that are alive. */
  get pids(): number[] {
    return [...this.#environments].flatMap(({ child }) => child.pid ?? []);
  }

  /** Runs one event. Never throws for what the handler does: that is a `functionError`. */
  async invoke(event: unknown): Promise<InvocationResult> {
    const environment = await this.#acquire();
    const { timeoutSeconds = 60 } = this.options;
    const requestId = randomUUID();
    const result = await new Promise<InvocationResult>((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      environment.finish = (outcome) => {
        clearTimeout(timer);
        environment.finish = undefined;
        resolve(outcome);
      };
      environment.ready.then(() => {
        if (!environment.finish) return;
        timer = setTimeout(() => {
          const errorMessage = `${requestId} Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
          environment.finish?.(crashed('Sandbox.Timedout', errorMessage));
          environment.child.kill('SIGKILL');
        }, timeoutSeconds * 1000);
        environment.child.send({ requestId, event, deadline: Date.now() + timeoutSeconds * 1000 });
      });
    });
    environment.busy = false;
    if (environment.child.exitCode !== null || environment.child.killed)
      this.#environments.delete(environment);
    this.#waiting.shift()?.();
    return result;
  }

  /** Ends, with SIGKILL, the processes now running an invocation, which resolves with a `functionError`. */
  kill(): void {
    for (const { child, busy } of this.#environments) if (busy) child.kill('SIGKILL');
  }

  /** Resident memory of the processes alive, in bytes, as they report it. Ask it between invocations. */
  async residentMemory(): Promise<number> {
    const usages = [...this.#environments].map(async ({ child, ready }) => {
      await ready;
      return new Promise<number>((resolve) => {
        const listen = (message: Message) => {
          if (message.type !== 'memory') return;
          child.off('message', listen);
          resolve(message.usage.rss);
        };
        child.on('message', listen);
        child.send({ type: 'memory' });
      });
    });
    return (await Promise.all(usages)).reduce((sum, rss) => sum + rss, 0);
  }

  /** Ends all processes. */
  async close(): Promise<void> {
    const ended = [...this.#environments].map(({ child }) => {
      const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill('SIGKILL');
      return exit;
    });
    await Promise.all(ended);
  }

  async #acquire(): Promise<Environment> {
    for (;;) {
      const free = [...this.#environments].find((environment) => !environment.busy);
      const environment =
        free ?? (this.#environments.size < (this.options.concurrency ?? 1) ? this.#start() : undefined);
      if (environment) {
        environment.busy = true;
        return environment;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #start(): Environment {
    const { packageDirectory, handler, environment, nodePath = process.execPath } = this.options;
    const { functionName = 'TypeFunction', memoryMegabytes = 256 } = this.options;
    const child = fork(join(__dirname, 'lambda-runtime.mjs'), [packageDirectory, handler], {
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
    this.started += 1;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.output.push(line));
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
      if (message.type === 'ready') settle();
      if (message.type === 'result') started.finish?.({ payload: message.payload });
      if (message.type === 'error')
        started.finish?.({ payload: message.payload, functionError: 'Unhandled' });
      if (message.type === 'crash') started.lastWords = message.payload;
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
}

function crashed(errorType: string, errorMessage: string): InvocationResult {
  return { payload: { errorType, errorMessage }, functionError: 'Unhandled' };
}
