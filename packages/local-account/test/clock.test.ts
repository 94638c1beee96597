import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LocalAccount } from '../src/account';
import { sleep, VirtualClock } from '../src/clock';
import { LambdaFunction, type LambdaOptions } from '../src/services/lambda/function';
import { packageOf, REGION, signedBy } from './support';

const HANDLER = `
const http = require('node:http');
const get = (url) => new Promise((resolve, reject) => http.request(url, (response) => {
  response.resume().on('end', () => resolve(response.statusCode));
}).on('error', reject).end());
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
exports.entrypoint = async ({ pauses = [], url, giveUpAfter, work }, context) => {
  const start = performance.now();
  for (const ms of pauses) await pause(ms);
  let answer;
  if (url) answer = await Promise.race([get(url), ...(giveUpAfter ? [pause(giveUpAfter).then(() => 'given up')] : [])]);
  for (const until = Date.now() + (work ?? 0); Date.now() < until;);
  return { took: performance.now() - start, remaining: context.getRemainingTimeInMillis(), answer };
};`;

const HOUR = 3_600_000;
let clock: VirtualClock;
let account: LocalAccount;
let functions: LambdaFunction[];

beforeEach(async () => {
  clock = new VirtualClock();
  account = await LocalAccount.start({ clock });
  functions = [];
});

afterEach(async () => {
  await Promise.all(functions.map((it) => it.close()));
  await account.close();
});

function start(options: Partial<LambdaOptions> = {}): LambdaFunction {
  const environment = account.functionEnvironment(REGION);
  const packageDirectory = packageOf(HANDLER);
  const handler = 'dist/handlers.entrypoint';
  const made = new LambdaFunction({ packageDirectory, handler, environment, clock, ...options });
  functions.push(made);
  return made;
}

test('a handler that waits for hours answers at once, and its clock shows the hours', async () => {
  const fn = start({ timeoutSeconds: 24 * 3600 });
  const { payload } = await fn.invoke({ pauses: [HOUR, 2 * HOUR] });
  expect(payload).toMatchObject({ took: 3 * HOUR, remaining: 21 * HOUR });
  expect(clock.now()).toBe(3 * HOUR);
});

test('work takes no time', async () => {
  const { payload } = await start().invoke({ work: 50 });
  expect(payload).toMatchObject({ took: 0, remaining: 60_000 });
});

test('time stands still while an answer is being sent, even slowly', async () => {
  const server = createServer((_, response) => setTimeout(() => response.end(), 100));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { payload } = await start().invoke({ url, giveUpAfter: 1 });
  expect(payload).toMatchObject({ took: 0, answer: 200 });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('time passes while the account keeps a request waiting', async () => {
  const fn = start();
  account.faults.add({ fault: { kind: 'delay', ms: 5000 } });
  expect(await fn.invoke({ url: account.endpoint })).toMatchObject({ payload: { took: 5000, answer: 403 } });
  account.faults.add({ fault: { kind: 'hang' } });
  const hung = await fn.invoke({ url: account.endpoint, giveUpAfter: 7000 });
  expect(hung).toMatchObject({ payload: { took: 7000, answer: 'given up' } });
});

test('a function that takes too long is ended by the same clock', async () => {
  const { payload } = await start({ timeoutSeconds: 3 }).invoke({ pauses: [3001] });
  expect(payload).toMatchObject({ errorType: 'Sandbox.Timedout' });
  expect(clock.now()).toBe(3000);
});

test('processes and timers of one clock run in the order of time', async () => {
  const order: string[] = [];
  const note = (what: string) => () => void order.push(`${what} at ${clock.now()}`);
  const [first, second] = [start(), start()];
  await Promise.all([
    first.invoke({ pauses: [20] }).then(note('first function')),
    second.invoke({ pauses: [10, 20] }).then(note('second function')),
    sleep(clock, 15).then(note('timer')),
  ]);
  expect(order).toEqual(['timer at 15', 'first function at 20', 'second function at 30']);
});

describe('an account or function that is closed', () => {
  test('starts no process and answers no invocation, even one that is waiting for a process', async () => {
    const fn = start();
    const running = fn.invoke({ url: account.endpoint, pauses: [] });
    const waiting = fn.invoke({});
    const refused = expect(waiting).rejects.toThrow('The function TypeFunction is closed.');
    account.faults.add({ fault: { kind: 'hang' } });
    await fn.close();
    await refused;
    await expect(running).resolves.toMatchObject({ functionError: 'Unhandled' });
    await expect(fn.invoke({})).rejects.toThrow('The function TypeFunction is closed.');
    expect(fn.pids).toEqual([]);
    expect(fn.started).toBe(1);
  });

  test('issues no credentials, and calls in progress have no effect', async () => {
    let proceed = () => {};
    const reached = new Promise<void>((resolve) => {
      account.observe(({ phase }) => {
        resolve();
        return phase === 'before' ? new Promise<void>((go) => (proceed = go)) : undefined;
      });
    });
    const headers = {
      ...signedBy(account.administrator(), 'ecs'),
      'x-amz-target': 'AmazonEC2ContainerServiceV20141113.PutAccountSetting',
    };
    const body = JSON.stringify({ name: 'awsvpcTrunking', value: 'enabled' });
    const call = fetch(account.endpoint, { method: 'POST', headers, body });
    const cut = expect(call).rejects.toThrow();
    await reached;
    await account.close();
    await cut;
    proceed();
    while (account.calls.at(-1)?.finishedAt === undefined) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(account.settings.entries()).toEqual([]);
    const assuming = account.assumeAsService('lambda.amazonaws.com', account.functionRoleArn);
    await expect(assuming).rejects.toThrow('The account 111122223333 is closed.');
  });
});

test('a program ends even if it does not close its account and functions', async () => {
  const program = `
    const { LocalAccount } = require('./account');
    const { LambdaFunction } = require('./services/lambda/function');
    (async () => {
      const account = await LocalAccount.start();
      const packageDirectory = ${JSON.stringify(packageOf(HANDLER))};
      const fn = new LambdaFunction({ packageDirectory, handler: 'dist/handlers.entrypoint', environment: {} });
      const { payload } = await fn.invoke({ url: account.endpoint });
      console.log(payload.answer);
    })();`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--require', 'tsx/cjs', '--eval', program],
    // Only so that a program that does not end is ended.
    { cwd: join(__dirname, '../src'), timeout: 300_000, killSignal: 'SIGKILL' },
  );
  expect(stdout.trim()).toBe('403');
});
