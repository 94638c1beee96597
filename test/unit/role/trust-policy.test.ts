import { deletedRoleIn, mentions, namesCaller, trustsSession } from '../../../src/role/trust-policy';

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

/** A policy, as IAM returns it. */
const documentOf = (...Statement: object[]) =>
  encodeURIComponent(JSON.stringify({ Version: '2012-10-17', Statement }));

const isNamed = (...statements: object[]) => namesCaller(documentOf(...statements), HANDLER);

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
  expect(isNamed(allow(principal))).toBe(true);
});

test('a user is named by IAM only', () => {
  const trusts = (AWS: string) => namesCaller(documentOf(allow({ AWS })), USER);
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
  expect(isNamed(allow(principal))).toBe(false);
});

test('a user is recognized by the ARN of the user', () => {
  const trusts = (AWS: string) => namesCaller(documentOf(allow({ AWS })), USER);
  expect(trusts(USER.arn)).toBe(true);
  expect(trusts('arn:aws:iam::111122223333:role/tester')).toBe(false);
});

test('a statement that names who is not trusted can trust the handler', () => {
  const NotPrincipal = { AWS: 'arn:aws:iam::444455556666:root' };
  expect(isNamed({ Effect: 'Allow', NotPrincipal, Action: 'sts:AssumeRole' })).toBe(true);
});

test('conditions and actions are not read: STS decides', () => {
  const Condition = { StringEquals: { 'sts:ExternalId': 'secret' } };
  expect(isNamed(allow({ AWS: '*' }, { Condition, Action: 'sts:*' }))).toBe(true);
});

test('a denial does not trust the handler, and does not hide a statement that does', () => {
  const deny = { ...allow({ AWS: '*' }), Effect: 'Deny' };
  expect(isNamed(deny)).toBe(false);
  expect(isNamed(deny, allow({ AWS: '111122223333' }))).toBe(true);
});

test.each([
  '',
  '%',
  '%7B',
  'null',
  '[]',
  '%7B%7D',
  '%7B%22Statement%22%3A7%7D',
  '%7B%22Statement%22%3A%5Bnull%2C%5B%5D%5D%7D',
])('%j, which is not a policy, names no one', (text) => {
  expect(namesCaller(text, HANDLER)).toBe(false);
});

test('a statement that is not in a list is read as well', () => {
  const document = encodeURIComponent(JSON.stringify({ Statement: allow({ AWS: '111122223333' }) }));
  expect(namesCaller(document, HANDLER)).toBe(true);
});

describe('a statement for the sessions of the handler', () => {
  const trusted = (more: object) => trustsSession(documentOf(allow({ AWS: '111122223333' }, more)), HANDLER);

  test.each([
    ['no condition', undefined, true],
    ['a condition on the session name', { StringEquals: { 'sts:RoleSessionName': 'EcsRoleTrunking' } }, true],
    ['another condition', { StringEquals: { 'sts:ExternalId': 'secret' } }, false],
  ])('has %s', (_, Condition, expected) => {
    expect(trusted({ Condition })).toBe(expected);
  });

  test('names the handler', () => {
    expect(trustsSession(documentOf(allow({ AWS: '444455556666' })), HANDLER)).toBe(false);
  });
});

test('a deleted role is found by its ID, which is in place of the ARN', () => {
  const id = 'AROAEXAMPLEID';
  expect(deletedRoleIn(documentOf(allow({ Service: id }), allow(id)))).toBe(id);
  const others = ['AIDAEXAMPLEID', 'AROAexample', `x${id}`, `${id}:x`, 'AROA', HANDLER.arn];
  for (const other of others) {
    expect(deletedRoleIn(documentOf(allow({ AWS: other })))).toBeUndefined();
  }
});

test('a text can be in the statements of a policy', () => {
  expect(mentions(documentOf(allow({ AWS: 'arn:aws:iam::111122223333:role/team/a' })), '/team/')).toBe(true);
  expect(mentions('%2Fteam%2F', '/team/')).toBe(false);
});
