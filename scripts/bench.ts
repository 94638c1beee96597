/**
 * Compares the built package with one written the stock way and with the two SDK clients alone, and writes
 * docs/benchmark.md. A benchmark, not a test: it fails on a wrong outcome, never on a time.
 */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { REGION, type SampleAccount, startSampleAccount } from '../local/sample-account';
import { createRoles, install, loadTime, median, timed } from './bench/measure';
import { buildStock, buildTwoClients, OURS, packageSize, type Variant } from './bench/variants';
import { bundle } from './bundle';
import { runCommand } from './command';
import { runContractSuite } from './contract-suite';

const LATENCY = 20;
const ROUNDS = 5;

/** A line of the table: what was measured, what should come of it, what came. */
interface Row {
  readonly what: string;
  readonly target: string;
  readonly stock: string;
  readonly floor: string;
  readonly ours: string;
  readonly ratio: string;
  readonly met: boolean;
}

/** A quantity of each variant, the floor's where it has one. */
interface Comparison {
  readonly stock: number;
  readonly floor?: number;
  readonly ours: number;
}

function compare(
  what: string,
  target: string,
  values: Comparison,
  format: (value: number) => string,
  met: boolean,
): Row {
  const { stock, floor, ours } = values;
  return {
    what,
    target,
    stock: format(stock),
    floor: floor === undefined ? '' : format(floor),
    ours: format(ours),
    ratio: times(stock / ours),
    met,
  };
}

