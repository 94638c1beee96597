import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a call is answered with instead of the service's own answer; `cut-after` means that it takes effect first. */
export type Fault = 'throttled' | 'failed' | 'cut-before' | 'cut-after';

interface Item {
  readonly id: string;
  readonly name: string;
  quantity: number;
  accessCode: string;
  tags: Record<string, string>;
  /** How often it still shows as being made. */
  looks: number;
}

interface Job {
  readonly id: string;
  readonly itemId: string;
  /** How often it still shows as running; only looks at the job make it proceed. */
  looks: number;
}

interface Answer {
  readonly status: number;
  readonly body?: object;
}

const PAGE = 10;
const TOKEN = 'token-of-the-inventory';

/** The HTTP service that the items of `Example::Inventory::Item` are in. */
export class InventoryServer {
  /** What CloudFormation hands to the type. */
  readonly typeConfiguration: { readonly Endpoint: string; readonly Token: string };
  readonly items = new Map<string, Item>();
  /** The method of each call so far. */
  readonly calls: string[] = [];
  /** Called with the number of each call, from 1, and its method. */
  faultOf: (call: number, method: string) => Fault | undefined = () => undefined;
  /** How often a new item shows as being made. */
  looks = 1;
  /** How often a new job shows as running. */
  jobLooks = 0;
  /** Whether jobs end without having deleted anything. */
  areJobsFailing = false;

  readonly #jobs = new Map<string, Job>();
  /** The id of what was made with an idempotency key. */
  readonly #byKey = new Map<string, string>();
  readonly #server: Server;
  #made = 0;

  static async start(): Promise<InventoryServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new InventoryServer(server);
  }

  private constructor(server: Server) {
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    this.typeConfiguration = { Endpoint: `http://127.0.0.1:${port}`, Token: TOKEN };
    server.on('request', async (request, response) => {
      const body = await bodyOf(request);
      const { method = '' } = request;
      this.calls.push(method);
      const fault = this.faultOf(this.calls.length, method);
      const { status, body: answer } =
        fault === 'throttled'
          ? { status: 429 }
          : fault === 'failed'
            ? { status: 503 }
            : this.#answer(request, body, fault);
      if (fault?.startsWith('cut')) {
        request.socket.destroy();
      } else {
        response.writeHead(status).end(answer && JSON.stringify(answer));
      }
    });
  }

  /** Forgets everything. */
  reset(): void {
    for (const store of [this.items, this.#jobs, this.#byKey]) {
      store.clear();
    }
    this.calls.length = 0;
    this.faultOf = () => undefined;
    this.looks = 1;
    this.jobLooks = 0;
    this.areJobsFailing = false;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(
    { method, url = '', headers }: IncomingMessage,
    body: Partial<Item>,
    fault: Fault | undefined,
  ): Answer {
    if (headers.authorization !== `Bearer ${TOKEN}`) {
      return { status: 401 };
    }
    if (fault === 'cut-before') {
      return { status: 503 };
    }
    const { pathname, searchParams } = new URL(url, 'http://inventory');
    const [, kind, id = ''] = pathname.split('/');
    const token = headers['idempotency-key'];
    const key = token && `${method} ${token}`;
    if (method === 'POST') {
      return { status: 201, body: shown(this.#make(body, key)) };
    }
    if (kind === 'jobs') {
      return this.#look(id);
    }
    if (method === 'DELETE' && (this.items.has(id) || this.#byKey.has(key ?? ''))) {
      return { status: 202, body: { id: this.#start(id, key), state: 'RUNNING' } };
    }
    if (id === '') {
      return this.#page(Number(searchParams.get('page') ?? 0));
    }
    const item = this.items.get(id);
    return item ? this.#change(method, item, body) : { status: 404, body: { error: `There is no ${id}` } };
  }

  #make(
    { name = '', quantity = 0, accessCode = '', tags = {} }: Partial<Item>,
    key: string | undefined,
  ): Item {
    const id = this.#once(key, 'item');
    const item = this.items.get(id) ?? { id, name, quantity, accessCode, tags, looks: this.looks };
    this.items.set(id, item);
    return item;
  }

  #start(itemId: string, key: string | undefined): string {
    const id = this.#once(key, 'job');
    if (!this.#jobs.has(id)) {
      this.#jobs.set(id, { id, itemId, looks: this.jobLooks });
    }
    return id;
  }

  #look(id: string): Answer {
    const job = this.#jobs.get(id);
    if (!job) {
      return { status: 404, body: { error: 'There is no such job' } };
    }
    job.looks -= 1;
    if (job.looks >= 0) {
      return { status: 200, body: { id, state: 'RUNNING' } };
    }
    if (this.areJobsFailing) {
      return { status: 200, body: { id, state: 'FAILED', reason: 'It is not empty' } };
    }
    this.items.delete(job.itemId);
    return { status: 200, body: { id, state: 'DONE' } };
  }

  /** A new id, or the one that was made for the key. */
  #once(key: string | undefined, kind: string): string {
    const known = key && this.#byKey.get(key);
    if (known) {
      return known;
    }
    this.#made += 1;
    const id = `${kind}-${this.#made}`;
    if (key) {
      this.#byKey.set(key, id);
    }
    return id;
  }

  #change(method: string | undefined, item: Item, body: object): Answer {
    if (method === 'PATCH') {
      const { quantity, accessCode, tags } = body as {
        quantity: number;
        accessCode: string;
        tags: { set: Record<string, string>; removed: string[] };
      };
      const kept = Object.entries(item.tags).filter(([key]) => !tags.removed.includes(key));
      Object.assign(item, { quantity, accessCode, tags: { ...Object.fromEntries(kept), ...tags.set } });
      return { status: 204 };
    }
    item.looks -= 1;
    return { status: 200, body: shown(item) };
  }

  #page(page: number): Answer {
    const all = [...this.items.values()];
    const items = all.slice(page * PAGE, (page + 1) * PAGE).map(shown);
    return {
      status: 200,
      body: { items, ...(all.length > (page + 1) * PAGE && { next: String(page + 1) }) },
    };
  }
}

/** The access code can only be written. */
function shown({ id, name, quantity, tags, looks }: Item) {
  return { id, name, quantity, tags, state: looks > 0 ? 'CREATING' : 'READY' };
}

async function bodyOf(request: IncomingMessage): Promise<Partial<Item>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString('utf8')) : {};
}
