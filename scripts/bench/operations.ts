/** What each variant's operations and processes take. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Action } from 'local-account';
import type { SampleAccount } from '../../test/harness/sample-account';
import { type Installed, install, type Medians, measureInRounds, timed, usageOf } from './measure';
import type { Variant } from './variants';

export const OPERATIONS = ['create', 'read', 'update', 'delete'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** How often CloudFormation invokes the handler in each operation: our create has two steps. */
export const INVOCATIONS: Readonly<Record<Operation, number>> = { create: 2, read: 1, update: 1, delete: 1 };

/** Processor time is measured for blocks of consecutive reads of one variant. */
const BLOCK = 40;

/** Measures operations of warm processes, in milliseconds. */
export function measureOperations(
  sample: SampleAccount,
  variants: readonly Variant[],
): Promise<Medians<Operation>> {
  return withInstalled(sample, variants, (installed) =>
    measureInRounds(variants, { counted: 9, uncounted: 5 }, async (variant) => {
      const time = (operation: Operation) => timed(() => operate(sample, installed(variant), operation));
      return {
        create: await time('create'),
        read: await time('read'),
        update: await time('update'),
        delete: await time('delete'),
      };
    }),
  );
}

/** Measures the first read of processes that have loaded the handler, in milliseconds. */
export function measureFirstReads(
  sample: SampleAccount,
  variants: readonly Variant[],
): Promise<Medians<'read'>> {
  return withSetting(sample, () =>
    measureInRounds(variants, { counted: 15 }, async (variant) => {
      const installed = install(sample, variant);
      await usageOf(installed.handlers);
      const read = await timed(() => operate(sample, installed, 'read'));
      await installed.handlers.close();
      return { read };
    }),
  );
}

/** Measures the processor time of a read in a warm process, in milliseconds. */
export function measureProcessorTime(
  sample: SampleAccount,
  variants: readonly Variant[],
): Promise<Medians<'read'>> {
  return withSetting(sample, () =>
    withInstalled(sample, variants, (installed) =>
      measureInRounds(variants, { counted: 5, uncounted: 1 }, async (variant) => {
        const { handlers } = installed(variant);
        const before = await usageOf(handlers);
        for (let read = 0; read < BLOCK; read += 1) {
          await operate(sample, installed(variant), 'read');
        }
        const after = await usageOf(handlers);
        return { read: (after.milliseconds - before.milliseconds) / BLOCK };
      }),
    ),
  );
}

/** Measures how long a new process takes to `require` a variant's handler, in milliseconds. */
export function measureLoading(variants: readonly Variant[]): Promise<Medians<'load'>> {
  const script = 'const s = performance.now(); require(process.argv[1]); console.log(performance.now() - s)';
  const env = { ...process.env, NODE_OPTIONS: '' };
  return measureInRounds(variants, { counted: 10 }, async ({ directory }) => {
    const args = ['-e', script, join(directory, 'dist/handlers.js')];
    const printed = execFileSync(process.execPath, args, { env, encoding: 'utf8' });
    return { load: Number(printed.trim().split('\n').at(-1)) };
  });
}

/** Measures the resident bytes of a process after one read, and the AWS calls of that read, telemetry included. */
export function measureProcesses(
  sample: SampleAccount,
  variants: readonly Variant[],
): Promise<Medians<'bytes' | 'calls'>> {
  const { account } = sample;
  return withSetting(sample, () =>
    measureInRounds(variants, { counted: 5 }, async (variant) => {
      const installed = install(sample, variant);
      account.calls.length = 0;
      await operate(sample, installed, 'read');
      const calls = account.calls.length;
      const { bytes } = await usageOf(installed.handlers);
      await installed.handlers.close();
      return { bytes, calls };
    }),
  );
}

/** The calls to STS and ECS in each operation of a variant. */
export async function callsOf(sample: SampleAccount, variant: Variant): Promise<string[][]> {
  const { account } = sample;
  const installed = install(sample, variant);
  const calls: string[][] = [];
  for (const operation of OPERATIONS) {
    account.calls.length = 0;
    await operate(sample, installed, operation);
    const made = account.calls.filter(({ service }) => service === 'sts' || service === 'ecs');
    calls.push(made.map((call) => call.operation));
  }
  await installed.handlers.close();
  return calls;
}

/** Runs one operation on the sample's role. @throws AssertionError where it does not succeed. */
async function operate(
  { instanceRoleArn }: SampleAccount,
  { cloudformation }: Installed,
  operation: Operation,
): Promise<void> {
  const properties = { RoleArn: instanceRoleArn, Trunking: operation === 'update' ? 'disabled' : 'enabled' };
  const { final } = await cloudformation.run(operation.toUpperCase() as Action, { properties });
  assert.equal(final.status, 'SUCCESS', `${operation}: ${final.message}`);
}

/** Installs the variants for as long as some work takes, so that their processes are warm. */
async function withInstalled<Result>(
  sample: SampleAccount,
  variants: readonly Variant[],
  work: (installed: (variant: Variant) => Installed) => Promise<Result>,
): Promise<Result> {
  const installed = new Map(variants.map((variant) => [variant, install(sample, variant)]));
  const result = await work((variant) => installed.get(variant) ?? assert.fail(variant.name));
  await Promise.all([...installed.values()].map(({ handlers }) => handlers.close()));
  return result;
}

/** Sets the sample's role to `enabled` for as long as some work takes. */
async function withSetting<Result>(sample: SampleAccount, work: () => Promise<Result>): Promise<Result> {
  sample.setSetting('enabled');
  const result = await work();
  sample.setSetting(undefined);
  return result;
}
