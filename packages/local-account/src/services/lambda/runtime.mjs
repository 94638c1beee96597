// Runs in the function's process: loads the handler and answers invocations over IPC, one at a time.
// argv: the package's folder, the handler as Lambda names it, `file.export`, and `virtual` for a virtual clock.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as clock from './virtual-clock.mjs';

const [packageDirectory, handlerName, time] = process.argv.slice(2);
if (time === 'virtual') {
  clock.install((report) => process.send({ type: 'quiet', report }));
}

/** An error as Lambda reports it. */
function described(error, errorType = error?.name ?? 'Error') {
  return { errorType, errorMessage: String(error?.message ?? error), trace: [String(error?.stack ?? '')] };
}

/** Reports the error and ends the process, as Lambda does. Never resolves. */
function crash(errorType, error) {
  return new Promise(() => {
    process.send({ type: 'crash', payload: described(error, errorType) }, () => process.exit(1));
  });
}

async function load() {
  const dot = handlerName.lastIndexOf('.');
  const path = join(packageDirectory, handlerName.slice(0, dot));
  const file = ['.js', '.mjs', '.cjs'].map((extension) => path + extension).find((name) => existsSync(name));
  if (!file) {
    throw new Error(`Cannot find module '${path}'`);
  }
  const module = await import(pathToFileURL(file).href);
  const name = handlerName.slice(dot + 1);
  const handler = module[name] ?? module.default?.[name];
  if (typeof handler !== 'function') {
    throw new Error(`${handlerName} is undefined or not a function`);
  }
  return handler;
}

async function invoke({ requestId, event, timeoutMilliseconds }) {
  const deadline = performance.now() + timeoutMilliseconds;
  const context = {
    awsRequestId: requestId,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: '$LATEST',
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    getRemainingTimeInMillis: () => Math.max(0, deadline - performance.now()),
  };
  try {
    return { payload: (await handler(event, context)) ?? null };
  } catch (error) {
    return { payload: described(error), functionError: 'Unhandled' };
  }
}

process.on('uncaughtException', (error) => crash('Runtime.UncaughtException', error));
process.on('unhandledRejection', (reason) => crash('Runtime.UnhandledPromiseRejection', reason));
// A terminal sends Ctrl-C to this process too. When it ends is decided by the program that invokes it.
process.on('SIGINT', () => {});
// The program that invokes it has ended.
process.on('disconnect', () => process.exit());

const handler = await load().catch((error) => crash('Runtime.ImportModuleError', error));

process.on('message', async (message) => {
  if (message.type === 'advance') {
    clock.advance(message);
    return;
  }
  if (time === 'virtual') {
    clock.begin(message);
  }
  process.send({ type: 'result', result: await invoke(message) });
  clock.end();
});
