import fc from 'fast-check';
import { decide } from 'local-account';
import { namesCaller } from '../../src/role/trust-policy';

/* Whether a list leaves out a role, by its trust policy, that IAM's rules would let the handlers assume. */

const ACCOUNT = '111122223333';
const OTHER_ACCOUNT = '444455556666';
const HANDLER = {
  accountId: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Handler/AWSCloudFormation`,
  kind: 'role',
  name: 'Handler',
} as const;

const name = fc.constantFrom(
  ...['*', ACCOUNT, `arn:aws:iam::${ACCOUNT}:root`, HANDLER.arn],
  ...[`arn:aws:iam::${ACCOUNT}:role/ecs-role-trunking/Handler`, `arn:aws:iam::${ACCOUNT}:role/Other`],
  ...[OTHER_ACCOUNT, `arn:aws:iam::${OTHER_ACCOUNT}:root`, `arn:aws:iam::${OTHER_ACCOUNT}:role/Handler`],
);
const principal = fc.oneof(
  name.map((AWS) => ({ AWS })),
  fc.array(name, { minLength: 1, maxLength: 3 }).map((AWS) => ({ AWS })),
  fc.constant('*'),
  fc.constant({ Service: 'ec2.amazonaws.com' }),
);
const statement = fc
  .record({
    Effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
    Principal: principal,
    Action: fc.constantFrom('sts:AssumeRole', 'sts:*', 'sts:TagSession'),
    session: fc.constantFrom(undefined, 'EcsRoleTrunking', 'other'),
  })
  .map(({ session, ...rest }) => ({
    ...rest,
    ...(session && { Condition: { StringEquals: { 'sts:RoleSessionName': session } } }),
  }));

test('a role that IAM would let the handler assume is never left out', async () => {
  const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  const seen = { allowed: 0, leftOut: 0 };
  const check = async (Statement: object[]) => {
    const document = { Version: '2012-10-17', Statement };
    const { result: decision } = await decide({
      principal: HANDLER.arn,
      accountId: ACCOUNT,
      action: 'sts:AssumeRole',
      resource: `arn:aws:iam::${ACCOUNT}:role/instances`,
      context: {
        'aws:PrincipalArn': `arn:aws:iam::${ACCOUNT}:role/ecs-role-trunking/Handler`,
        'sts:RoleSessionName': 'EcsRoleTrunking',
      },
      identityPolicies: [{ name: 'Everything', document: everything }],
      resourcePolicy: document,
    });
    const isNamed = namesCaller(encodeURIComponent(JSON.stringify(document)), HANDLER);
    seen.allowed += decision === 'Allowed' ? 1 : 0;
    seen.leftOut += isNamed ? 0 : 1;
    expect({ Statement, decision, isNamed }).not.toMatchObject({ decision: 'Allowed', isNamed: false });
  };
  const statements = fc.array(statement, { minLength: 1, maxLength: 3 });
  await fc.assert(fc.asyncProperty(statements, check), { numRuns: 1000 });
  // Both results occur often.
  expect(seen.allowed).toBeGreaterThan(100);
  expect(seen.leftOut).toBeGreaterThan(100);
});
