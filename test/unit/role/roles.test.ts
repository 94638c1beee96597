import { callerFor, ScriptedAws, xml, xmlError } from 'resource-runtime/testing';
import { parseRoleArn } from '../../../src/role/role-arn';
import { findRoleArn, listRoles, roleExists } from '../../../src/role/roles';

const ARN = 'arn:aws:iam::111122223333:role/team/instances';
const POLICY = '%7B%22Statement%22%3A%5B%5D%7D';

let aws: ScriptedAws;

beforeAll(async () => {
  aws = await ScriptedAws.start();
});

afterAll(() => aws.close());

beforeEach(() => aws.reset());

const role = (arn: string, policy = POLICY) =>
  `<member><Arn>${arn}</Arn><AssumeRolePolicyDocument>${policy}</AssumeRolePolicyDocument></member>`;

test('a role exists if IAM knows it under the same ARN', async () => {
  aws.answer('GetRole', xml('GetRole', `<Role><Arn>${ARN}</Arn></Role>`));
  expect(await roleExists(callerFor(), parseRoleArn(ARN))).toBe(true);
  expect(aws.requests[0]?.parameters).toMatchObject({ RoleName: 'instances' });
  expect(await roleExists(callerFor(), parseRoleArn(ARN.replace('team', 'other')))).toBe(false);
});

test('a role that IAM does not know does not exist', async () => {
  aws.answer('GetRole', xmlError('NoSuchEntity', 404));
  expect(await roleExists(callerFor(), parseRoleArn(ARN))).toBe(false);
});

test('any other error is thrown, since it does not show whether the role exists', async () => {
  aws.answer('GetRole', xmlError('AccessDenied', 403));
  await expect(roleExists(callerFor(), parseRoleArn(ARN))).rejects.toMatchObject({ kind: 'denied' });
  for (const answer of ['<Role></Role>', '', '<Role><Arn>instances</Arn></Role>']) {
    aws.answer('GetRole', xml('GetRole', answer));
    await expect(findRoleArn(callerFor(), 'instances')).rejects.toMatchObject({
      code: 'MalformedResponse',
      iamAction: 'iam:GetRole',
    });
  }
});

test('a page has at most 100 roles, each with ARN and trust policy, and the marker of the next page', async () => {
  const page = `<Roles>${role(ARN)}${role('arn:aws:iam::111122223333:role/other', '')}</Roles>`;
  aws.answer('ListRoles', xml('ListRoles', `${page}<IsTruncated>true</IsTruncated><Marker>next</Marker>`));
  expect(await listRoles(callerFor(), 'here')).toEqual({
    roles: [
      { arn: ARN, trustPolicy: POLICY },
      { arn: 'arn:aws:iam::111122223333:role/other', trustPolicy: '' },
    ],
    nextMarker: 'next',
  });
  expect(aws.requests[0]?.parameters).toMatchObject({ MaxItems: '100', Marker: 'here' });
});

test('both calls are recorded by their actions', async () => {
  aws.answer('GetRole', xml('GetRole', `<Role><Arn>${ARN}</Arn></Role>`));
  aws.answer('ListRoles', xml('ListRoles', '<Roles/>'));
  const caller = callerFor();
  await findRoleArn(caller, 'instances');
  await listRoles(caller, undefined);
  expect(caller.calls).toMatchObject([{ action: 'iam:GetRole' }, { action: 'iam:ListRoles' }]);
});

test('the last page has no marker, whatever the answer says', async () => {
  aws.answer('ListRoles', xml('ListRoles', '<Roles/><IsTruncated>false</IsTruncated><Marker>x</Marker>'));
  expect(await listRoles(callerFor(), undefined)).toEqual({ roles: [], nextMarker: undefined });
  expect(aws.requests[0]?.parameters).not.toHaveProperty('Marker');
});

test.each([
  ['no list of roles', '<IsTruncated>false</IsTruncated>'],
  ['a next page and no marker', '<Roles/><IsTruncated>true</IsTruncated>'],
  ['an empty marker', '<Roles/><IsTruncated>true</IsTruncated><Marker></Marker>'],
  ['a marker of half a character', '<Roles/><IsTruncated>true</IsTruncated><Marker>&#xD800;</Marker>'],
  ['a role without an ARN', '<Roles><member><RoleName>x</RoleName></member></Roles>'],
])('an answer with %s is malformed', async (_, page) => {
  aws.answer('ListRoles', xml('ListRoles', page));
  await expect(listRoles(callerFor(), undefined)).rejects.toMatchObject({
    code: 'MalformedResponse',
    iamAction: 'iam:ListRoles',
  });
});
