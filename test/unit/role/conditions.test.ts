import { contextOf, holds } from '../../../src/role/conditions';
import { couldTrust } from '../../../src/role/trust-policy';

/* Conditions of trust policies, as far as they can be decided without STS. */

const HANDLER = {
  accountId: '111122223333',
  arn: 'arn:aws:sts::111122223333:assumed-role/Handler/session',
  kind: 'role',
  name: 'Handler',
} as const;

const allow = (Principal: unknown, more: object = {}) => ({
  Effect: 'Allow',
  Principal,
  Action: 'sts:AssumeRole',
  ...more,
});
const root = { AWS: 'arn:aws:iam::111122223333:root' };
const principalArn = 'arn:aws:iam::111122223333:role/ecs-role-trunking/Handler';
const under = (Condition: object, handler: object = { ...HANDLER, principalArn }) =>
  couldTrust(
    encodeURIComponent(JSON.stringify({ Statement: [allow(root, { Condition })] })),
    handler as typeof HANDLER,
  );

test.each([
  [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/ecs-role-trunking/*' } }],
  [{ ArnEquals: { 'aws:principalarn': ['arn:aws:iam::*:role/other', 'arn:*:iam::*:role/ecs-*/Handler'] } }],
  [{ StringEquals: { 'sts:RoleSessionName': ['other', 'EcsRoleTrunking'] } }],
  [{ StringLike: { 'sts:RoleSessionName': 'Ecs*Trunk?ng' } }],
  [{ StringNotEquals: { 'sts:ExternalId': 'secret' } }],
  [{ StringEqualsIfExists: { 'sts:ExternalId': 'secret' } }],
  [{ Null: { 'sts:ExternalId': 'true', 'aws:PrincipalArn': 'false' } }],
  [{ StringEquals: { 'aws:PrincipalAccount': '111122223333' } }],
  // What only STS knows, alone and beside what is known.
  [{ StringEquals: { 'aws:PrincipalOrgID': 'o-example' } }],
  [{ StringEquals: { 'aws:PrincipalTag/team': 'x', 'sts:RoleSessionName': 'EcsRoleTrunking' } }],
  [{ StringLike: { 'sts:RoleSessionName': `$${'{aws:username}'}` } }],
  [{ NumericLessThan: { 'aws:MultiFactorAuthAge': '300' } }],
  [{ BoolIfExists: { 'aws:MultiFactorAuthPresent': 'true' } }],
  [{ ArnLike: { 'aws:PrincipalArn': '*' } }],
  [{ ArnLike: { 'aws:PrincipalArn': ['*', 'arn:aws:iam::111122223333:role/other'] } }],
  [{ Null: { 'sts:ExternalId': ['false', 'true'] } }],
  [{ StringEqualsIgnoreCase: { 'sts:RoleSessionName': 'ecsROLEtrunking' } }],
  // Values that policies do not have. String() of the first would throw, and of the second be the session's name.
  [{ StringEquals: { 'sts:RoleSessionName': { toString: 1, valueOf: null } } }],
  [{ StringNotEquals: { 'sts:RoleSessionName': [['EcsRoleTrunking']] } }],
  [{ StringEquals: { 'sts:RoleSessionName': ['somebody', null] } }],
  ['not an object'],
])('%j could be true of the handler', (condition) => {
  expect(under(condition as object)).toBe(true);
});

test.each([
  [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/other/*' } }],
  [
    {
      ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:*' },
      Bool: { 'aws:MultiFactorAuthPresent': 'true' },
    },
  ],
  [{ StringNotLike: { 'aws:PrincipalArn': '*:role/ecs-role-trunking/*' } }],
  [{ StringEquals: { 'sts:ExternalId': 'secret' } }],
  [{ StringEquals: { 'sts:RoleSessionName': 'somebody' } }],
  [{ StringEqualsIgnoreCase: { 'sts:RoleSessionName': 'SOMEBODY' } }],
  [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role:ecs-role-trunking/Handler' } }],
  [{ StringEquals: { 'aws:PrincipalAccount': '444455556666' } }],
  [{ StringEquals: { 'aws:PrincipalAccount': 444455556666 } }],
  [{ Null: { 'sts:ExternalId': 'false' } }],
  [{ StringEquals: { 'aws:PrincipalTag/team': 'x', 'sts:RoleSessionName': 'somebody' } }],
])('%j cannot be true of the handler', (condition) => {
  expect(under(condition)).toBe(false);
});

test('a condition on an ARN whose path is not known is left to STS', () => {
  expect(under({ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/other/*' } }, HANDLER)).toBe(
    true,
  );
});

test('the condition of a denial counts where it is certainly true', () => {
  const denial = (Condition: object) =>
    couldTrust(
      encodeURIComponent(
        JSON.stringify({ Statement: [allow(root), { ...allow(root, { Condition }), Effect: 'Deny' }] }),
      ),
      { ...HANDLER, principalArn },
    );
  expect(denial({ ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:*' } })).toBe(true);
  // An absent key and a false one differ here.
  expect(denial({ Bool: { 'aws:MultiFactorAuthPresent': 'false' } })).toBe(true);
  expect(denial({ BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } })).toBe(false);
  expect(denial({ StringEquals: { 'sts:RoleSessionName': 'EcsRoleTrunking' } })).toBe(false);
});

describe('what is known of a condition', () => {
  const KNOWN = contextOf({ ...HANDLER, principalArn });
  const PATTERN = 'arn:aws:iam::111122223333:role/ecs-role-trunking/*';

  test.each([
    [undefined, true],
    [{}, true],
    ['text', undefined],
    [{ StringEquals: 'text' }, undefined],
    // Operators.
    [{ StringEquals: { 'sts:RoleSessionName': 'EcsRoleTrunking' } }, true],
    [{ StringEquals: { 'sts:RoleSessionName': 'ecsroletrunking' } }, false],
    [{ stringequals: { 'STS:rolesessionname': 'EcsRoleTrunking' } }, true],
    [{ StringEquals: { 'sts:RoleSessionName': 'Ecs*' } }, false],
    [{ StringEqualsIgnoreCase: { 'sts:RoleSessionName': 'ecsroletrunking' } }, true],
    [{ StringNotEqualsIgnoreCase: { 'sts:RoleSessionName': 'ecsroletrunking' } }, false],
    [{ StringLike: { 'sts:RoleSessionName': 'Ecs*' } }, true],
    [{ StringNotLike: { 'sts:RoleSessionName': 'Ecs*' } }, false],
    [{ StringNotEquals: { 'sts:RoleSessionName': 'other' } }, true],
    [{ ArnLike: { 'aws:PrincipalArn': PATTERN } }, true],
    [{ ArnEquals: { 'aws:PrincipalArn': PATTERN } }, true],
    [{ ArnNotLike: { 'aws:PrincipalArn': PATTERN } }, false],
    [{ ArnNotEquals: { 'aws:PrincipalArn': PATTERN } }, false],
    [{ Bool: { 'aws:MultiFactorAuthPresent': 'TRUE' } }, false],
    [{ NumericEquals: { 'aws:PrincipalAccount': '111122223333' } }, undefined],
    // Each part of an ARN is matched by itself, and a text without six parts is left to STS.
    [{ ArnLike: { 'aws:PrincipalArn': 'arn:*:role/ecs-role-trunking/Handler' } }, undefined],
    [{ ArnLike: { 'aws:PrincipalArn': ['arn:*', 'arn:aws:iam::111122223333:role/other'] } }, undefined],
    [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/ecs-role-trunking/Handler' } }, true],
    [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:s3::111122223333:role/*' } }, false],
    [{ ArnLike: { 'aws:PrincipalArn': `${PATTERN}:more` } }, false],
    // Keys that the request does not have.
    [{ StringEquals: { 'sts:ExternalId': 'x' } }, false],
    [{ StringEqualsIfExists: { 'sts:ExternalId': 'x' } }, true],
    [{ StringNotEquals: { 'sts:ExternalId': 'x' } }, true],
    [{ Null: { 'sts:ExternalId': 'true' } }, true],
    [{ Null: { 'sts:ExternalId': true } }, true],
    [{ Null: { 'sts:RoleSessionName': 'TRUE' } }, false],
    [{ Null: { 'aws:MultiFactorAuthPresent': 'true' } }, undefined],
    // Keys and values that only STS knows.
    [{ StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }, undefined],
    [{ StringEquals: { 'sts:RoleSessionName': ['x', `$${'{aws:userid}'}`] } }, undefined],
    // All operators and keys must match; one that certainly does not decides.
    [
      { StringEquals: { 'sts:RoleSessionName': ['x', 'EcsRoleTrunking'], 'aws:PrincipalAccount': '1' } },
      false,
    ],
    [{ StringEquals: { 'aws:PrincipalOrgID': 'o-1', 'aws:PrincipalAccount': '1' } }, false],
    [{ StringEquals: { 'aws:PrincipalOrgID': 'o-1', 'aws:PrincipalAccount': '111122223333' } }, undefined],
  ])('%j is %p', (condition, expected) => {
    expect(holds(condition, KNOWN)).toBe(expected);
  });

  test('depends on who the handler runs as', () => {
    const mfa = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } };
    const arn = { ArnLike: { 'aws:PrincipalArn': PATTERN } };
    expect(holds(mfa, contextOf(HANDLER))).toBe(false);
    expect(holds(arn, contextOf(HANDLER))).toBeUndefined();
    expect(holds(mfa, contextOf({ ...HANDLER, kind: 'user' }))).toBeUndefined();
  });
});
