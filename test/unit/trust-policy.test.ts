import { mayLetIn } from '../../src/trust-policy';

const HANDLER = {
  accountId: '111122223333',
  arn: 'arn:aws:sts::111122223333:assumed-role/Handler/session',
  kind: 'role',
  name: 'Handler',
} as const;

function letsIn(...statements: object[]): boolean {
  return mayLetIn(
    encodeURIComponent(JSON.stringify({ Version: '2012-10-17', Statement: statements })),
    HANDLER,
  );
}

const allow = (Principal: unknown, more: object = {}) => ({
  Effect: 'Allow',
  Principal,
  Action: 'sts:AssumeRole',
  ...more,
});

test.each([
  [{ AWS: 'arn:aws:iam::111122223333:role/Handler' }],
  [{ AWS: 'arn:aws:iam::111122223333:role/path/of/Handler' }],
  [{ AWS: ['arn:aws:iam::111122223333:role/Other', 'arn:aws:iam::111122223333:role/Handler'] }],
  [{ AWS: 'arn:aws:sts::111122223333:assumed-role/Handler/session' }],
  [{ AWS: 'arn:aws:iam::111122223333:root' }],
  [{ AWS: '111122223333' }],
  [{ AWS: '*' }],
  ['*'],
])('the principal %j may be the handler', (principal) => {
  expect(letsIn(allow(principal))).toBe(true);
});

test.each([
  [{ Service: 'ec2.amazonaws.com' }],
  [{ AWS: 'arn:aws:iam::111122223333:role/Other' }],
  [{ AWS: 'arn:aws:iam::444455556666:role/Handler' }],
  [{ AWS: 'arn:aws:iam::444455556666:root' }],
  [{ AWS: 'arn:aws:sts::111122223333:assumed-role/Handler/another-session' }],
  [{ AWS: 'arn:aws:iam::111122223333:user/Handler' }],
  [{ AWS: 'AROAEXAMPLEOFADELETED' }],
  [{ Federated: 'cognito-identity.amazonaws.com' }],
  [undefined],
])('the principal %j is not the handler', (principal) => {
  expect(letsIn(allow(principal))).toBe(false);
});

test.each([
  ['sts:AssumeRole', true],
  ['STS:assumerole', true],
  ['sts:*', true],
  ['sts:Assume????', true],
  ['*', true],
  [['sts:TagSession', 'sts:AssumeRole'], true],
  ['sts:AssumeRoleWithSAML', false],
  ['sts:TagSession', false],
  ['s.s:AssumeRole', false],
])('the action %j: %s', (Action, expected) => {
  expect(letsIn(allow({ AWS: '*' }, { Action }))).toBe(expected);
});

test("a denial of another's session is none of ours", () => {
  const other = { AWS: 'arn:aws:sts::111122223333:assumed-role/Handler/another-session' };
  expect(letsIn(allow({ AWS: '*' }), { ...allow(other), Effect: 'Deny' })).toBe(true);
});

test('a user is known by his own ARN', () => {
  const user = {
    ...HANDLER,
    arn: 'arn:aws:iam::111122223333:user/team/tester',
    kind: 'user',
    name: 'tester',
  } as const;
  const document = (arn: string) => encodeURIComponent(JSON.stringify({ Statement: [allow({ AWS: arn })] }));
  expect(mayLetIn(document(user.arn), user)).toBe(true);
  expect(mayLetIn(document('arn:aws:iam::111122223333:role/tester'), user)).toBe(false);
});

test('a denial without a condition is certain, one with a condition is left to STS', () => {
  const deny = { ...allow({ AWS: '*' }), Effect: 'Deny' };
  expect(letsIn(allow({ AWS: '*' }), deny)).toBe(false);
  expect(
    letsIn(allow({ AWS: '*' }), { ...deny, Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
  ).toBe(true);
});

test('what names the exceptions may let the handler in', () => {
  expect(
    letsIn({ Effect: 'Allow', NotPrincipal: { AWS: 'arn:aws:iam::444455556666:root' }, Action: 'sts:*' }),
  ).toBe(true);
  expect(letsIn({ Effect: 'Allow', Principal: '*', NotAction: 'iam:*' })).toBe(true);
});

test.each(['', '%', '%7B', 'null', '[]', '%7B%22Statement%22%3A7%7D'])(
  '%j, which is no policy, lets nobody in',
  (text) => {
    expect(mayLetIn(text, HANDLER)).toBe(false);
  },
);

test('a statement that is not in a list is read too', () => {
  const document = encodeURIComponent(JSON.stringify({ Statement: allow({ AWS: '111122223333' }) }));
  expect(mayLetIn(document, HANDLER)).toBe(true);
});

test('an action made of wildcards takes no time', () => {
  const start = performance.now();
  expect(letsIn(allow({ AWS: '*' }, { Action: `${'*'.repeat(5000)}x` }))).toBe(false);
  expect(letsIn(allow({ AWS: '*' }, { Action: `${'*?'.repeat(500)}x` }))).toBe(false);
  expect(performance.now() - start).toBeLessThan(1000);
});
