import { parseCredentials } from '../../src/calls/credentials';

const CREDENTIALS = { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'secret/+=', sessionToken: 'token' };

test('credentials are the three values, and nothing else', () => {
  const sessionToken = '!~'.repeat(8_192);
  expect(parseCredentials({ ...CREDENTIALS, sessionToken, ...{ expiration: 7 } })).toEqual({
    ...CREDENTIALS,
    sessionToken,
  });
});

test.each([
  [{ accessKeyId: undefined }],
  [{ accessKeyId: 7 }],
  [{ secretAccessKey: '' }],
  [{ secretAccessKey: ['secret'] }],
  [{ sessionToken: 'a b' }],
  [{ sessionToken: 'tökén' }],
  [{ sessionToken: 'token\r\nHost: evil.example' }],
  [{ sessionToken: 'x'.repeat(16_385) }],
])('%p cannot be sent in a header', (part) => {
  expect(parseCredentials({ ...CREDENTIALS, ...part })).toBeUndefined();
});
