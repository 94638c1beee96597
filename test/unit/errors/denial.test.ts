import { HandlerError, type ResourceRequest, ServiceError } from 'resource-runtime';
import { callerFor, identity, type Received, xml, xmlError } from 'resource-runtime/testing';
import { explainDenial, isWorthRetrying } from '../../../src/errors/denial';
import { parseRoleArn } from '../../../src/role/role-arn';
import { aws } from '../scripted-aws';

/* What the handlers ask IAM and STS about a denial. The messages: denial-message.test.ts. */

const role = parseRoleArn('arn:aws:iam::111122223333:role/instances');
const OTHER_ARN = 'arn:aws:iam::111122223333:role/team/instances';

type Action = ResourceRequest['action'];

const roleAnswer = (arn: string) => xml('GetRole', `<Role><Arn>${arn}</Arn></Role>`);

beforeEach(() => {
  aws.answer('GetRole', ({ parameters }: Received) =>
    roleAnswer(`arn:aws:iam::111122223333:role/${parameters.RoleName}`),
  );
  aws.answer('GetCallerIdentity', identity('arn:aws:sts::111122223333:assumed-role/Handler/session'));
});

const errorOf = (name: string, action = 'sts:AssumeRole') =>
  ServiceError.from(action, { name, message: 'Not authorized', $metadata: { httpStatusCode: 403 } });

/** The code and the message of the explanation, or the error of IAM that takes the denial's place. */
async function explain(call: string, isFinal: boolean, handlerRole = callerFor(), action: Action = 'UPDATE') {
  const denial = errorOf('AccessDenied', call);
  const explained = await explainDenial(denial, role, { handlerRole, action }, !isFinal);
  return explained instanceof HandlerError
    ? { code: explained.errorCode, message: explained.message }
    : { unanswered: explained, message: explained.message };
}
const looked = () => aws.requests.map(({ operation, parameters }) => parameters.RoleName ?? operation);

test.each(['sts:AssumeRole', 'ecs:PutAccountSetting'])(
  'a denied %s is NotFound where the role does not exist',
  async (action) => {
    aws.answer('GetRole', xmlError('NoSuchEntity', 404));
    const missing = { code: 'NotFound', message: `There is no role ${role.arn}. Check RoleArn.` };
    expect(await explain(action, true)).toEqual(missing);
    expect(await explain(action, false)).toEqual(missing);
  },
);

test.each([
  OTHER_ARN,
  'arn:aws:iam::111122223333:role/Instances',
  'arn:aws-cn:iam::111122223333:role/instances',
])('it is NotFound, and the message has the right ARN, where the role of this name is %s', async (arn) => {
  aws.answer('GetRole', roleAnswer(arn));
  expect(await explain('sts:AssumeRole', false)).toEqual({
    code: 'NotFound',
    message: `There is no role ${role.arn}. The role of this name is ${arn}: use that ARN as RoleArn.`,
  });
});

test('only the final message takes a look at the handler', async () => {
  expect(await explain('sts:AssumeRole', false)).toMatchObject({ code: 'AccessDenied' });
  expect(looked()).toEqual(['instances']);
  aws.requests.length = 0;
  const { message } = await explain('sts:AssumeRole', true);
  expect(looked()).toEqual(['instances', 'GetCallerIdentity', 'Handler']);
  expect(message).toMatch(/^sts:AssumeRole is denied on .* Details: Not authorized$/);
  expect(message).toContain('a trust statement for the handler role Handler');
});

test('the message about a denied call of the session takes no look at the handler', async () => {
  await explain('ecs:PutAccountSetting', true);
  expect(looked()).toEqual(['instances']);
});

test('a user who tests the type is no role, and is named by the ARN', async () => {
  aws.answer('GetCallerIdentity', identity('arn:aws:iam::111122223333:user/tester'));
  expect((await explain('sts:AssumeRole', true)).message).toContain(
    'a trust statement for arn:aws:iam::111122223333:user/tester',
  );
  expect(looked()).toEqual(['instances', 'GetCallerIdentity']);
});

test.each(['GetCallerIdentity', 'GetRole'])(
  'the message needs no second look at the handler (%s)',
  async (operation) => {
    aws.answer('GetRole', roleAnswer(role.arn), xmlError('AccessDenied', 403));
    if (operation === 'GetCallerIdentity') {
      aws.answer('GetCallerIdentity', xmlError('AccessDenied', 403));
    }
    const { message } = await explain('sts:AssumeRole', true);
    expect(message).toContain('the tag ecs-role-trunking = managed');
    // Without the identity, nobody knows whom the trust policy should name.
    expect(message.includes('a trust statement')).toBe(operation === 'GetRole');
  },
);

test("a denied read is IAM's error where it is not known whether the role exists; other operations are AccessDenied", async () => {
  aws.answer('GetRole', xmlError('InternalFailure', 500));
  const failed = { action: 'iam:GetRole', kind: 'server' };
  expect(await explain('sts:AssumeRole', true, callerFor(), 'READ')).toMatchObject({ unanswered: failed });
  expect(await explain('sts:AssumeRole', true)).toMatchObject({ code: 'AccessDenied' });
  const invocation = new AbortController();
  const handlerRole = callerFor(60_000, invocation);
  invocation.abort();
  const late = { action: 'iam:GetRole', code: 'DeadlineExceeded' };
  expect(await explain('sts:AssumeRole', true, handlerRole, 'READ')).toMatchObject({ unanswered: late });
  expect((await explain('sts:AssumeRole', true, handlerRole)).message).toContain(
    'iam:GetRole failed too (there was no response in time)',
  );
});

test.each(['READ', 'UPDATE'] as const)(
  'a denied AssumeRole is AccessDenied where IAM denies the look at the role (%s)',
  async (action) => {
    aws.answer('GetRole', xmlError('AccessDenied', 403));
    expect(await explain('sts:AssumeRole', true, callerFor(), action)).toEqual({
      code: 'AccessDenied',
      message: expect.stringContaining('iam:GetRole failed too (AccessDenied)'),
    });
  },
);

test('an error in the code of a lookup is thrown', async () => {
  const broken = { ...callerFor(), calls: null as never };
  await expect(explain('sts:AssumeRole', true, broken)).rejects.toThrow(TypeError);
});

describe('a create waits', () => {
  const waits = (code: string) => isWorthRetrying(errorOf(code), role, callerFor());

  test('while a role is denied that exists, or is not created yet', async () => {
    expect(await waits('AccessDenied')).toBe(true);
    aws.answer('GetRole', xmlError('NoSuchEntity', 404));
    expect(await waits('AccessDenied')).toBe(true);
    aws.answer('GetRole', xmlError('AccessDenied', 403));
    expect(await waits('AccessDenied')).toBe(true);
  });

  test('not for a role whose name belongs to a role with another ARN', async () => {
    aws.answer('GetRole', roleAnswer(OTHER_ARN));
    expect(await waits('AccessDenied')).toBe(false);
  });

  test('no longer than the invocation should wait, where IAM does not respond', async () => {
    aws.answer('GetRole', 'silence');
    const patience = new AbortController();
    const handler = callerFor();
    const deadline = { ...handler.deadline, patience: patience.signal };
    const waiting = isWorthRetrying(errorOf('AccessDenied'), role, { ...handler, deadline });
    patience.abort();
    expect(await waiting).toBe(true);
  });

  test('for what is transient, and for nothing else, without a look at the role', async () => {
    expect(await waits('Throttling')).toBe(true);
    expect(await waits('ValidationError')).toBe(false);
    expect(aws.requests).toEqual([]);
  });
});
