import { advise } from '../../src/advice';
import { AwsError } from '../../src/runtime';

const errorOf = (action: string, name: string) =>
  AwsError.from(action, { name, $metadata: { httpStatusCode: 400 } });

test('a token that IAM does not know is to be left out, and RoleArn is not mentioned', () => {
  expect(advise(errorOf('iam:ListRoles', 'ValidationError'))).toBe(
    'List again from the start, without nextToken.',
  );
});

test('any other invalid parameter is RoleArn or the Region', () => {
  expect(advise(errorOf('sts:AssumeRole', 'RegionDisabledException'))).toMatch(
    /^Check RoleArn, and .* Region/,
  );
});

test('all other errors are left to the runtime', () => {
  expect(advise(errorOf('iam:ListRoles', 'AccessDenied'))).toBeUndefined();
});
