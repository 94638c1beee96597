import {
  ASSUMED,
  callerFor,
  identity,
  json,
  jsonError,
  ScriptedAws,
  shortenWaits,
  xml,
  xmlError,
} from 'resource-runtime/testing';
import { parseRoleArn } from '../../../src/role/role-arn';
import { findCandidates, findSettings } from '../../../src/setting/listing';

let aws: ScriptedAws;

beforeAll(async () => {
  aws = await ScriptedAws.start();
});

afterAll(() => aws.close());

beforeEach(() => {
  shortenWaits();
  aws.reset();
  aws.answer('GetCallerIdentity', identity('arn:aws:sts::111122223333:assumed-role/Handler/session'));
});

afterEach(() => jest.restoreAllMocks());

const arnOf = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const trusting = (AWS: string, Condition?: object) =>
  encodeURIComponent(
    JSON.stringify({
      Statement: [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS }, ...(Condition && { Condition }) },
      ],
    }),
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
  test('are the roles that could trust the handler, except service-linked roles', async () => {
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

  describe('with a condition on the ARN of the caller', () => {
    const under = (path: string) =>
      trusting('111122223333', { ArnLike: { 'aws:PrincipalArn': arnOf(`${path}/*`) } });

    beforeEach(() => page({ managed: under('ecs-role-trunking'), unmanaged: under('deployers') }));

    test('are those that trust the ARN of the handler role, which IAM returns', async () => {
      aws.answer('GetRole', xml('GetRole', `<Role><Arn>${arnOf('ecs-role-trunking/Handler')}</Arn></Role>`));
      expect((await candidates()).names).toEqual(['managed']);
      expect(aws.received('GetRole').map(({ parameters }) => parameters.RoleName)).toEqual(['Handler']);
    });

    test('are all of them where IAM does not return the ARN', async () => {
      aws.answer('GetRole', xmlError('AccessDenied', 403));
      expect((await candidates()).names).toEqual(['managed', 'unmanaged']);
    });

    test('are those that trust the ARN of a user, which STS has returned', async () => {
      aws.answer('GetCallerIdentity', identity('arn:aws:iam::111122223333:user/tester'));
      expect((await candidates()).names).toEqual([]);
      expect(aws.received('GetRole')).toEqual([]);
    });
  });

  test.each(['arn:aws:iam::444455556666:role/a', 'arn:aws:iam::111122223333:user/a', 'a'])(
    'are not found where IAM lists %s: the handler would assume it',
    async (arn) => {
      const role = `<Arn>${arn}</Arn><AssumeRolePolicyDocument>${trusting('*')}</AssumeRolePolicyDocument>`;
      aws.answer('ListRoles', xml('ListRoles', `<Roles><member>${role}</member></Roles>`));
      await expect(candidates()).rejects.toMatchObject({
        code: 'MalformedResponse',
        iamAction: 'iam:ListRoles',
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
  const enabled = json({ settings: [{ name: 'awsvpcTrunking', value: 'enabled' }] });

  test('are found for each role, in the order of the roles', async () => {
    aws.answer('AssumeRole', ASSUMED);
    aws.answer('ListAccountSettings', enabled);
    const many = Array.from({ length: 20 }, (_, index) => parseRoleArn(arnOf(`role-${index}`)));
    expect(await findSettings(many, callerFor())).toEqual(
      many.map((role) => ({ role, trunking: 'enabled' })),
    );
    const assumed = aws.received('AssumeRole').map(({ parameters }) => parameters.RoleArn);
    expect(String(aws.received('AssumeRole')[0]?.parameters.Policy)).toContain('"ecs:ListAccountSettings"');
    expect(assumed.sort()).toEqual(many.map(({ arn }) => arn).sort());
  });

  test('leave out a role without a setting, and one that denies the handler', async () => {
    aws.answer('AssumeRole', ASSUMED);
    aws.answer('ListAccountSettings', json({ settings: [] }));
    expect(await findSettings(ROLES, callerFor())).toEqual([]);
    aws.answer('AssumeRole', xmlError('AccessDenied', 403));
    expect(await findSettings(ROLES, callerFor())).toEqual([]);
  });

  test('are not found at all where one role cannot be read, and no further role is tried', async () => {
    aws.answer('AssumeRole', ASSUMED);
    aws.answer('ListAccountSettings', jsonError('ClientException'), enabled);
    const many = Array.from({ length: 200 }, (_, index) => parseRoleArn(arnOf(`role-${index}`)));
    const handler = callerFor();
    await expect(findSettings(many, handler)).rejects.toMatchObject({ code: 'ClientException' });
    // Calls in flight end. A worker that continued would always have one.
    while (handler.calls.some(({ milliseconds }) => milliseconds === undefined)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(aws.received('AssumeRole').length).toBeLessThan(many.length);
  });
});
