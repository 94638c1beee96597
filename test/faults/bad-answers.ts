import fc from 'fast-check';
import { anything } from './bad-input';
import { inLanes, type Lane } from './lane';
import { nameOf, runOperation } from './matrix';
import { EXTENTS, ROWS, WORLDS } from './matrix-rules';
import { problemsOf } from './progress-event';

/** A part of a body, counted from its beginning, and what stands in its place; `undefined` removes it. */
interface Edit {
  readonly part: number;
  readonly value: unknown;
}

const markup = fc.constantFrom(
  ...['<Arn>', '</Arn>', '<Arn/>', '<member/>', '<Error>', '</Error>', '<__proto__>', '<!DOCTYPE a>'],
  ...['&#0;', '&bogus;', '<![CDATA[a]]>', '<!--', '%', '%zz', '%7B%7D', 'true', '2030-01-01T00:00:00Z'],
);
const edit: fc.Arbitrary<Edit> = fc.record({
  part: fc.nat(60),
  value: fc.oneof(fc.constant(undefined), anything, markup),
});

/** One call of one operation, and how its answer is changed. */
export const badAnswer = fc.record({
  row: fc.constantFrom(...ROWS),
  extent: fc.constantFrom(...EXTENTS),
  status: fc.constantFrom(...[200, 200, 200, 200, 204, 302, 400, 403, 404, 413, 429, 500, 503]),
  change: fc.oneof(
    { weight: 5, arbitrary: fc.array(edit, { minLength: 1, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.oneof(anything, markup).map(textOf) },
  ),
});
type BadAnswer = typeof badAnswer extends fc.Arbitrary<infer T> ? T : never;

/** Runs the operations. @returns what is wrong with their progress events. */
export async function problemsWith(lanes: readonly Lane[], answers: readonly BadAnswer[]): Promise<string[]> {
  const problems: string[] = [];
  await inLanes(lanes, answers, async (lane, { row, extent, status, change }) => {
    const world = WORLDS[0] as (typeof WORLDS)[0];
    const garble = (body: string) => ({
      status,
      body:
        typeof change === 'string'
          ? change
          : change.reduce(body.startsWith('<') ? editedXml : editedJson, body),
    });
    const { events } = await runOperation(lane, { row, extent, world }, { kind: 'garbage', garble });
    const found = events.flatMap(problemsOf).concat(lane.crashes.map((crash) => JSON.stringify(crash)));
    problems.push(...found.map((problem) => `${nameOf(row)}: ${problem}`));
  });
  return problems;
}

/** The parts of XML are its tags and its texts. */
function editedXml(body: string, { part, value }: Edit): string {
  const parts = body.match(/<[^>]*>|[^<]+/g) ?? [];
  parts[part % parts.length || 0] = value === undefined ? '' : textOf(value);
  return parts.join('');
}

/** The parts of JSON are its values, the whole included. */
function editedJson(body: string, { part, value }: Edit): string {
  const parts: unknown[] = [];
  const text = body || '{}';
  JSON.parse(text, (_, it) => parts.push(it));
  let next = 0;
  const changed = JSON.parse(text, (_, it) => (next++ === part % parts.length ? value : it));
  return JSON.stringify(changed) ?? '';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
