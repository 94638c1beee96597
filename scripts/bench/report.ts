/** The benchmark's page. */
import { cpus, totalmem } from 'node:os';

/** A line of the first table: what was measured, the target, and the results. */
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

Medians of one run, with ${latency} ms for each call to AWS. \`npm run bench\` writes this page in about eight minutes; it
needs the npm registry and Python.

- **stock**: the same calls to STS and ECS, written like the plugin's template, with the library's own entry point and
  with the dependencies installed next to it.
- **floor**: only the SDK's clients, with the same calls to STS and ECS, bundled and minified. No logs, no metrics.
- **ours**: \`build/TypeFunction\`, with logs and metrics.

One round trip is ${latency} ms, the shortest time in which logs and metrics can be delivered. In each round the variants
run one after the other, so that all of them have the same conditions.

![Milliseconds of each operation, by variant](benchmark.svg)

| | target | stock | floor | ours | |
|---|---|---|---|---|---|
${lines.join('\n')}

| at scale | target | ours | |
|---|---|---|---|
${scaleLines.join('\n')}

Machine: ${machine()}.
AWS is the local account of \`packages/local-account/\`. It runs in the process that measures, so its own work is part of every figure.
`;
}

const CHART_WIDTH = 760;
const BAR_HEIGHT = 14;
const BAR_START = 190;
/** The length of the longest bar in pixels. Its figure is to the right of it. */
const BAR_LENGTH = 480;
const VARIANTS = [
  { name: 'stock', colour: '#8c959f' },
  { name: 'floor', colour: '#54aeff' },
  { name: 'ours', colour: '#2da44e' },
] as const;

/** Draws bars for each row that has milliseconds for all variants. The scale is linear. @returns an SVG document */
export function chart(rows: readonly Row[]): string {
  const groups = rows
    .map((row) => ({ what: row.what, times: VARIANTS.map(({ name }) => milliseconds(row[name])) }))
    .filter(({ times }) => times.every((time) => !Number.isNaN(time)));
  const longest = Math.max(...groups.flatMap(({ times }) => times));
  const groupHeight = (VARIANTS.length + 1) * BAR_HEIGHT;
  const height = groups.length * groupHeight + 40;
  const bars = groups.flatMap(({ what, times }, group) => {
    const top = 40 + group * groupHeight;
    const label = `<text x="${BAR_START - 10}" y="${top + 1.5 * BAR_HEIGHT + 4}" text-anchor="end">${what}</text>`;
    return [label, ...times.map((time, index) => bar(time, longest, index, top + index * BAR_HEIGHT))];
  });
  const legend = VARIANTS.map(
    ({ name, colour }, index) =>
      `<rect x="${BAR_START + index * 90}" y="12" width="12" height="12" fill="${colour}"/><text x="${BAR_START + 18 + index * 90}" y="22">${name}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${CHART_WIDTH}" height="${height}" viewBox="0 0 ${CHART_WIDTH} ${height}" role="img">
<title>Milliseconds of each operation, by variant</title>
<style>text { font: 12px system-ui, sans-serif; fill: #1f2328; }</style>
<rect width="${CHART_WIDTH}" height="${height}" rx="8" fill="#ffffff"/>
${[...legend, ...bars].join('\n')}
</svg>
`;
}

function bar(time: number, longest: number, variant: number, top: number): string {
  const length = Math.max(1, Math.round((time / longest) * BAR_LENGTH));
  return `<rect x="${BAR_START}" y="${top}" width="${length}" height="${BAR_HEIGHT - 2}" fill="${VARIANTS[variant]?.colour}"/><text x="${BAR_START + length + 6}" y="${top + 10}">${time.toLocaleString('en')} ms</text>`;
}

/** The number before `ms`; NaN if the text does not begin with milliseconds. */
function milliseconds(text: string): number {
  return Number(/^([\d,.]+) ms/.exec(text)?.[1]?.replaceAll(',', '') ?? Number.NaN);
}

function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${model}, ${memory} GiB, Node ${process.version}, ${process.platform} ${process.arch}`;
}
