import { failed, success } from '../../src/protocol/progress';
import { logLine } from '../../src/telemetry/log-line';
import { Secrets } from '../../src/telemetry/secrets';

const line = (report: Parameters<typeof logLine>[0]) => JSON.parse(logLine(report, new Secrets()));

test('a line has the action, its subject, the outcome, the time and the calls, in this order', () => {
  const calls = [{ action: 'sts:AssumeRole', requestId: 'aws-id', attempts: 1, milliseconds: 20 }];
  const report = {
    progress: failed('NotFound', 'There is no note.'),
    requestId: 'lambda-id',
    version: '1.1.0',
    subject: { noteId: '7' },
    action: 'READ',
    milliseconds: 30,
    calls,
    stack: 'Error: at',
  } as const;
  expect(Object.entries(line(report))).toEqual([
    ['action', 'READ'],
    ['noteId', '7'],
    ['outcome', 'FAILED'],
    ['errorCode', 'NotFound'],
    ['message', 'There is no note.'],
    ['milliseconds', 30],
    ['requestId', 'lambda-id'],
    ['version', '1.1.0'],
    ['calls', calls],
    ['stack', 'Error: at'],
  ]);
});

test('unknown fields are left out', () => {
  expect(line({ progress: success(), requestId: undefined, version: undefined })).toEqual({
    outcome: 'SUCCESS',
    message: '',
  });
});

test('secrets are redacted in every text', () => {
  const secrets = new Secrets();
  secrets.add('secret-value');
  const report = {
    progress: failed('NotFound', 'no secret-value'),
    requestId: 'secret-value',
    version: undefined,
    subject: { a: 'secret-value' },
    calls: [{ action: 'a:secret-value' }],
  };
  expect(logLine(report, secrets)).not.toContain('secret-value');
});
