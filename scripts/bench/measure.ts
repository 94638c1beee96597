/** Helpers of the benchmark. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { CloudFormation, LambdaFunction } from 'local-account';
import { LOG_GROUP, REGION, type SampleAccount, TYPE_NAME } from '../../test/harness/sample-account';
import type { Variant } from './variants';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** How long a piece of work takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** How long a new process takes to `require` a variant's handler, in milliseconds. */
export function loadTime({ directory }: Variant): number {
  const script = 'const s = performance.now(); require(process.argv[1]); console.log(performance.now() - s)';
  const environment = { ...process.env, NODE_OPTIONS: '' };
  const handler = join(directory, 'dist/handlers.js');
  return Number(
    execFileSync(process.execPath, ['-e', script, handler], { env: environment, encoding: 'utf8' })
      .trim()
      .split('\n')
      .at(-1),
  );
}

/** A variant as a function in the account, and CloudFormation to invoke it. */
export interface Installed {
  readonly handlers: LambdaFunction;
  readonly cloudformation: CloudFormation;
}

/** Installs a variant; with logging, if it delivers logs. */
export function install(
  { account, handlerRoleArn, logRoleArn }: SampleAccount,
  { directory, delivers }: Variant,
  concurrency = 1,
): Installed {
  const handlers = new LambdaFunction({
    packageDirectory: __dirname,
    handler: 'measured.entrypoint',
    environment: { ...account.functionEnvironment(REGION), VARIANT: directory },
    concurrency,
  });
  const cloudformation = new CloudFormation({
    account,
    function: handlers,
    typeName: TYPE_NAME,
    region: REGION,
    schema: 'custom-ecs-roletrunking.json',
    executionRoleArn: handlerRoleArn,
    ...(delivers && { logging: { groupName: LOG_GROUP, roleArn: logRoleArn } }),
  });
  return { handlers, cloudformation };
}

/** Resident memory of a function's process, and the processor time that it has used. */
interface Usage {
  readonly bytes: number;
  readonly milliseconds: number;
}

/** What a function's process uses between invocations. Starts it and loads the handler if there is none. */
export async function usageOf(handlers: LambdaFunction): Promise<Usage> {
  const { payload } = await handlers.invoke({ usage: true });
  const { rss, cpu } = payload as { rss: number; cpu: NodeJS.CpuUsage };
  return { bytes: rss, milliseconds: (cpu.user + cpu.system) / 1000 };
}

/** More roles like the sample stack's instance role. @returns their ARNs */
export function createRoles(sample: SampleAccount, count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    sample.addInstanceRole(`managed-${String(index).padStart(4, '0')}`),
  );
}
