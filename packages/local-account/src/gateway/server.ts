import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Gateway } from './gateway';
import { serve } from './pipeline';

/**
 * What HTTP alone would refuse is a service's to answer, in its protocol: names of objects and functions are in the URL,
 * which counts as a header, and clients put any character into headers.
 */
const LENIENT = { maxHeaderSize: 1_000_000, insecureHTTPParser: true };

/** An HTTP endpoint that listens: its URL, `http://127.0.0.1:<port>`, and what closes it and cuts all connections. */
export type Endpoint = Awaited<ReturnType<typeof listen>>;

/** An endpoint on loopback. Port 0 means a free one. @throws Error when the port is in use. */
export async function listen(gateway: Gateway, port: number) {
  const requestCounts = new WeakMap<Socket, number>();
  // Closing a connection while a request is on its way would be a fault that no test asked for.
  const server = createServer({ keepAliveTimeout: 0, ...LENIENT }, (request, response) => {
    const { socket } = request;
    const count = (requestCounts.get(socket) ?? 0) + 1;
    requestCounts.set(socket, count);
    answer(gateway, `${socket.remotePort}#${count}`, request, response).catch((error: unknown) => {
      // An error of the local account, not an answer of AWS: report it.
      console.error('local account:', error);
      response.writeHead(500, { 'content-type': 'text/plain' }).end(`local account: ${String(error)}`);
    });
  });
  // The server alone does not keep the process running.
  server.unref().on('connection', (socket: Socket) => socket.unref());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(gateway: Gateway, id: string, request: IncomingMessage, response: ServerResponse) {
  const { method = 'GET', url = '/', headers } = request;
  const outcome = await serve(gateway, id, { method, url, headers, body: await buffer(request) });
  if (outcome) {
    const { status, headers, body } = outcome;
    response.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
  } else {
    request.socket.destroy();
  }
}
