import { chart, type Row } from '../../scripts/bench/report';
import { textOf } from '../harness/project-files';

/* docs/benchmark.svg, which `npm run bench` writes with docs/benchmark.md. */

const page = textOf('docs/benchmark.md');
const [, table = ''] = page.split('| | target | stock | floor | ours | |\n|---|---|---|---|---|---|\n');
const rows = (table.split('\n\n')[0] ?? '').split('\n').map((line): Row => {
  const [, what = '', target = '', stock = '', floor = '', ours = ''] = line
    .split('|')
    .map((it) => it.trim());
  return { what, target, stock, floor, ours, met: line.includes('| met |') };
});

test('the chart shows the figures of the table', () => {
  expect(rows.length).toBeGreaterThan(5);
  expect(textOf('docs/benchmark.svg')).toBe(chart(rows));
});

test('the lengths of the bars are proportional to the times, and a row without times has no bars', () => {
  const row = { target: '', met: true };
  const svg = chart([
    { ...row, what: 'read', stock: '2,000 ms', floor: '500 ms', ours: '1,000 ms (2.00×)' },
    { ...row, what: 'package', stock: '1 MB', floor: '1 MB', ours: '1 MB' },
  ]);
  const [stock = 0, floor = 0, ours = 0, ...more] = [
    ...svg.matchAll(/width="(\d+)" height="12" fill[^>]*><text x="\d+" y="\d+">[\d,]+ ms/g),
  ].map(([, width]) => Number(width));
  expect(more).toEqual([]);
  expect([floor / stock, ours / stock]).toEqual([0.25, 0.5]);
  expect(svg).not.toContain('package');
});
