import { AwsError } from 'resource-runtime';
import { advise } from '../../../src/errors/advice';

const errorOf = (action: string, name: string) =>
  AwsError.from(action, { name, $metadata: { httpStatusCode: 400 } });

test('the advice for a token that IAM does not know is to leave it out, and does not mention RoleArn', () => {
  expect(advise(errorOf('iam:ListRoles', 'ValidationError'))).toBe(
    'List again from the start, without nextToken.',
  );
});

test('the advice for any other invalid parameter is to check RoleArn and the Region', () => {
  expect(advise(errorOf('sts:AssumeRole', 'RegionDisabledException'))).toMatch(
    /^Check RoleArn, and .* Region/,
  );
});

test('the advice for a session that ECS does not accept is to check the role', () => {
  expect(advise(errorOf('ecs:PutAccountSetting', 'UnrecognizedClientException'))).toMatch(
    /check that the role still exists/,
  );
});

test('for all other errors, there is only the general advice of the runtime', () => {
  expect(advise(errorOf('iam:ListRoles', 'AccessDenied'))).toBeUndefined();
  expect(advise(errorOf('ecs:PutAccountSetting', 'AccessDenied'))).toBeUndefined();
  expect(advise(errorOf('sts:AssumeRole', 'ExpiredToken'))).toBeUndefined();
});
