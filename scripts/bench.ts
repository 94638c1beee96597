/**
 * Compares the built package with a package written in the stock way and with the SDK's clients alone, and writes
 * docs/benchmark.md with its chart. A benchmark, not a test: it fails on a wrong outcome, never on a time.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { startSampleAccount } from '../test/harness/sample-account';
import {
  compareFirstReads,
  compareOperations,
  compareProcesses,
  compareProcessorTime,
  LATENCY,
  measureScale,
} from './bench/compare';
import { chart, render } from './bench/report';
import { buildFloor, buildStock } from './bench/variants';
import { runCommand } from './command-line/command';
import { bundle } from './packaging/bundle';
import { pythonEnvironment } from './python/environment';

async function benchmark(): Promise<void> {
  console.log('Building the stock variant in a temporary folder …');
  const variants = { stock: await buildStock(), floor: await buildFloor() };
  const sample = await startSampleAccount({ latencyMs: LATENCY });
  console.log('Measuring operations …');
  const rows = [
    ...(await compareOperations(sample, variants)),
    await compareFirstReads(sample, variants),
    await compareProcessorTime(sample, variants),
  ];
  console.log('Measuring what a process costs …');
  rows.push(...(await compareProcesses(sample, variants)));
  await sample.close();
  const scale = await measureScale();
  for (const { directory } of [variants.stock, variants.floor]) {
    rmSync(directory, { recursive: true });
  }
  const report = render(rows, scale, LATENCY);
  writeFileSync('docs/benchmark.md', report);
  writeFileSync('docs/benchmark.svg', chart(rows));
  console.log(`\n${report}`);
}

const BENCH = {
  name: 'bench',
  summary:
    "Builds the handlers, compares them with the stock way and with the SDK's clients alone, and writes docs/benchmark.md.",
} as const;

void runCommand(BENCH, async () => {
  // Installed now, so that the installation does not count as time of the contract suite.
  pythonEnvironment();
  await bundle(process.cwd());
  await benchmark();
  return 0;
});
