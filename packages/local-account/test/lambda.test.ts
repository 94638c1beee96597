import { setImmediate } from 'node:timers/promises';
import { LocalAccount } from '../src/account';
import { VirtualClock } from '../src/clock';
import { LambdaFunction, type LambdaOptions } from '../src/services/lambda/function';
import { packageOf, REGION, signedBy } from './support';

const HANDLER = `
let count = 0;
exports.entrypoint = async (event, context) => {
  count += 1;
  if (event.do === 'exit') process.exit(3);
  if (event.do === 'throw') throw new TypeError('thrown');
  if (event.do === 'reject') { Promise.reject(new Error('rejected')); await new Promise(() => {}); }
  if (event.do === 'hang') console.log('hanging');
  if (event.do === 'hang') await new Promise(() => setInterval(() => {}, 1000));
  if (event.do === 'wait') await new Promise((resolve) => setTimeout(resolve, 100));
  console.log('line ' + count);
  return { count, pid: process.pid, env: process.env, remaining: context.getRemainingTimeInMillis(),
    id: context.awsRequestId, name: context.functionName, memory: context.memoryLimitInMB, node: process.version };
};`;

/** What the handler returns. */
interface Answer {
  count: number;
  pid: number;
  env: Record<string, string>;
  remaining: number;
  id: string;
}

let account: LocalAccount;
let fn: LambdaFunction;
const packageDirectory = packageOf(HANDLER);

function start(options: Partial<LambdaOptions> = {}): LambdaFunction {
  const environment = account.functionEnvironment(REGION);
  fn = new LambdaFunction({ packageDirectory, handler: 'dist/handlers.entrypoint', environment, ...options });
  return fn;
}
/** The first lines of output. They come by another way than the answer, and can be later. */
async function output(lines: number): Promise<readonly string[]> {
  while (fn.output.length < lines) {
    await setImmediate();
  }
  return fn.output;
}
const answer = async (event: unknown) => (await fn.invoke(event)).payload as Answer;

beforeAll(async () => {
  account = await LocalAccount.start();
});
afterEach(() => fn.close());
afterAll(() => account.close());

test('one process is kept warm and gets Lambda’s context', async () => {
  start({ timeoutSeconds: 30, clock: new VirtualClock() });
  const first = await answer({});
  const second = await answer({});
  expect(second).toMatchObject({ count: 2, pid: first.pid, name: 'TypeFunction', memory: '256' });
  expect(second.id).not.toBe(first.id);
  expect(second.remaining).toBe(30_000);
  expect(fn.pids).toEqual([first.pid]);
  expect(await output(2)).toEqual(['line 1', 'line 2']);
});

test('the environment is the account’s, with credentials without permissions, and nothing of this process', async () => {
  process.env.OF_OURS = 'secret';
  start();
  const { env } = await answer({});
  expect(env).toMatchObject({ AWS_ENDPOINT_URL: account.endpoint, AWS_REGION: REGION });
  expect(env).not.toHaveProperty('OF_OURS');
  expect(
    account.sessions.find(env.AWS_ACCESS_KEY_ID ?? '', env.AWS_SESSION_TOKEN ?? '').identity,
  ).toMatchObject({ role: { arn: account.functionRoleArn, inlinePolicies: [], managedPolicyArns: [] } });
});

test('an error that the handler throws is Unhandled and leaves the process alive', async () => {
  start();
  expect(await fn.invoke({ do: 'throw' })).toMatchObject({
    functionError: 'Unhandled',
    payload: { errorType: 'TypeError', errorMessage: 'thrown' },
  });
  expect(await answer({})).toMatchObject({ count: 2 });
});

test.each([
  ['exit', 'Runtime.ExitError'],
  ['reject', 'Runtime.UnhandledPromiseRejection'],
])('a process that ends by %s is reported and replaced', async (what, errorType) => {
  start();
  expect(await fn.invoke({ do: what })).toMatchObject({ functionError: 'Unhandled', payload: { errorType } });
  expect(await answer({})).toMatchObject({ count: 1 });
  expect(fn.started).toBe(2);
});

test('an invocation that takes too long is ended', async () => {
  start({ timeoutSeconds: 0.3, clock: new VirtualClock() });
  const result = await fn.invoke({ do: 'hang' });
  expect(result).toMatchObject({ functionError: 'Unhandled', payload: { errorType: 'Sandbox.Timedout' } });
  expect(await answer({})).toMatchObject({ count: 1 });
});

test('a process can be killed in the middle of an invocation', async () => {
  start();
  const { pid } = await answer({});
  const hanging = fn.invoke({ do: 'hang' });
  expect(await output(2)).toEqual(['line 1', 'hanging']);
  fn.kill();
  expect(await hanging).toMatchObject({
    functionError: 'Unhandled',
    payload: { errorMessage: 'Runtime exited with error: signal SIGKILL' },
  });
  expect((await answer({})).pid).not.toBe(pid);
});

test('a process handles one event at a time; concurrency allows more processes', async () => {
  start();
  const wait = { do: 'wait' };
  const serial = await Promise.all([answer(wait), answer({}), answer({})]);
  expect(serial.map(({ count }) => count)).toEqual([1, 2, 3]);
  expect(fn.started).toBe(1);
  await fn.close();
  start({ concurrency: 2 });
  const parallel = await Promise.all([answer(wait), answer(wait), answer(wait)]);
  expect(new Set(parallel.map(({ pid }) => pid)).size).toBe(2);
});

test.each([
  ['handler that cannot be loaded', { handler: 'dist/none.entrypoint' }, 'Runtime.ImportModuleError'],
  ['process that cannot be started', { packageDirectory: '/nowhere' }, 'Runtime.ExitError'],
])('a %s is reported', async (_, options, errorType) => {
  start(options);
  expect(await fn.invoke({})).toMatchObject({ functionError: 'Unhandled', payload: { errorType } });
});

test('the Lambda Invoke API runs the function for callers who may invoke it, and marks unhandled errors', async () => {
  account.functions.set('TypeFunction', start());
  const invoke = (name: string, body: string, caller = account.administrator()) =>
    fetch(`${account.endpoint}/2015-03-31/functions/${name}/invocations`, {
      method: 'POST',
      body,
      headers: signedBy(caller, 'lambda'),
    });
  expect((await invoke('TypeFunction', '{}', account.createUser('Anyone'))).status).toBe(400);
  expect(account.calls.at(-1)?.errorCode).toBe('AccessDeniedException');
  const good = await invoke('TypeFunction', '{}');
  expect([good.status, good.headers.get('x-amz-function-error')]).toEqual([200, null]);
  expect(await good.json()).toMatchObject({ count: 1 });
  const bad = await invoke('TypeFunction', '{"do":"throw"}');
  expect([bad.status, bad.headers.get('x-amz-function-error')]).toEqual([200, 'Unhandled']);
  expect(await bad.json()).toMatchObject({ errorMessage: 'thrown' });
  expect((await invoke('Other', '{}')).status).toBe(404);
  expect(account.calls.at(-1)).toMatchObject({ service: 'lambda', parameters: { FunctionName: 'Other' } });
});
