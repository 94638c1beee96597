// Runs in the function's process: loads the handler and answers invocations over IPC, one at a time. argv: the package's folder, the handler as Lambda names it, `file.export`, and `virtual` for a virtual clock.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as clock from './virtual-clock.mjs';

const [packageDirectory, handlerName, time] = process.argv.slice(2);
if (time === 'virtual') {
  clock.install((report) => process.send({ type: 'quiet', report }));
}
const dot = handlerName.lastIndexOf('.');
const path = join(packageDirectory, handlerName.slice(0, dot));
const file = ['.js', '.mjs', '.cjs'].map((extension) => path + extension).find((name) => existsSync(name));

let requestId;

function fail(errorType, error) {
  const payload = {
    errorType,
    errorMessage: String(error?.message ?? error),
    trace: [String(error?.stack ?? '')],
  };
  process.send({ type: 'crash', requestId, payload }, () => process.exit(1));
}

// Lambda ends the process on both, and reports the error.
process.on('uncaughtException', (error) => fail('Runtime.UncaughtException', error));
process.on('unhandledRejection', (reason) => fail('Runtime.UnhandledPromiseRejection', reason));

let handler;
try {
  if (!file) {
    throw new Error(`Cannot find module '${path}'`);
  }
  const module = await import(pathToFileURL(file).href);
  const name = handlerName.slice(dot + 1);
  handler = module[name] ?? module.default?.[name];
  if (typeof handler !== 'function') {
    throw new Error(`${handlerName} is undefined or not a function`);
  }
} catch (error) {
  fail('Runtime.ImportModuleError', error);
}

// The program that invokes it has ended.
process.on('disconnect', () => process.exit());

process.on('message', async (message) => {
  if (message.type === 'usage') {
    process.send({ type: 'usage', rss: process.memoryUsage.rss(), cpu: process.cpuUsage() });
    return;
  }
  if (message.type === 'advance') {
    clock.advance(message);
    return;
  }
  if (time === 'virtual') {
    clock.begin(message);
  }
  requestId = message.requestId;
  const deadline = performance.now() + message.timeoutMilliseconds;
  const context = {
    awsRequestId: requestId,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: '$LATEST',
    invokedFunctionArn: message.functionArn,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - performance.now()),
  };
  try {
    const payload = await handler(message.event, context);
    process.send({ type: 'result', requestId, payload: payload ?? null });
  } catch (error) {
    const name = error?.name ?? 'Error';
    const payload = {
      errorType: name,
      errorMessage: String(error?.message ?? error),
      trace: [String(error?.stack)],
    };
    process.send({ type: 'error', requestId, payload });
  } finally {
    clock.end();
  }
});

if (handler) {
  process.send({ type: 'ready' });
}
