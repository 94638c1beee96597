import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Gateway } from './gateway';
import { serve } from './pipeline';
import type { HttpRequest } from './protocols/protocol';

/** The account's HTTP endpoint on loopback. Port 0 means a free one. @throws Error when the port is in use. */
export async function listen(gateway: Gateway, port: number): Promise<Server> {
  const requestCounts = new WeakMap<Socket, number>();
  // Closing a connection while a request is on its way would be a fault that no test asked for.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    const { socket } = request;
    const count = (requestCounts.get(socket) ?? 0) + 1;
    requestCounts.set(socket, count);
    answer(gateway, `${socket.remotePort}#${count}`, request, response).catch((error: unknown) => {
      // A fault of this account: it must show, not look like AWS.
      console.error('local account:', error);
      response.writeHead(500, { 'content-type': 'text/plain' }).end(`local account: ${String(error)}`);
    });
  });
  // An account alone keeps no program from ending.
  server.unref().on('connection', (socket: Socket) => socket.unref());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

async function answer(
  gateway: Gateway,
  id: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const outcome = await serve(gateway, id, await receive(request));
  if (!outcome) {
    request.socket.destroy();
    return;
  }
  const { status, headers, body } = outcome;
  response.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
}

async function receive(request: IncomingMessage): Promise<HttpRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  const { method = 'GET', url = '/', headers } = request;
  return { method, url, headers, body: Buffer.concat(chunks) };
}
