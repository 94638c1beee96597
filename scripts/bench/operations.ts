/** The time that each operation takes, for each variant. */
import assert from 'node:assert/strict';
import type { Action } from 'local-account';
import type { SampleAccount } from '../../test/harness/sample-account';
import { type Installed, install, median, timed, usageOf } from './measure';
import type { Variant } from './variants';

const ROUNDS = 9;
/** Rounds that are not counted, in which the processes load and compile what they need. */
const WARM_UP = 5;
const FIRST_READS = 15;
/** Processor time is measured for blocks of consecutive reads of one variant. */
const BLOCK = 40;
const BLOCKS = 6;

export const OPERATIONS = ['create', 'read', 'update', 'delete'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** How often CloudFormation invokes the handler in each operation: our create has two steps. */
export const INVOCATIONS: Readonly<Record<Operation, number>> = { create: 2, read: 1, update: 1, delete: 1 };

/** Milliseconds by variant and operation. */
export type Timings = ReadonlyMap<Variant, Readonly<Record<Operation, number>>>;

/** Measures operations of warm processes. Each round runs all variants. @returns medians */
export async function measureOperations(
  sample: SampleAccount,
  variants: readonly Variant[],
): Promise<Timings> {
  const times = new Map(
    variants.map((variant) => [
      variant,
      { create: [], read: [], update: [], delete: [] } as Record<Operation, number[]>,
    ]),
  );
  const installed = variants.map((variant) => ({ variant, ...install(sample, variant) }));
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    for (const { variant, cloudformation } of installed) {
      for (const operation of OPERATIONS) {
        const time = await timed(() => operate(sample, { cloudformation }, operation));
        if (round >= 0) {
          times.get(variant)?.[operation].push(time);
        }
      }
    }
  }
  await Promise.all(installed.map(({ handlers }) => handlers.close()));
  return new Map(
    [...times].map(([variant, { create, read, update, delete: remove }]) => [
      variant,
      { create: median(create), read: median(read), update: median(update), delete: median(remove) },
    ]),
  );
}

/** Runs one operation on the sample's role. @throws AssertionError where it does not succeed. */
export async function operate(
  { instanceRoleArn }: SampleAccount,
  { cloudformation }: Pick<Installed, 'cloudformation'>,
  operation: Operation,
): Promise<void> {
  const properties = { RoleArn: instanceRoleArn, Trunking: operation === 'update' ? 'disabled' : 'enabled' };
  const { final } = await cloudformation.run(operation.toUpperCase() as Action, { properties });
  assert.equal(final.status, 'SUCCESS', `${operation}: ${final.message}`);
}

/** The calls to STS and ECS in each operation of a variant. */
export async function callsOf(sample: SampleAccount, variant: Variant): Promise<Record<Operation, string[]>> {
  const { account } = sample;
  const installed = install(sample, variant);
  const calls: Record<Operation, string[]> = { create: [], read: [], update: [], delete: [] };
  for (const operation of OPERATIONS) {
    account.calls.length = 0;
    await operate(sample, installed, operation);
    calls[operation] = account.calls
      .filter(({ service }) => service === 'sts' || service === 'ecs')
      .map((call) => call.operation);
  }
  await installed.handlers.close();
  return calls;
}

/** Measures the first read of processes that have loaded the handler. @returns medians in milliseconds */
export async function measureFirstReads(
  sample: SampleAccount,
  variants: readonly Variant[],
): Promise<ReadonlyMap<Variant, number>> {
  sample.setSetting('enabled');
  const times = new Map(variants.map((variant) => [variant, [] as number[]]));
  for (let round = 0; round < FIRST_READS; round += 1) {
    for (const variant of variants) {
      const installed = install(sample, variant);
      await usageOf(installed.handlers);
      times.get(variant)?.push(await timed(() => operate(sample, installed, 'read')));
      await installed.handlers.close();
    }
  }
  sample.setSetting(undefined);
  return new Map([...times].map(([variant, values]) => [variant, median(values)]));
}

/** Measures the processor time of a read in a warm process. @returns medians of all blocks, in milliseconds */
export async function measureProcessorTime(
  sample: SampleAccount,
  variants: readonly Variant[],
): Promise<ReadonlyMap<Variant, number>> {
  sample.setSetting('enabled');
  const installed = variants.map((variant) => ({
    variant,
    times: [] as number[],
    ...install(sample, variant),
  }));
  for (let block = 0; block < BLOCKS; block += 1) {
    for (const { times, handlers, cloudformation } of installed) {
      const before = await usageOf(handlers);
      for (let read = 0; read < BLOCK; read += 1) {
        await operate(sample, { cloudformation }, 'read');
      }
      const after = await usageOf(handlers);
      times.push((after.milliseconds - before.milliseconds) / BLOCK);
    }
  }
  await Promise.all(installed.map(({ handlers }) => handlers.close()));
  sample.setSetting(undefined);
  // The first block only warms up the process.
  return new Map(installed.map(({ variant, times }) => [variant, median(times.slice(1))]));
}
