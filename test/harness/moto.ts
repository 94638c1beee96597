/** Amazon ECS with container instances, and Amazon EC2: moto's server, which is a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { runProgram } from '../../scripts/command-line/run-program';
import { complaint, pinnedInstall, pythonEnvironment } from '../../scripts/python/environment';

const REQUIREMENTS = join(__dirname, '../../scripts/python/moto.txt');

/** What is set of an instance that moto's own API cannot set. Names are those of moto's models. */
export interface MotoState {
  readonly region: string;
  readonly instanceId: string;
  readonly containerInstance?: Readonly<Record<string, unknown>>;
  readonly ec2?: Readonly<Record<string, unknown>>;
  /** The Auto Scaling group that it is in. */
  readonly autoScalingGroup?: string;
  /** Whether the tasks on it have network interfaces of their own. */
  readonly awsvpc?: boolean;
  /** The account that shares the instance's subnet. */
  readonly subnetOwner?: string;
}

/** A running server. */
export class Moto {
  /** Starts it, for an account. It is installed first where it is missing. */
  static async start(accountId: string): Promise<Moto> {
    const server = spawn(join(motoEnvironment(), 'python'), [join(__dirname, 'moto_server.py')], {
      env: { ...process.env, MOTO_ACCOUNT_ID: accountId },
      // It ends when its standard input does: with this process, however this ends.
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    for await (const port of createInterface({ input: server.stdout })) {
      const endpoint = `http://127.0.0.1:${port}`;
      // Moto's own API: the same IDs in the same order.
      await fetch(`${endpoint}/moto-api/seed?a=1`, { method: 'POST' });
      return new Moto(server, endpoint);
    }
    throw new Error(`moto did not start: exit code ${server.exitCode}`);
  }

  readonly #server: ChildProcess;
  readonly endpoint: string;

  private constructor(server: ChildProcess, endpoint: string) {
    this.#server = server;
    this.endpoint = endpoint;
  }

  /** Makes a capacity provider whose instances ECS manages. */
  addManagedProvider(region: string, managedProvider: string): Promise<void> {
    return this.#post({ region, managedProvider });
  }

  set(state: MotoState): Promise<void> {
    return this.#post(state);
  }

  async #post(state: object): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${this.endpoint}/state`, {
      method: 'POST',
      headers,
      body: JSON.stringify(state),
    });
    if (!response.ok) {
      throw new Error(`moto refused the state: ${await response.text()}`);
    }
  }

  async close(): Promise<void> {
    const ended = once(this.#server, 'exit');
    this.#server.stdin?.end();
    await ended;
  }
}

/** The repository's virtual environment, with moto in it. */
function motoEnvironment(): string {
  const programs = pythonEnvironment();
  const stamp = join(programs, '../moto.sha256');
  const wanted = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    runProgram(join(programs, 'python'), pinnedInstall(REQUIREMENTS), complaint('pip install'));
    writeFileSync(stamp, wanted);
  }
  return programs;
}
