/** The rows of docs/benchmark.md: what is measured of each variant, the target, and whether it is met. */
import assert from 'node:assert/strict';
import type { SampleAccount } from '../../test/harness/sample-account';
import { runContractSuite } from '../contract/suite';
import { measureFlood } from './flood';
import { measureLargeAccount } from './large-account';
import { measureList } from './long-list';
import { timed } from './measure';
import {
  callsOf,
  INVOCATIONS,
  measureFirstReads,
  measureLoading,
  measureOperations,
  measureProcesses,
  measureProcessorTime,
  OPERATIONS,
} from './operations';
import { mb, ms, type Row, type ScaleRow, times } from './report';
import { OURS, packageSize, type Variant } from './variants';

/** How long each call to AWS takes, in milliseconds. */
export const LATENCY = 20;

interface Variants {
  readonly stock: Variant;
  readonly floor: Variant;
}

/** How long each operation takes. @throws AssertionError where the variants do not make the same calls. */
export async function compareOperations(sample: SampleAccount, { stock, floor }: Variants): Promise<Row[]> {
  // The comparison is fair only if the floor makes the same calls as we do.
  assert.deepEqual(await callsOf(sample, floor), await callsOf(sample, OURS));
  const time = await measureOperations(sample, [stock, floor, OURS]);
  return OPERATIONS.map((operation) => {
    const invocations = INVOCATIONS[operation];
    const isOne = invocations === 1;
    const ours = time(OURS, operation);
    const ratio = ours / (time(floor, operation) + invocations * LATENCY);
    const speedup = time(stock, operation) / ours;
    return {
      what: isOne ? operation : `${operation}, in ${invocations} invocations`,
      target: `≤ 1.1 × (floor + ${isOne ? 'one round trip' : `${invocations} round trips`}), ≥ 10 × faster than stock`,
      stock: ms(time(stock, operation)),
      floor: ms(time(floor, operation)),
      ours: `${ms(ours)} (${times(ratio)}, ${times(speedup)})`,
      met: ratio <= 1.1 && speedup >= 10,
    };
  });
}

/** How long the first read of a process takes. */
export async function compareFirstReads(sample: SampleAccount, { stock, floor }: Variants): Promise<Row> {
  const time = await measureFirstReads(sample, [stock, floor, OURS]);
  const ratio = time(OURS, 'read') / (time(floor, 'read') + LATENCY);
  return {
    what: 'first read of a process',
    target: '≤ 1.25 × (floor + one round trip)',
    stock: ms(time(stock, 'read')),
    floor: ms(time(floor, 'read')),
    ours: `${ms(time(OURS, 'read'))} (${times(ratio)})`,
    met: ratio <= 1.25,
  };
}

/** How much processor time a warm read takes. */
export async function compareProcessorTime(sample: SampleAccount, { floor }: Variants): Promise<Row> {
  const time = await measureProcessorTime(sample, [floor, OURS]);
  const ratio = time(OURS, 'read') / time(floor, 'read');
  return {
    what: 'processor time of a warm read',
    target: '≤ 1.5 × the floor',
    // Hundreds of reads, each of which would sleep for two seconds.
    stock: 'not measured',
    floor: ms(time(floor, 'read')),
    ours: `${ms(time(OURS, 'read'))} (${times(ratio)})`,
    met: ratio <= 1.5,
  };
}

/** What a process costs, and how large the package is. */
export async function compareProcesses(sample: SampleAccount, { stock, floor }: Variants): Promise<Row[]> {
  const loading = await measureLoading([stock, floor, OURS]);
  const reading = await measureProcesses(sample, [stock, floor, OURS]);
  const load = (variant: Variant) => loading(variant, 'load');
  const stored = (variant: Variant) => packageSize(variant).bytes;
  const files = (variant: Variant) => packageSize(variant).files;
  const memory = (variant: Variant) => reading(variant, 'bytes');
  const calls = (variant: Variant) => reading(variant, 'calls');
  const row = (
    what: string,
    target: string,
    quantity: (variant: Variant) => number,
    format: (value: number) => string,
    met: boolean,
  ): Row => {
    const figure = (variant: Variant) => format(quantity(variant));
    return { what, target, stock: figure(stock), floor: figure(floor), ours: figure(OURS), met };
  };
  const isQuick = load(OURS) <= 1.5 * load(floor) && load(stock) >= 4 * load(OURS);
  const isSmall = memory(OURS) <= 1.15 * memory(floor);
  return [
    row('loading the handler', '≤ 1.5 × the floor, ≥ 4 × faster than stock', load, ms, isQuick),
    row('package, stored', '≤ 0.6 MB', stored, mb, stored(OURS) <= 6e5),
    row('files in the package', '≤ 3', files, String, files(OURS) <= 3),
    row('resident memory after one read', '≤ 1.15 × the floor', memory, mb, isSmall),
    row('AWS calls in one read', '≤ 4', calls, String, calls(OURS) <= 4),
  ];
}

/** A flood, a long list, the doctor and the contract suite. @throws AssertionError for a wrong outcome. */
export async function measureScale(): Promise<ScaleRow[]> {
  console.log('Measuring a flood …');
  const flood = await measureFlood(LATENCY);
  console.log('Measuring a long list …');
  const list = await measureList(LATENCY);
  console.log('Measuring the doctor in a large account …');
  const large = await measureLargeAccount(LATENCY);
  console.log('Running the contract suite …');
  const contractTime = await timed(async () => {
    const { passed, failed } = await runContractSuite({ directory: process.cwd() });
    assert.deepEqual({ passed, failed }, { passed: 13, failed: 0 });
  });
  const contract = {
    what: '`cfn test`, 13 passed',
    target: 'under 8 s',
    result: `${(contractTime / 1000).toFixed(1)} s`,
    met: contractTime < 8000,
  };
  return [flood, list, large, contract];
}
