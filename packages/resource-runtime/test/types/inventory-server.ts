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
  /** How many calls were made since the last reset. */
  calls = 0;
  /** Called with the number of each call, from 1. */
  faultOf: (call: number) => Fault | undefined = () => undefined;
  /** How often a new item shows as being made. */
  looks = 1;

  readonly #byKey = new Map<string, Item>();
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
      this.calls += 1;
      const fault = this.faultOf(this.calls);
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
    this.items.clear();
    this.#byKey.clear();
    this.calls = 0;
    this.faultOf = () => undefined;
    this.looks = 1;
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
    const [, , id = ''] = pathname.split('/');
    if (method === 'POST') {
      return { status: 201, body: shown(this.#make(body, String(headers['idempotency-key']))) };
    }
    if (id === '') {
      return this.#page(Number(searchParams.get('page') ?? 0));
    }
    const item = this.items.get(id);
    return item ? this.#change(method, item, body) : { status: 404, body: { error: `There is no ${id}` } };
  }

  #make({ name = '', quantity = 0, accessCode = '', tags = {} }: Partial<Item>, key: string): Item {
    const known = this.#byKey.get(key);
    if (known && this.items.has(known.id)) {
      return known;
    }
    this.#made += 1;
    const item = { id: `item-${this.#made}`, name, quantity, accessCode, tags, looks: this.looks };
    this.items.set(item.id, item);
    if (key) {
      this.#byKey.set(key, item);
    }
    return item;
  }

  #change(method: string | undefined, item: Item, body: object): Answer {
    if (method === 'DELETE') {
      this.items.delete(item.id);
      return { status: 204 };
    }
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