const ms = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en')} ms`;
const mb = (bytes: number) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 0)} MB`;
const times = (value: number) => `${value.toFixed(value < 10 ? 2 : 1)}×`;

type Operation = 'create' | 'read' | 'update' | 'delete';

/** Medians of the operations of each variant, round by round beside each other. */
async function measureOperations(sample: SampleAccount, variants: readonly Variant[]) {
  const { instanceRoleArn } = sample;
  const installed = variants.map((variant) => ({ variant, ...install(sample, variant) }));
  const results = new Map<string, Record<Operation, number[]>>(
    variants.map(({ name }) => [name, { create: [], read: [], update: [], delete: [] }]),
  );
  // Round 0 warms the processes and is not counted.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const { variant, cloudformation } of installed) {
      for (const operation of ['create', 'read', 'update', 'delete'] as const) {
        const properties = {
          RoleArn: instanceRoleArn,
          Trunking: operation === 'update' ? 'disabled' : 'enabled',
        };
        const action = operation.toUpperCase() as Uppercase<Operation>;
        const time = await timed(async () => {
          const { final } = await cloudformation.run(action, { properties });
          assert.equal(final.status, 'SUCCESS', `${variant.name} ${action}: ${final.message}`);
        });
        if (round > 0) {
          results.get(variant.name)?.[operation].push(time);
        }
      }
    }
  }
  await Promise.all(installed.map(({ handlers }) => handlers.close()));
  return (name: string, operation: Operation) => median(results.get(name)?.[operation] ?? []);
}

/** Resident bytes of a fresh process after one read, and how many calls the read took. */
async function measureRead(
  sample: SampleAccount,
  variant: Variant,
): Promise<{ bytes: number; calls: number }> {
  const { account, instanceRoleArn } = sample;
  account.settings.set(REGION, instanceRoleArn, 'enabled');
  const { handlers, cloudformation } = install(sample, variant);
  account.calls.length = 0;
  const { final } = await cloudformation.run('READ', { properties: { RoleArn: instanceRoleArn } });
  assert.equal(final.status, 'SUCCESS', `${variant.name}: ${final.message}`);
  const bytes = await handlers.residentMemory();
  const calls = account.calls.length;
  await handlers.close();
  account.settings.delete(REGION, instanceRoleArn);
  return { bytes, calls };
}

/** 1,000 creates by 50 handlers against an account that throttles. */
async function measureFlood() {
  const [count, concurrency, ecsRate, stsRate] = [1000, 50, 40, 100];
  const sample = await startSampleAccount({ latencyMs: LATENCY });
  const { account } = sample;
  const roles = createRoles(account, sample.instanceRoleArn, count);
  const { handlers, cloudformation } = install(sample, OURS, concurrency);
  account.faults.rateLimit('ecs', ecsRate);
  account.faults.rateLimit('sts', stsRate);
  const queue = roles.values();
  const outcomes = new Map<string, number>();
  const worker = async () => {
    for (const RoleArn of queue) {
      const { final } = await cloudformation.run('CREATE', { properties: { RoleArn } });
      const outcome = final.errorCode ?? final.status;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  const seconds = (await timed(() => Promise.all(Array.from({ length: concurrency }, worker)))) / 1000;
  assert.deepEqual([...outcomes], [['SUCCESS', count]]);
  const lost = roles.filter((arn) => account.settings.get(REGION, arn) !== 'enabled');
  assert.deepEqual(lost, []);
  await handlers.close();
  await sample.close();
  // Two ECS calls for each create, less the burst that the limit lets through at once.
  const least = (2 * count - ecsRate) / ecsRate;
  return { count, concurrency, ecsRate, stsRate, seconds, least };
}

/** A list of an account of 5,000 roles, 50 of them managed. */
async function measureList() {
  const [count, managed] = [5000, 50];
  const sample = await startSampleAccount({ latencyMs: LATENCY });
  const { account } = sample;
  const roles = createRoles(account, sample.instanceRoleArn, managed - 1);
  for (const arn of [...roles, sample.instanceRoleArn]) {
    account.settings.set(REGION, arn, 'enabled');
  }
  const trust = {
    Effect: 'Allow',
    Principal: { Service: 'ecs-tasks.amazonaws.com' },
    Action: 'sts:AssumeRole',
  };
  while (account.roles.list().length < count) {
    account.roles.create({
      roleName: `unmanaged-${account.roles.list().length}`,
      assumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trust] },
    });
  }
  const { handlers, cloudformation } = install(sample, OURS);
  const list = async () => {
    const pages: { milliseconds: number; bytes: number; found: number }[] = [];
    let nextToken: string | undefined;
    do {
      const start = performance.now();
      const { final } = await cloudformation.run('LIST', { properties: {}, ...(nextToken && { nextToken }) });
      assert.equal(final.status, 'SUCCESS', final.message);
      const milliseconds = performance.now() - start;
      nextToken = final.nextToken ?? undefined;
      pages.push({
        milliseconds,
        bytes: await handlers.residentMemory(),
        found: final.resourceModels?.length ?? 0,
      });
    } while (nextToken);
    return pages;
  };
  // A first time, in which the process grows to what it needs.
  await list();
  const pages = await list();
  const found = pages.reduce((sum, page) => sum + page.found, 0);
  assert.equal(found, managed);
  const assumed = new Set(
    account.calls
      .filter(({ operation }) => operation === 'AssumeRole')
      .map(({ parameters }) => parameters.RoleArn),
  );
  assert.equal(assumed.size, managed);
  await handlers.close();
  await sample.close();
  return { count, managed, pages };
}

async function benchmark(): Promise<void> {
  console.log('Building the stock variant in a temporary folder …');
  const [stock, floor] = [await buildStock(), await buildTwoClients()];
  const sample = await startSampleAccount({ latencyMs: LATENCY });
  const rows: Row[] = [];

  console.log('Measuring operations …');
  const medianOf = await measureOperations(sample, [stock, OURS]);
  for (const operation of ['create', 'read', 'update', 'delete'] as const) {
    const values = { stock: medianOf(stock.name, operation), ours: medianOf(OURS.name, operation) };
    const least = operation === 'create' ? 12 : 20;
    const isShort = operation !== 'read' || values.ours <= 90;
    const what = operation === 'create' ? 'create (ours in two invocations)' : operation;
    const target = `≥ ${least}× faster than stock${operation === 'read' ? ', ≤ 90 ms' : ''}`;
    rows.push(compare(what, target, values, ms, values.stock / values.ours >= least && isShort));
  }

  console.log('Measuring what a process costs …');
  const variants = [stock, OURS, floor];
  const samples = variants.map(() => ({
    loads: [] as number[],
    bytes: [] as number[],
    calls: [] as number[],
  }));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, variant] of variants.entries()) {
      const { bytes, calls } = await measureRead(sample, variant);
      samples[index]?.loads.push(loadTime(variant), loadTime(variant));
      samples[index]?.bytes.push(bytes);
      samples[index]?.calls.push(calls);
    }
  }
  const mediansOf = (quantity: 'loads' | 'bytes' | 'calls') => {
    const [ofStock = 0, ours = 0, ofFloor = 0] = samples.map((values) => median(values[quantity]));
    return { stock: ofStock, ours, floor: ofFloor };
  };
  const [loads, bytes, calls] = [mediansOf('loads'), mediansOf('bytes'), mediansOf('calls')];
  const isQuick = loads.ours <= 1.5 * loads.floor && loads.stock >= 4 * loads.ours;
  const [stockPackage, ourPackage, floorPackage] = [
    packageSize(stock),
    packageSize(OURS),
    packageSize(floor),
  ];
  const sizes = { stock: stockPackage.bytes, ours: ourPackage.bytes, floor: floorPackage.bytes };
  const files = { stock: stockPackage.files, ours: ourPackage.files, floor: floorPackage.files };
  rows.push(
    compare('loading the handler', '≤ 1.5 × the floor, ≥ 4× faster than stock', loads, ms, isQuick),
    compare('package, stored', '≤ 0.6 MB', sizes, mb, sizes.ours <= 6e5),
    compare('files in the package', '≤ 3', files, String, files.ours <= 3),
    compare(
      'resident memory after one read',
      '≤ 1.15 × the floor',
      bytes,
      mb,
      bytes.ours <= 1.15 * bytes.floor,
    ),
    compare('AWS calls in one read', '≤ 5', calls, String, calls.ours <= 5),
  );
  await sample.close();

  console.log('Measuring a flood …');
  const flood = await measureFlood();
  console.log('Measuring a long list …');
  const list = await measureList();
  console.log('Running the contract suite …');
  const contractTime = await timed(async () => {
    const { passed, failed } = await runContractSuite({ directory: process.cwd() });
    assert.deepEqual({ passed, failed }, { passed: 13, failed: 0 });
  });
  for (const { directory } of [stock, floor]) {
    rmSync(directory, { recursive: true });
  }
  const longest = Math.max(...list.pages.map(({ milliseconds }) => milliseconds));
  const memory = list.pages.map(({ bytes }) => bytes);
  const growth = median(memory.slice(-10)) / median(memory.slice(0, 10));
  const scale = [
    {
      what: `${flood.count.toLocaleString('en')} creates, ${flood.concurrency} at a time, ECS admitting ${flood.ecsRate} and STS ${flood.stsRate} requests/s`,
      target: 'all `SUCCESS`, none lost, ≤ 1.3 × what the rate allows',
      result: `all, none, ${flood.seconds.toFixed(1)} s of ${flood.least.toFixed(1)} s (${times(flood.seconds / flood.least)})`,
      met: flood.seconds <= 1.3 * flood.least,
    },
    {
      what: `list of ${list.count.toLocaleString('en')} roles, ${list.managed} of them managed`,
      target: 'no other role assumed, no page over 10 s, memory flat',
      result: `none, ${list.pages.length} pages of at most ${ms(longest)}, memory in the last ten ${times(growth)} that in the first ten (second list of the process)`,
      met: longest <= 10_000 && growth <= 1.1,
    },
    {
      what: '`cfn test`, 13 passed',
      target: 'under 8 s',
      result: `${(contractTime / 1000).toFixed(1)} s`,
      met: contractTime < 8000,
    },
  ];
  const report = render(rows, scale);
  writeFileSync('docs/benchmark.md', report);
  console.log(`\n${report}`);
}

function render(
  rows: readonly Row[],
  scale: readonly { what: string; target: string; result: string; met: boolean }[],
) {
  const answer = (met: boolean) => (met ? 'met' : '**missed**');
  const [cpu] = cpus();
  return `# Benchmark

