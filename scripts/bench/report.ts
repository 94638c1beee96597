/** The benchmark's page. */
import { cpus, totalmem } from 'node:os';

/** A line of the first table: what was measured, what should come of it, what came. */
export interface Row {
  readonly what: string;
  readonly target: string;
  readonly stock: string;
  readonly floor: string;
  readonly ours: string;
  readonly met: boolean;
}

/** A line of the second table. */
export interface ScaleRow {
  readonly what: string;
  readonly target: string;
  readonly result: string;
  readonly met: boolean;
}

export const ms = (value: number) =>
  `${value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en')} ms`;
export const mb = (bytes: number) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 0)} MB`;
export const times = (value: number) => `${value.toFixed(value < 10 ? 2 : 1)}×`;

/** The page in Markdown. */
export function render(rows: readonly Row[], scale: readonly ScaleRow[], latency: number): string {
  const answer = (met: boolean) => (met ? 'met' : '**missed**');
  const lines = rows.map(
    ({ what, target, stock, floor, ours, met }) =>
      `| ${what} | ${target} | ${stock} | ${floor} | ${ours} | ${answer(met)} |`,
  );
  const scaleLines = scale.map(
    ({ what, target, result, met }) => `| ${what} | ${target} | ${result} | ${answer(met)} |`,
  );
  return `# Benchmark

Medians of one run, with ${latency} ms for each call to AWS. \`npm run bench\` writes this page in about five minutes; it
needs the npm registry and Python.

- **stock**: the same calls to STS and ECS, written as the plugin's template has it, on the library's own
  entry point, with its dependencies installed beside it.
- **floor**: the SDK's clients alone, making the same calls to STS and ECS, bundled and minified. No logs, no metrics.
- **ours**: \`build/TypeFunction\`, with logs and metrics.

One round trip is ${latency} ms: what delivering logs and metrics must cost at least. In each round the variants run one
after the other, so that all have the same machine.

| | target | stock | floor | ours | |
|---|---|---|---|---|---|
${lines.join('\n')}

| at scale | target | ours | |
|---|---|---|---|
${scaleLines.join('\n')}

Machine: ${machine()}.
AWS is the local account of \`local/\`, in the process that measures: its own work is part of every figure.
`;
}

function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${model}, ${memory} GiB, Node ${process.version}, ${process.platform} ${process.arch}`;
}
