import { Secrets } from '../../src/telemetry/secrets';

test('secrets are redacted wherever they occur, the longest first', () => {
  const secrets = new Secrets();
  secrets.add('secret-value', 'secret-value-and-more', undefined, 'short');
  expect(secrets.redact('a secret-value-and-more, a secret-value, a short word')).toBe(
    'a <REDACTED>, a <REDACTED>, a short word',
  );
});

test('a value of eight characters is a secret, a shorter one is not', () => {
  const secrets = new Secrets();
  secrets.add('12345678', 'abcdefg');
  expect(secrets.redact('12345678 abcdefg')).toBe('<REDACTED> abcdefg');
});

test('access key IDs are redacted where AWS quotes them, of users and of sessions', () => {
  expect(new Secrets().redact('The key ASIAIOSFODNN7EXAMPLE is not valid')).toBe(
    'The key <REDACTED> is not valid',
  );
  expect(new Secrets().redact('AKIAIOSFODNN7EXAMPLE')).toBe('<REDACTED>');
});

test('texts that a type names are redacted from four characters, at any depth', () => {
  const secrets = new Secrets();
  secrets.addNamed({ Password: 'pass', Hints: ['blue', 7, null] }, undefined, 'abc');
  expect(secrets.redact('pass blue abc 7')).toBe('<REDACTED> <REDACTED> abc 7');
});

test('a secret is redacted as it looks in JSON, too', () => {
  const secrets = new Secrets();
  secrets.addNamed('pass"word\\');
  expect(secrets.redact(JSON.stringify({ message: 'pass"word\\' }))).toBe('{"message":"<REDACTED>"}');
});
