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
  measureOperations,
  measureProcessorTime,
  OPERATIONS,
} from './operations';
import { measureProcesses } from './process';
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
  const timings = await measureOperations(sample, [stock, floor, OURS]);
  return OPERATIONS.map((operation) => {
    const timeOf = (variant: Variant) => timings.get(variant)?.[operation] ?? Number.NaN;
    const invocations = INVOCATIONS[operation];
    const least = timeOf(floor) + invocations * LATENCY;
    const ratio = timeOf(OURS) / least;
    const speedup = timeOf(stock) / timeOf(OURS);
    return {
      what: invocations === 1 ? operation : `${operation}, in ${invocations} invocations`,
      target: `≤ 1.1 × (floor + ${invocations === 1 ? 'one round trip' : `${invocations} round trips`}), ≥ 10 × faster than stock`,
      stock: ms(timeOf(stock)),
      floor: ms(timeOf(floor)),
      ours: `${ms(timeOf(OURS))} (${times(ratio)}, ${times(speedup)})`,
      met: ratio <= 1.1 && speedup >= 10,
    };
  });
}

/** How long the first read of a process takes. */
export async function compareFirstReads(sample: SampleAccount, { stock, floor }: Variants): Promise<Row> {
  const timings = await measureFirstReads(sample, [stock, floor, OURS]);
  const timeOf = (variant: Variant) => timings.get(variant) ?? Number.NaN;
  const ratio = timeOf(OURS) / (timeOf(floor) + LATENCY);
  return {
    what: 'first read of a process',
    target: '≤ 1.25 × (floor + one round trip)',
    stock: ms(timeOf(stock)),
    floor: ms(timeOf(floor)),
    ours: `${ms(timeOf(OURS))} (${times(ratio)})`,
    met: ratio <= 1.25,
  };
}

/** How much processor time a warm read takes. */
export async function compareProcessorTime(sample: SampleAccount, { floor }: Variants): Promise<Row> {
  const timings = await measureProcessorTime(sample, [floor, OURS]);
  const timeOf = (variant: Variant) => timings.get(variant) ?? Number.NaN;
  const ratio = timeOf(OURS) / timeOf(floor);
  return {
    what: 'processor time of a warm read',
    target: '≤ 1.5 × the floor',
    // Hundreds of reads, each of which would sleep for two seconds.
    stock: 'not measured',
    floor: ms(timeOf(floor)),
    ours: `${ms(timeOf(OURS))} (${times(ratio)})`,
    met: ratio <= 1.5,
  };
}

/** What a process costs, and how large the package is. */
export async function compareProcesses(sample: SampleAccount, { stock, floor }: Variants): Promise<Row[]> {
  const costs = await measureProcesses(sample, [stock, floor, OURS]);
  const costOf = (variant: Variant) => {
    const cost = costs.get(variant);
    assert.ok(cost);
    return { ...cost, package: packageSize(variant) };
  };
  const [ofStock, ofFloor, ours] = [costOf(stock), costOf(floor), costOf(OURS)];
  const row = (
    what: string,
    target: string,
    quantity: (cost: typeof ours) => number,
    format: (value: number) => string,
    met: boolean,
  ): Row => ({
    what,
    target,
    stock: format(quantity(ofStock)),
    floor: format(quantity(ofFloor)),
    ours: format(quantity(ours)),
    met,
  });
  const isQuick = ours.load <= 1.5 * ofFloor.load && ofStock.load >= 4 * ours.load;
  const isSmall = ours.bytes <= 1.15 * ofFloor.bytes;
  return [
    row('loading the handler', '≤ 1.5 × the floor, ≥ 4 × faster than stock', ({ load }) => load, ms, isQuick),
    row('package, stored', '≤ 0.6 MB', (cost) => cost.package.bytes, mb, ours.package.bytes <= 6e5),
    row('files in the package', '≤ 3', (cost) => cost.package.files, String, ours.package.files <= 3),
    row('resident memory after one read', '≤ 1.15 × the floor', ({ bytes }) => bytes, mb, isSmall),
    row('AWS calls in one read', '≤ 4', ({ calls }) => calls, String, ours.calls <= 4),
  ];
}

/** A flood, a long list and the contract suite. @throws AssertionError for a wrong outcome. */
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
  return [
    {
      what: `${flood.count.toLocaleString('en')} creates, ${flood.concurrency} at a time, ECS admitting ${flood.ecsRate} and STS ${flood.stsRate} requests/s`,
      target: 'all `SUCCESS`, none lost, ≤ 1.3 × what the rate allows',
      result: `all, none, ${flood.seconds.toFixed(1)} s of ${flood.least.toFixed(1)} s (${times(flood.seconds / flood.least)})`,
      met: flood.seconds <= 1.3 * flood.least,
    },
    {
      what: `list of ${list.count.toLocaleString('en')} roles, ${list.managed} of them managed, ${list.foreign} without the tag that trust their account's root, IAM admitting ${list.iamRate} requests/s`,
      target: 'no role without the tag assumed, no page over 10 s, memory flat',
      result: `none, ${list.pages} pages of at most ${ms(list.longest)}, memory in the last ten ${times(list.growth)} that in the first ten (second list of the process)`,
      met: list.longest <= 10_000 && list.growth <= 1.1,
    },
    {
      what: `doctor: ${large.clusters} clusters, ${large.instances.toLocaleString('en')} instances, ${large.calls.toLocaleString('en')} calls, AWS admitting what it documents`,
      target: 'no call throttled, ≤ 1.3 × what the rates allow, memory flat',
      result: `${large.throttled === 0 ? 'none' : large.throttled}, ${large.seconds.toFixed(1)} s of ${large.least.toFixed(1)} s (${times(large.seconds / large.least)}), memory in the last tenth ${times(large.growth)} that in the second tenth`,
      met: large.throttled === 0 && large.seconds <= 1.3 * large.least && large.growth <= 1.1,
    },
    {
      what: '`cfn test`, 13 passed',
      target: 'under 8 s',
      result: `${(contractTime / 1000).toFixed(1)} s`,
      met: contractTime < 8000,
    },
  ];
}
