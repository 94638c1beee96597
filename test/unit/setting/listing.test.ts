import {
  ASSUMED,
  callerFor,
  identity,
  json,
  jsonError,
  type Received,
  shortenWaits,
  xml,
  xmlError,
} from 'resource-runtime/testing';
import { parseRoleArn } from '../../../src/role/role-arn';
import { findCandidates, findSettings } from '../../../src/setting/listing';
import { aws } from '../scripted-aws';

beforeEach(() => {
  shortenWaits();
  aws.answer('GetCallerIdentity', identity('arn:aws:sts::111122223333:assumed-role/Handler/session'));
});

afterEach(() => jest.restoreAllMocks());

const arnOf = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const trusting = (AWS: string) =>
  encodeURIComponent(
    JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS } }] }),
  );

/** A page with these roles and trust policies. */
function page(roles: Record<string, string>, marker?: string): void {
  const members = Object.entries(roles).map(
    ([name, policy]) =>
      `<member><Arn>${arnOf(name)}</Arn><AssumeRolePolicyDocument>${policy}</AssumeRolePolicyDocument></member>`,
  );
  const end = marker ? `<IsTruncated>true</IsTruncated><Marker>${marker}</Marker>` : '';
  aws.answer('ListRoles', xml('ListRoles', `<Roles>${members.join('')}</Roles>${end}`));
}

const candidates = async (marker?: string) => {
  const { candidates: roles, nextToken } = await findCandidates(callerFor(), marker);
  return { names: roles.map(({ arn }) => arn.split(':role/')[1]), nextToken };
};

describe('candidates', () => {
  test('are the roles whose trust policy names the handler, except service-linked roles', async () => {
    page(
      {
        managed: trusting(arnOf('Handler')),
        everyone: trusting('*'),
        unmanaged: trusting(arnOf('other')),
        'aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS': trusting('*'),
      },
      'next',
    );
    expect(await candidates('here')).toEqual({ names: ['managed', 'everyone'], nextToken: 'next' });
    expect(aws.received('ListRoles')[0]?.parameters).toMatchObject({ Marker: 'here' });
    expect(aws.received('GetRole')).toEqual([]);
  });

  test.each(['arn:aws:iam::444455556666:role/a', 'arn:aws:iam::111122223333:user/a', 'a'])(
    'are not found where IAM lists %s: the handler would assume it',
    async (arn) => {
      const role = `<Arn>${arn}</Arn><AssumeRolePolicyDocument>${trusting('*')}</AssumeRolePolicyDocument>`;
      aws.answer('ListRoles', xml('ListRoles', `<Roles><member>${role}</member></Roles>`));
      await expect(candidates()).rejects.toMatchObject({
        code: 'MalformedResponse',
        action: 'iam:ListRoles',
      });
    },
  );

  test('are not found where IAM refuses the list', async () => {
    aws.answer('ListRoles', xmlError('ValidationError'));
    await expect(findCandidates(callerFor(), 'unknown')).rejects.toMatchObject({ kind: 'invalid-parameter' });
  });
});

describe('settings', () => {
  const ROLES = ['a', 'b', 'c'].map((name) => parseRoleArn(arnOf(name)));
  const MANY = Array.from({ length: 50 }, (_, index) => parseRoleArn(arnOf(`role-${index}`)));
  const TAG = '<member><Key>ecs-role-trunking</Key><Value>managed</Value></member>';
  const enabled = json({ settings: [{ name: 'awsvpcTrunking', value: 'enabled' }] });
  const assumed = () => aws.received('AssumeRole').map(({ parameters }) => parameters.RoleArn);

  /** Every role exists; all have the tag, or the one of this name. */
  const tagged = (only?: string) => (request: Received) => {
    const name = String(request.parameters.RoleName);
    const tags = only === undefined || only === name ? TAG : '';
    return xml('GetRole', `<Role><Arn>${arnOf(name)}</Arn><Tags>${tags}</Tags></Role>`);
  };

  beforeEach(() => {
    aws.answer('GetRole', tagged());
    aws.answer('AssumeRole', ASSUMED);
    aws.answer('ListAccountSettings', enabled);
  });

  test('are found for each role, in the order of the roles', async () => {
    const settings = MANY.map((role) => ({ role, trunking: 'enabled' }));
    expect(await findSettings(MANY, callerFor())).toEqual(settings);
    expect(String(aws.received('AssumeRole')[0]?.parameters.Policy)).toContain('"ecs:ListAccountSettings"');
    expect(assumed().sort()).toEqual(MANY.map(({ arn }) => arn).sort());
  });

  test('leave out a role without the tag, and do not assume it', async () => {
    aws.answer('GetRole', tagged('b'));
    expect((await findSettings(ROLES, callerFor())).map(({ role }) => role.name)).toEqual(['b']);
    expect(assumed()).toEqual([arnOf('b')]);
  });

  test('leave out a role that was deleted since it was listed, or that has another path', async () => {
    aws.answer('GetRole', xmlError('NoSuchEntity', 404));
    expect(await findSettings(ROLES, callerFor())).toEqual([]);
    aws.answer('GetRole', tagged());
    expect(await findSettings([parseRoleArn(arnOf('team/a'))], callerFor())).toEqual([]);
    expect(assumed()).toEqual([]);
  });

  test('wait where IAM throttles the look at a role', async () => {
    const throttled = xmlError('Throttling', 400);
    // More often than the SDK itself retries.
    aws.answer('GetRole', throttled, throttled, throttled, throttled, tagged());
    expect(await findSettings(ROLES.slice(0, 1), callerFor())).toHaveLength(1);
    expect(aws.received('GetRole')).toHaveLength(5);
  });

  test.each([
    ['denied', xmlError('AccessDenied', 403)],
    ['server', xmlError('ServiceFailure', 500)],
  ])('are not found where the look at a role is answered with an error (%s)', async (kind, answer) => {
    aws.answer('GetRole', answer);
    await expect(findSettings(ROLES, callerFor())).rejects.toMatchObject({ kind, action: 'iam:GetRole' });
    expect(assumed()).toEqual([]);
  });

  test('are found with at most eight calls at the same time', async () => {
    let most = 0;
    const handler = callerFor();
    aws.answer('GetRole', (request) => {
      most = Math.max(most, handler.calls.filter(({ milliseconds }) => milliseconds === undefined).length);
      return tagged('none')(request);
    });
    await findSettings(MANY, handler);
    expect(most).toBe(8);
  });

  test('leave out a role without a setting, and one that denies the handler', async () => {
    aws.answer('ListAccountSettings', json({ settings: [] }));
    expect(await findSettings(ROLES, callerFor())).toEqual([]);
    aws.answer('AssumeRole', xmlError('AccessDenied', 403));
    expect(await findSettings(ROLES, callerFor())).toEqual([]);
  });

  test('are not found at all where one role cannot be read, and no further role is tried', async () => {
    aws.answer('ListAccountSettings', jsonError('ClientException'), enabled);
    const handler = callerFor();
    await expect(findSettings(MANY, handler)).rejects.toMatchObject({ code: 'ClientException' });
    // Calls in flight end. A worker that continued would always have one.
    while (handler.calls.some(({ milliseconds }) => milliseconds === undefined)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(aws.received('AssumeRole').length).toBeLessThan(MANY.length);
  });
});
