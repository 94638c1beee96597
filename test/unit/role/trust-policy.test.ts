import { couldTrust } from '../../../src/role/trust-policy';

const HANDLER = {
  accountId: '111122223333',
  arn: 'arn:aws:sts::111122223333:assumed-role/Handler/session',
  kind: 'role',
  name: 'Handler',
} as const;

const USER = {
  ...HANDLER,
  arn: 'arn:aws:iam::111122223333:user/team/tester',
  kind: 'user',
  name: 'tester',
} as const;

function couldBeTrusted(...statements: object[]): boolean {
  return couldTrust(
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
])('the principal %j can be the handler', (principal) => {
  expect(couldBeTrusted(allow(principal))).toBe(true);
});

test('a denial that is not certain allows nothing', () => {
  const Condition = { StringEquals: { 'aws:PrincipalOrgID': 'o-example' } };
  expect(couldBeTrusted({ ...allow('*', { Condition }), Effect: 'Deny' })).toBe(false);
});

test('a user is named by IAM only', () => {
  const trusts = (AWS: string) =>
    couldTrust(encodeURIComponent(JSON.stringify({ Statement: allow({ AWS }) })), USER);
  expect(trusts('arn:aws:iam::111122223333:user/b/tester')).toBe(true);
  expect(trusts('arn:aws:iam::111122223333:user/b:c/tester')).toBe(true);
  expect(trusts('arn:aws:sts::111122223333:user/b/tester')).toBe(false);
  expect(trusts('arn:aws:iam::111122223333')).toBe(false);
});

test.each([
  [{ Service: 'ec2.amazonaws.com' }],
  [{ AWS: 'arn:aws:iam::111122223333:role/Other' }],
  [{ AWS: 'arn:aws:iam::444455556666:role/Handler' }],
  [{ AWS: 'arn:aws:iam::444455556666:root' }],
  [{ AWS: 'arn:aws:sts::111122223333:assumed-role/Handler/another-session' }],
  [{ AWS: 'arn:aws:iam::111122223333:user/Handler' }],
  [{ AWS: 'arn:aws:iam::111122223333:ro:ot' }],
  [{ AWS: 'AROAEXAMPLEOFADELETED' }],
  [{ Federated: 'cognito-identity.amazonaws.com' }],
  [undefined],
])('the principal %j is not the handler', (principal) => {
  expect(couldBeTrusted(allow(principal))).toBe(false);
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
  [`${'*'.repeat(5000)}x`, false],
  [`${'*?'.repeat(500)}x`, false],
  ['*s*sume*r*', true],
])('the action %j: %s', (Action, expected) => {
  expect(couldBeTrusted(allow({ AWS: '*' }, { Action }))).toBe(expected);
});

test('a denial of another session does not concern the handler', () => {
  const other = { AWS: 'arn:aws:sts::111122223333:assumed-role/Handler/another-session' };
  expect(couldBeTrusted(allow({ AWS: '*' }), { ...allow(other), Effect: 'Deny' })).toBe(true);
});

test('a user is recognized by the ARN of the user', () => {
  const document = (arn: string) => encodeURIComponent(JSON.stringify({ Statement: [allow({ AWS: arn })] }));
  expect(couldTrust(document(USER.arn), USER)).toBe(true);
  expect(couldTrust(document('arn:aws:iam::111122223333:role/tester'), USER)).toBe(false);
});

test('a denial without a condition is certain; with a condition, STS decides', () => {
  const deny = { ...allow({ AWS: '*' }), Effect: 'Deny' };
  expect(couldBeTrusted(allow({ AWS: '*' }), deny)).toBe(false);
  expect(
    couldBeTrusted(allow({ AWS: '*' }), { ...deny, Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
  ).toBe(true);
});

test('a statement with NotPrincipal or NotAction could trust the handler', () => {
  expect(
    couldBeTrusted({
      Effect: 'Allow',
      NotPrincipal: { AWS: 'arn:aws:iam::444455556666:root' },
      Action: 'sts:*',
    }),
  ).toBe(true);
  expect(couldBeTrusted({ Effect: 'Allow', Principal: '*', NotAction: 'iam:*' })).toBe(true);
});

test.each(['', '%', '%7B', 'null', '[]', '%7B%22Statement%22%3A7%7D'])(
  '%j, which is not a policy, trusts no one',
  (text) => {
    expect(couldTrust(text, HANDLER)).toBe(false);
  },
);

test('a statement that is not in a list is read as well', () => {
  const document = encodeURIComponent(JSON.stringify({ Statement: allow({ AWS: '111122223333' }) }));
  expect(couldTrust(document, HANDLER)).toBe(true);
});
