import schema from '../../../custom-ecs-roletrunking.json';
import { accountIdIn, isServiceLinked, parseRoleArn } from '../../../src/role/role-arn';

const VALID = [
  'arn:aws:iam::111122223333:role/instances',
  'arn:aws:iam::111122223333:role/team/a/instances',
  'arn:aws-cn:iam::111122223333:role/instances',
  'arn:aws-us-gov:iam::111122223333:role/instances',
  'arn:aws-iso:iam::111122223333:role/instances',
  'arn:aws-iso-b:iam::111122223333:role/instances',
  `arn:aws:iam::111122223333:role/${'n'.repeat(64)}`,
  'arn:aws:iam::111122223333:role/a_b+c=d,e.f@g-h',
];

const INVALID = [
  '',
  'instances',
  'arn:aws:iam::111122223333:user/instances',
  'arn:aws:iam::111122223333:instance-profile/instances',
  'arn:aws:iam::11112222333:role/instances',
  'arn:aws:iam:us-east-1:111122223333:role/instances',
  'arn:aws:sts::111122223333:assumed-role/instances/i-0123',
  'arn:gcp:iam::111122223333:role/instances',
  'arn:aws:iam::111122223333:role/',
  'arn:aws:iam::111122223333:role/instances\n',
  `arn:aws:iam::111122223333:role/${'n'.repeat(65)}`,
  ' arn:aws:iam::111122223333:role/instances',
];

test.each(VALID)('%s is the ARN of a role, for the handlers and the schema', (arn) => {
  expect(parseRoleArn(arn).arn).toBe(arn);
  expect(arn).toMatch(new RegExp(schema.properties.RoleArn.pattern));
});

test.each(INVALID.map((arn) => [JSON.stringify(arn), arn]))(
  '%s is not the ARN of a role, for the handlers and the schema',
  (_, arn) => {
    expect(() => parseRoleArn(arn)).toThrow(expect.objectContaining({ errorCode: 'InvalidRequest' }));
    expect(arn).not.toMatch(new RegExp(schema.properties.RoleArn.pattern));
  },
);

test('the name of a role does not include its path', () => {
  expect(parseRoleArn('arn:aws-cn:iam::111122223333:role/team/a/instances')).toEqual({
    arn: 'arn:aws-cn:iam::111122223333:role/team/a/instances',
    accountId: '111122223333',
    name: 'instances',
  });
});

test.each([[undefined], [null], [7], [['arn:aws:iam::111122223333:role/x']], [{}]])(
  '%p is refused',
  (value) => {
    expect(() => parseRoleArn(value)).toThrow(/must be the ARN of an IAM role/);
  },
);

test('a huge value is not quoted', () => {
  expect(() => parseRoleArn('x'.repeat(1e6))).toThrow(
    expect.objectContaining({ message: expect.stringMatching(/^.{0,300}$/) }),
  );
});

test('only roles under the path of service-linked roles are service-linked', () => {
  expect(isServiceLinked('arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/X')).toBe(true);
  expect(isServiceLinked('arn:aws:iam::111122223333:role/team/aws-service-role')).toBe(false);
  const inPath = 'arn:aws:iam::111122223333:role/aws-service-role/X';
  expect(isServiceLinked(`arn:aws:iam::111122223333:role/${inPath}`)).toBe(false);
});

test.each([
  ['arn:aws-cn:iam::111122223333:role/instances', '111122223333'],
  ['arn:aws:iam::123:role/instances', undefined],
  ['from-arn:aws:iam::111122223333:role/instances', undefined],
  [undefined, undefined],
  [{}, undefined],
  // String(value) would throw.
  [{ toString: 1 }, undefined],
])('the account in %p is %p', (arn, accountId) => {
  expect(accountIdIn(arn)).toBe(accountId);
});
