import fc from 'fast-check';
import { decide } from '../local/services/iam/evaluation/engine';
import { couldTrust } from '../src/role/trust-policy';

/* Whether the handlers, when they read trust policies, ever rule out a role that IAM's rules would let them assume. */

const ACCOUNT = '111122223333';
const PRINCIPAL_ARN = `arn:aws:iam::${ACCOUNT}:role/ecs-role-trunking/Handler`;
const HANDLER = {
  accountId: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Handler/AWSCloudFormation`,
  kind: 'role',
  name: 'Handler',
  principalArn: PRINCIPAL_ARN,
} as const;

const strings = ['StringEquals', 'StringNotEquals', 'StringLike', 'StringNotLike', 'StringEqualsIgnoreCase'];
const arns = ['ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike'];
const ifExists = (names: readonly string[]) => [...names, ...names.map((name) => `${name}IfExists`)];

const arnValue = fc.constantFrom(
  ...[PRINCIPAL_ARN, `arn:aws:iam::${ACCOUNT}:role/*`, `arn:aws:iam::${ACCOUNT}:role/ecs-role-trunking/*`],
  ...[
    `arn:aws:iam::${ACCOUNT}:role/other/*`,
    `arn:aws:iam::*:role/*/Handle?`,
    'arn:aws:iam::444455556666:role/*',
  ],
);
const textValue = fc.constantFrom(
  'EcsRoleTrunking',
  'ecsroletrunking',
  'Ecs*',
  'E?sRole*',
  'other',
  ACCOUNT,
  '*',
);
const few = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: 1, maxLength: 3 });

const part = fc.oneof(
  fc.tuple(
    fc.constantFrom(...ifExists(strings)),
    fc.constantFrom('sts:RoleSessionName', 'sts:ExternalId', 'aws:PrincipalAccount', 'aws:PrincipalTag/team'),
    few(textValue),
  ),
  fc.tuple(fc.constantFrom(...ifExists(arns)), fc.constant('aws:PrincipalArn'), few(arnValue)),
  fc.tuple(
    fc.constantFrom('Bool', 'BoolIfExists'),
    fc.constant('aws:MultiFactorAuthPresent'),
    few(fc.constantFrom('true', 'false')),
  ),
  fc.tuple(
    fc.constant('Null'),
    fc.constantFrom(
      'sts:ExternalId',
      'aws:PrincipalArn',
      'sts:RoleSessionName',
      'aws:MultiFactorAuthPresent',
    ),
    few(fc.constantFrom('true', 'false')),
  ),
);
const condition = fc
  .array(part, { maxLength: 3 })
  .map((parts) => Object.fromEntries(parts.map(([operator, key, values]) => [operator, { [key]: values }])));
const principal = fc.constantFrom(
  `arn:aws:iam::${ACCOUNT}:root`,
  PRINCIPAL_ARN,
  '*',
  'arn:aws:iam::444455556666:root',
);
const statement = fc
  .record({ Effect: fc.constantFrom('Allow', 'Allow', 'Deny'), principal, condition })
  .map(({ Effect, principal: AWS, condition: Condition }) => ({
    Effect,
    Principal: { AWS },
    Action: 'sts:AssumeRole',
    ...(Object.keys(Condition).length > 0 && { Condition }),
  }));

test('a role that IAM would let the handler assume is never ruled out', async () => {
  const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  const seen = { allowed: 0, ruledOut: 0 };
  const check = async (Statement: object[], isMultiFactor: boolean, team: string | undefined) => {
    const document = { Version: '2012-10-17', Statement };
    const { result: decision } = await decide({
      principal: HANDLER.arn,
      accountId: ACCOUNT,
      action: 'sts:AssumeRole',
      resource: `arn:aws:iam::${ACCOUNT}:role/instances`,
      context: {
        'aws:PrincipalArn': PRINCIPAL_ARN,
        'aws:PrincipalAccount': ACCOUNT,
        'sts:RoleSessionName': 'EcsRoleTrunking',
        ...(isMultiFactor && { 'aws:MultiFactorAuthPresent': 'false' }),
        ...(team !== undefined && { 'aws:PrincipalTag/team': team }),
      },
      identityPolicies: [{ name: 'Everything', document: everything }],
      resourcePolicy: document,
    });
    const could = couldTrust(encodeURIComponent(JSON.stringify(document)), HANDLER);
    seen.allowed += decision === 'Allowed' ? 1 : 0;
    seen.ruledOut += could ? 0 : 1;
    expect({ Statement, decision, could }).not.toMatchObject({ decision: 'Allowed', could: false });
  };
  const statements = fc.array(statement, { minLength: 1, maxLength: 3 });
  const team = fc.constantFrom(undefined, 'other', 'EcsRoleTrunking');
  await fc.assert(fc.asyncProperty(statements, fc.boolean(), team, check), { numRuns: 1000 });
  // Both results occur often.
  expect(seen.allowed).toBeGreaterThan(100);
  expect(seen.ruledOut).toBeGreaterThan(100);
});
