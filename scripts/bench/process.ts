/** What a process of a variant costs: load time, memory after a read, and the AWS calls of a read. */
import type { SampleAccount } from '../../test/harness/sample-account';
import { install, loadTime, median, usageOf } from './measure';
import { operate } from './operations';
import type { Variant } from './variants';

const ROUNDS = 5;

/** Medians of one variant. */
export interface ProcessCost {
  /** Milliseconds to load the handler. */
  readonly load: number;
  /** Resident bytes after one read. */
  readonly bytes: number;
  /** AWS calls of one read, telemetry included. */
  readonly calls: number;
}

/** Measures all variants in each round. @returns medians */
export async function measureProcesses(
  sample: SampleAccount,
  variants: readonly Variant[],
): Promise<ReadonlyMap<Variant, ProcessCost>> {
  const samples = new Map(variants.map((variant) => [variant, [] as ProcessCost[]]));
  sample.setSetting('enabled');
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const variant of variants) {
      const { bytes, calls } = await measureRead(sample, variant);
      // Two processes that only load the handler, since they are quick.
      for (const load of [loadTime(variant), loadTime(variant)]) {
        samples.get(variant)?.push({ load, bytes, calls });
      }
    }
  }
  sample.setSetting(undefined);
  const medianOf = (costs: readonly ProcessCost[], quantity: keyof ProcessCost) =>
    median(costs.map((cost) => cost[quantity]));
  return new Map(
    [...samples].map(([variant, costs]) => [
      variant,
      {
        load: medianOf(costs, 'load'),
        bytes: medianOf(costs, 'bytes'),
        calls: medianOf(costs, 'calls'),
      },
    ]),
  );
}

async function measureRead(sample: SampleAccount, variant: Variant) {
  const installed = install(sample, variant);
  sample.account.calls.length = 0;
  await operate(sample, installed, 'read');
  const calls = sample.account.calls.length;
  const { bytes } = await usageOf(installed.handlers);
  await installed.handlers.close();
  return { bytes, calls };
}
