import { callerFor, xml, xmlError } from 'resource-runtime/testing';
import { findRole, listRoles } from '../../../src/role/roles';
import { aws } from '../scripted-aws';

const ARN = 'arn:aws:iam::111122223333:role/team/instances';
const POLICY = '%7B%22Statement%22%3A%5B%5D%7D';

const role = (arn: string, policy = POLICY) =>
  `<member><Arn>${arn}</Arn><AssumeRolePolicyDocument>${policy}</AssumeRolePolicyDocument></member>`;

const TAG = '<member><Key>ecs-role-trunking</Key><Value>managed</Value></member>';
const found = (...tags: string[]) =>
  aws.answer('GetRole', xml('GetRole', `<Role><Arn>${ARN}</Arn><Tags>${tags.join('')}</Tags></Role>`));

test('a role is found by its name, with its ARN, its trust policy and the name of its permissions boundary', async () => {
  const boundary = 'arn:aws:iam::111122223333:policy/team/Limits';
  const limits = `<PermissionsBoundary><PermissionsBoundaryArn>${boundary}</PermissionsBoundaryArn></PermissionsBoundary>`;
  const trust = `<AssumeRolePolicyDocument>${POLICY}</AssumeRolePolicyDocument>`;
  aws.answer('GetRole', xml('GetRole', `<Role><Arn>${ARN}</Arn>${trust}${limits}</Role>`));
  expect(await findRole(callerFor(), 'instances')).toEqual({
    arn: ARN,
    hasOptInTag: false,
    trustPolicy: POLICY,
    boundary: 'Limits',
  });
  expect(aws.requests[0]?.parameters).toMatchObject({ RoleName: 'instances' });
});

test.each([
  ['the tag', [TAG], true],
  ['its key in another case, as policies accept it', [TAG.replace('ecs-', 'ECS-')], true],
  ['another tag before it', ['<member><Key>team</Key><Value>managed</Value></member>', TAG], true],
  ['another value', [TAG.replace('managed', 'Managed')], false],
  ['another key', [TAG.replace('ecs-', 'eks-')], false],
  ['a tag without a key', ['<member><Value>managed</Value></member>'], false],
] as const)('a role opts in by its tag, and by nothing else: %s', async (_, tags, hasOptInTag) => {
  found(...tags);
  expect(await findRole(callerFor(), 'instances')).toMatchObject({ hasOptInTag });
});

test('a role can have neither tags nor a boundary, and a policy that is missing trusts no one', async () => {
  found();
  expect(await findRole(callerFor(), 'instances')).toMatchObject({ trustPolicy: '', boundary: undefined });
});

test('a boundary without an ARN has no name', async () => {
  const nameless =
    '<PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType></PermissionsBoundary>';
  aws.answer('GetRole', xml('GetRole', `<Role><Arn>${ARN}</Arn>${nameless}</Role>`));
  expect(await findRole(callerFor(), 'instances')).toMatchObject({ boundary: undefined });
});

test('a role that IAM does not know is undefined', async () => {
  aws.answer('GetRole', xmlError('NoSuchEntity', 404));
  expect(await findRole(callerFor(), 'instances')).toBeUndefined();
});

test('any other error is thrown, since it does not show whether the role exists', async () => {
  aws.answer('GetRole', xmlError('AccessDenied', 403));
  await expect(findRole(callerFor(), 'instances')).rejects.toMatchObject({ kind: 'denied' });
  for (const answer of ['<Role></Role>', '', '<Role><Arn>instances</Arn></Role>']) {
    aws.answer('GetRole', xml('GetRole', answer));
    await expect(findRole(callerFor(), 'instances')).rejects.toMatchObject({
      code: 'MalformedResponse',
      action: 'iam:GetRole',
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
  await findRole(caller, 'instances');
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
    action: 'iam:ListRoles',
  });
});
