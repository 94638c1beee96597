import { type ResourceRequest, ServiceError } from 'resource-runtime';
import { callerFor } from 'resource-runtime/testing';
import { explain } from '../../../src/errors/explain';
import { parseRoleArn } from '../../../src/role/role-arn';

const errorOf = (action: string, name: string) =>
  ServiceError.from(action, { name, $metadata: { httpStatusCode: 400 } });

const role = parseRoleArn('arn:aws:iam::111122223333:role/instances');

/** The advice about an error; `undefined` if there is none but the runtime's own. */
async function advise(error: ServiceError): Promise<string | undefined> {
  const handlerRole = callerFor();
  const request = { handlerRole, action: 'LIST' } as ResourceRequest;
  const explained = await explain(error, { role }, request, false);
  return explained instanceof ServiceError ? explained.details.advice : undefined;
}

test('the advice for a token that IAM does not know is to leave it out, and does not mention RoleArn', async () => {
  expect(await advise(errorOf('iam:ListRoles', 'ValidationError'))).toBe(
    'List again from the start, without nextToken.',
  );
});

test('the advice for any other invalid parameter is to check RoleArn and the Region', async () => {
  const advice = await advise(errorOf('sts:AssumeRole', 'RegionDisabledException'));
  expect(advice).toMatch(/^Check RoleArn, and .* Region/);
});

test('the advice for a session that ECS does not accept is to check the role', async () => {
  const advice = await advise(errorOf('ecs:PutAccountSetting', 'UnrecognizedClientException'));
  expect(advice).toMatch(/check that the role still exists/);
});

test('for all other errors, there is only the general advice of the runtime', async () => {
  expect(await advise(errorOf('iam:ListRoles', 'AccessDenied'))).toBeUndefined();
  expect(await advise(errorOf('ecs:PutAccountSetting', 'AccessDenied'))).toBeUndefined();
  for (const [action, name] of [
    ['sts:AssumeRole', 'ExpiredToken'],
    ['ecs:PutAccountSetting', 'ThrottlingException'],
  ] as const) {
    const request = { handlerRole: callerFor(), action: 'UPDATE' } as ResourceRequest;
    expect(await explain(errorOf(action, name), { role }, request, false)).toBeUndefined();
  }
});
