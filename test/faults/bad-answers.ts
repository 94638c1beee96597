import fc from 'fast-check';
import { anything } from './bad-input';
import { nameOf, runOperation } from './matrix';
import { EXTENTS, type Extent, ROWS, type Row, USUAL } from './matrix-rules';
import { problemsOfEvent } from './progress-event';
import { problemsOfAll, type TestAccount } from './test-account';

/** A part of a body, by its place or the name of its element or member, and what stands there instead. */
interface Edit {
  readonly part: number | string;
  /** `undefined` removes the part. */
  readonly value: unknown;
}

/** How an answer is changed. */
interface Change {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The error code, if the status is that of an error. */
  readonly code: string;
  /** Changes of the usual body, or another body. */
  readonly edits: readonly Edit[] | string;
}

/** Texts that mean something in a response. */
const meaningful = fc.constantFrom(
  ...['<Arn>', '</Arn>', '<Arn/>', '<member/>', '<Error>', '</Error>', '<__proto__>', '<!DOCTYPE a>'],
  ...['&#0;', '&#xD800;', '&bogus;', '<![CDATA[a]]>', '<!--', '%', '%zz', '%7B%7D', 'true', 'enabled'],
  ...['2030-01-01T00:00:00Z', '+275760-09-13T00:00:00.000Z', 'arn:aws:iam::444455556666:role/other'],
  ...['arn:aws:sts::111122223333:assumed-role/', 'arn:aws:sts::111122223333:assumed-role/a&#xD800;/b'],
);
const trustPolicy = anything.map((value) => {
  const Condition = { StringEquals: { 'sts:ExternalId': value } };
  const statement = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole', Condition };
  return encodeURIComponent(JSON.stringify({ Statement: [statement] }).toWellFormed());
});
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({
    part: fc.oneof(
      fc.nat(500),
      fc.constantFrom('Arn', 'Code', 'IsTruncated', 'Marker', 'Message', 'SessionToken', '__type', 'cause'),
      fc.constantFrom('ServerTime', 'code', 'message', 'name', 'setting', 'settings', 'value'),
    ),
    value: fc.oneof(fc.constant(undefined), anything, meaningful),
  }),
  fc.record({ part: fc.constant('AssumeRolePolicyDocument'), value: trustPolicy }),
);
const change: fc.Arbitrary<Change> = fc.record({
  status: fc.constantFrom(...[200, 200, 200, 200, 204, 302, 400, 400, 403, 404, 413, 429, 500, 503]),
  headers: fc.constantFrom({}, {}, { date: '+275760-09-13T00:00:00.000Z' }, { 'x-amzn-requestid': '' }),
  code: fc.constantFrom(
    'AccessDenied',
    'ERR_HTTP2_STREAM_ERROR',
    'InvalidSignatureException',
    'NoSuchEntity',
  ),
  edits: fc.oneof(
    { weight: 5, arbitrary: fc.array(edit, { minLength: 1, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.oneof(anything, meaningful).map(textOf) },
  ),
});

/** One call of one operation, and how its answer is changed. */
interface BadAnswer {
  readonly row: Row;
  readonly extent: Extent;
  readonly change: Change;
}

export const badAnswer: fc.Arbitrary<BadAnswer> = fc.record({
  row: fc.constantFrom(...ROWS),
  extent: fc.constantFrom(...EXTENTS),
  change,
});

/** Runs the operations. @returns what is wrong with their progress events. */
export function problemsWith(
  accounts: readonly TestAccount[],
  answers: readonly BadAnswer[],
): Promise<string[]> {
  return problemsOfAll(
    accounts,
    answers,
    ({ row }) => nameOf(row),
    async (account, { row, extent, change: { status, headers, code, edits } }) => {
      const garble = (usual: string) => {
        const start = status < 400 ? usual : errorLike(usual, code);
        const edited = start.startsWith('<') ? editedXml : editedJson;
        return { status, headers, body: typeof edits === 'string' ? edits : edits.reduce(edited, start) };
      };
      const fault = { kind: 'garbage', garble } as const;
      const { events } = await runOperation(account, { row, extent, assumption: USUAL }, fault);
      const problems = [...events.flatMap(problemsOfEvent), ...account.crashes];
      return account.local.faults.made === 0 ? [...problems, 'the call was not made'] : problems;
    },
  );
}

/** The body of an error, in the protocol of the usual body. */
function errorLike(usual: string, code: string): string {
  return usual.startsWith('<')
    ? `<ErrorResponse><Error><Code>${code}</Code><Message>Refused</Message></Error></ErrorResponse>`
    : JSON.stringify({ __type: code, message: 'Refused' });
}

/** The parts of XML are its tags and its texts; by a name, the content of the element. */
function editedXml(body: string, { part, value }: Edit): string {
  const text = value === undefined ? '' : textOf(value);
  if (typeof part === 'string') {
    return body.replace(new RegExp(`(<${part}>)[^]*?(</${part}>)`), (_, start, end) => start + text + end);
  }
  // Linear, also in a body of a hundred thousand `<`.
  const parts = body.match(/<[^<>]*>|[^<]+|</g) ?? [];
  parts[part % parts.length || 0] = text;
  return parts.join('');
}

/** The parts of JSON are its values, the whole included; by a name, a member of the whole. */
function editedJson(body: string, { part, value }: Edit): string {
  const text = body || '{}';
  if (typeof part === 'string') {
    return JSON.stringify({ ...JSON.parse(text), [part]: value });
  }
  const parts: unknown[] = [];
  JSON.parse(text, (_, it) => parts.push(it));
  let next = 0;
  const changed = JSON.parse(text, (_, it) => (next++ === part % parts.length ? value : it));
  return JSON.stringify(changed) ?? '';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
