import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a call is answered with instead of the service's own answer; `cut` means that it takes effect first. */
export type Fault = 'throttled' | 'cut';

interface Job {
  readonly id: string;
  readonly crateId: string;
  /** How often it still shows as running; only looks at the job make it proceed. */
  looks: number;
}

interface Answer {
  readonly status: number;
  readonly body?: object;
}

const TOKEN = 'token-of-the-warehouse';

/** The HTTP service that the crates of `Example::Warehouse::Crate` are in. */
export class WarehouseServer {
  /** What CloudFormation hands to the type. */
  readonly typeConfiguration: { readonly Endpoint: string; readonly Token: string };
  /** The label of each crate. */
  readonly crates = new Map<string, string>();
  /** Each call so far, such as `DELETE /crates/crate-1`. */
  readonly calls: string[] = [];
  /** Called with each call, and its number among the calls of its method, from 1. */
  faultOf: (method: string, count: number) => Fault | undefined = () => undefined;
  /** How often a new job shows as running. */
  looks = 0;
  /** Whether jobs end without having deleted anything. */
  areJobsFailing = false;

  readonly #jobs = new Map<string, Job>();
  /** What was made for an idempotency key: the id of a crate, or of a job. */
  readonly #byKey = new Map<string, string>();
  readonly #server: Server;
  #made = 0;

  static async start(): Promise<WarehouseServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new WarehouseServer(server);
  }

  private constructor(server: Server) {
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    this.typeConfiguration = { Endpoint: `http://127.0.0.1:${port}`, Token: TOKEN };
    server.on('request', async (request, response) => {
      const { method = '', url = '' } = request;
      const body = await bodyOf(request);
      this.calls.push(`${method} ${url}`);
      const fault = this.faultOf(method, this.calls.filter((call) => call.startsWith(method)).length);
      const answer = fault === 'throttled' ? { status: 429 } : this.#answer(request, body);
      if (fault === 'cut') {
        request.socket.destroy();
      } else {
        response.writeHead(answer.status).end(answer.body && JSON.stringify(answer.body));
      }
    });
  }

  /** Forgets everything. */
  reset(): void {
    for (const store of [this.crates, this.#jobs, this.#byKey]) {
      store.clear();
    }
    this.calls.length = 0;
    this.faultOf = () => undefined;
    this.looks = 0;
    this.areJobsFailing = false;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer({ method, url = '', headers }: IncomingMessage, { label = '' }: { label?: string }): Answer {
    if (headers.authorization !== `Bearer ${TOKEN}`) {
      return { status: 401 };
    }
    const [, kind, id = ''] = url.split('/');
    const key = `${method} ${headers['idempotency-key']}`;
    if (method === 'POST') {
      const made = this.#once(key, 'crate');
      this.crates.set(made, label);
      return { status: 201, body: { id: made, label } };
    }
    if (kind === 'jobs') {
      return this.#look(this.#jobs.get(id));
    }
    if (method === 'DELETE' && (this.crates.has(id) || this.#byKey.has(key))) {
      return { status: 202, body: { id: this.#start(id, key), state: 'RUNNING' } };
    }
    if (!this.crates.has(id)) {
      return { status: 404, body: { error: `There is no ${id}` } };
    }
    if (method === 'PATCH') {
      this.crates.set(id, label);
    }
    return { status: 200, body: { id, label: this.crates.get(id) } };
  }

  #start(crateId: string, key: string): string {
    const id = this.#once(key, 'job');
    if (!this.#jobs.has(id)) {
      this.#jobs.set(id, { id, crateId, looks: this.looks });
    }
    return id;
  }

  #look(job: Job | undefined): Answer {
    if (!job) {
      return { status: 404, body: { error: 'There is no such job' } };
    }
    job.looks -= 1;
    const { id } = job;
    if (job.looks >= 0) {
      return { status: 200, body: { id, state: 'RUNNING' } };
    }
    if (this.areJobsFailing) {
      return { status: 200, body: { id, state: 'FAILED', reason: 'It is not empty' } };
    }
    this.crates.delete(job.crateId);
    return { status: 200, body: { id, state: 'DONE' } };
  }

  /** A new id, or the one that was made for the key. */
  #once(key: string, kind: string): string {
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      return known;
    }
    this.#made += 1;
    const id = `${kind}-${this.#made}`;
    this.#byKey.set(key, id);
    return id;
  }
}

async function bodyOf(request: IncomingMessage): Promise<{ label?: string }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString('utf8')) : {};
}