Medians of ${ROUNDS} rounds, the variants beside each other in each round, ${LATENCY} ms for each call to AWS, logging on.
Written by \`npm run bench\`, which takes about four minutes, and needs the npm registry and Python.

- **stock**: the same calls to STS and ECS, written as the plugin's template has it, on the library's own
  entry point, with its dependencies installed beside it.
- **floor**: the two SDK clients alone, bundled and minified. They deliver no logs.
- **ours**: \`build/TypeFunction\`.

| | target | stock | floor | ours | stock / ours | |
|---|---|---|---|---|---|---|
${rows.map(({ what, target, stock, floor, ours, ratio, met }) => `| ${what} | ${target} | ${stock} | ${floor} | ${ours} | ${ratio} | ${answer(met)} |`).join('\n')}

| at scale | target | ours | |
|---|---|---|---|
${scale.map(({ what, target, result, met }) => `| ${what} | ${target} | ${result} | ${answer(met)} |`).join('\n')}

Machine: ${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${process.platform} ${process.arch}.
AWS is the local account of \`local/\`, in the process that measures: its own work is part of every figure.
`;
}

const BENCH = {
  name: 'bench',
  summary:
    'Builds the handlers, measures them beside the stock way and the SDK clients alone, and writes docs/benchmark.md.',
  options: {},
} as const;

void runCommand(BENCH, async () => {
  await bundle(process.cwd());
  await benchmark();
  return 0;
});
