import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { callHttp, type HttpRequest } from '../../src/calls/http';
import { shortenWaits } from '../../src/testing/brief-waits';
import { callerFor } from '../../src/testing/scripted-aws';

/* Calls to a service that is not AWS's, over HTTP. */

type Answer = { status: number; body?: string; headers?: Record<string, string> } | 'cut' | 'silence';

let server: Server;
let url: string;
let answers: Answer[];
let received: { method: string | undefined; body: string; contentType: string | undefined }[];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const { method, headers } = request;
    received.push({ method, body: Buffer.concat(chunks).toString(), contentType: headers['content-type'] });
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? 'cut';
    if (answer === 'cut') {
      request.socket.destroy();
    } else if (answer !== 'silence') {
      response.writeHead(answer.status, answer.headers).end(answer.body);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/items`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  answers = [];
  received = [];
});

afterEach(() => jest.restoreAllMocks());

const scope = callerFor();
const send = (request?: HttpRequest, own = scope) => callHttp(own, 'inventory:Call', url, request);

test('a request is sent as JSON, its answer is parsed, and the call is recorded', async () => {
  answers = [{ status: 201, body: '{"id":"i-1"}', headers: { location: '/items/i-1' } }];
  const own = callerFor();
  const { status, headers, body } = await send({ method: 'POST', body: { name: 'Lamp' } }, own);
  expect([status, headers.get('location'), body]).toEqual([201, '/items/i-1', { id: 'i-1' }]);
  expect(received).toEqual([{ method: 'POST', body: '{"name":"Lamp"}', contentType: 'application/json' }]);
  expect(own.calls).toEqual([
    { action: 'inventory:Call', attempts: 1, requestId: undefined, milliseconds: expect.any(Number) },
  ]);
});

test('an empty answer has no body', async () => {
  answers = [{ status: 204 }];
  expect((await send({ method: 'DELETE' })).body).toBeUndefined();
});

test.each([
  [400, 'invalid-parameter'],
  [401, 'credentials'],
  [403, 'denied'],
  [404, 'not-found'],
  [409, 'conflict'],
  [410, 'not-found'],
  [412, 'conflict'],
  [418, 'other'],
  [422, 'invalid-parameter'],
  [423, 'conflict'],
])('%i is %s at once, with the body in the message', async (status, kind) => {
  answers = [{ status, body: 'Why it failed' }];
  await expect(send()).rejects.toMatchObject({ kind, code: `HTTP ${status}`, message: 'Why it failed' });
  expect(received).toHaveLength(1);
});

test.each<[string, Answer, string]>([
  ['a 500', { status: 500 }, 'server'],
  ['a 408', { status: 408 }, 'server'],
  ['a page instead of JSON', { status: 200, body: '<html>' }, 'server'],
  ['a connection that ends', 'cut', 'network'],
])('%s is tried three times, unless the request could take effect twice', async (_, answer, kind) => {
  shortenWaits();
  answers = [answer];
  const requests: [HttpRequest, number][] = [
    [{}, 3],
    [{ method: 'POST', body: {} }, 1],
    [{ method: 'PATCH', body: {} }, 1],
    [{ method: 'POST', body: {}, isIdempotent: true }, 3],
  ];
  for (const [request, attempts] of requests) {
    received = [];
    await expect(send(request)).rejects.toMatchObject({ kind });
    expect(received).toHaveLength(attempts);
  }
});

test('a POST that is throttled has not taken effect, and is sent again', async () => {
  answers = [{ status: 429 }, { status: 201, body: '{}' }];
  expect((await send({ method: 'POST', body: {} })).status).toBe(201);
  expect(received).toHaveLength(2);
});

test('the service decides when it is called again, as far as the invocation allows', async () => {
  answers = [{ status: 429, headers: { 'retry-after': '0' } }, { status: 200 }];
  expect((await send()).status).toBe(200);
  answers = [{ status: 429, headers: { 'retry-after': '120' } }];
  received = [];
  await expect(send()).rejects.toMatchObject({ kind: 'throttled', details: { retryAfter: 120 } });
  expect(received).toHaveLength(1);
});

test.each(['1s', 's1'])('Retry-After: %s is not read', async (header) => {
  answers = [{ status: 503, headers: { 'retry-after': header } }];
  await expect(send({ method: 'POST' })).rejects.toMatchObject({ details: { retryAfter: undefined } });
});

test('a date in Retry-After is not read: the delays are those of the runtime', async () => {
  answers = [{ status: 503, headers: { 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT' } }, { status: 200 }];
  expect((await send()).status).toBe(200);
});

test('a connection that is refused is a failure of the network, not of the code', async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  await expect(callHttp(scope, 'inventory:Call', `http://127.0.0.1:${port}`)).rejects.toMatchObject({
    kind: 'network',
    code: 'ECONNREFUSED',
  });
});

test('a URL that is none is an error in the code', async () => {
  await expect(callHttp(scope, 'inventory:Call', 'not a URL')).rejects.toThrow('Failed to parse URL');
});

test('a redirect is not followed, since it could take credentials to another host', async () => {
  answers = [{ status: 302, headers: { location: url } }];
  expect((await send()).status).toBe(302);
  expect(received).toHaveLength(1);
});

test('an answer that does not begin in time is a failure of the network', async () => {
  answers = ['silence'];
  await expect(send({ method: 'POST' }, callerFor(400))).rejects.toMatchObject({ kind: 'network' });
});

test('the message has the beginning of the body, and says so where there is none', async () => {
  answers = [{ status: 400, body: 'x'.repeat(301) }, { status: 400 }];
  await expect(send()).rejects.toMatchObject({ message: 'x'.repeat(300) });
  await expect(send()).rejects.toMatchObject({ message: 'no message' });
});

test('a secret that a service repeats at the end of a long answer is redacted before the answer is cut', async () => {
  const own = callerFor();
  own.secrets.add('secret-of-the-caller');
  answers = [{ status: 400, body: `${'x'.repeat(290)}secret-of-the-caller` }];
  await expect(send({}, own)).rejects.toMatchObject({ message: expect.not.stringContaining('secret-of') });
});
