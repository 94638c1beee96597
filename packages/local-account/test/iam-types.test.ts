import { LocalAccount } from '../src/account';
import type { CloudFormation } from '../src/cloudformation';
import {
  ALLOW_ALL,
  allow,
  assume,
  cloudFormation,
  createRole,
  errorOf,
  policy,
  role,
  template,
  trust,
  trustService,
} from './support';

/* The IAM types of templates. */

let account: LocalAccount;
let cf: CloudFormation;

beforeEach(async () => {
  account = await LocalAccount.start();
  cf = cloudFormation(account, { invoke: () => Promise.reject(new Error('No handler is registered')) });
});
afterEach(() => account.close());

const trusting = (principal: string) => policy(trust({ AWS: principal }));
const READ = policy(allow('ecs:ListAccountSettings'));
const policiesOf = (roleName = 'it') => {
  const found = account.roles.get(roleName);
  return found ? account.roles.identityPolicies(found).map(({ name }) => name) : undefined;
};

const Inline = {
  Type: 'AWS::IAM::Policy',
  Properties: { PolicyName: 'Inline', PolicyDocument: READ, Roles: [{ Ref: 'Role' }] },
};
const Managed = {
  Type: 'AWS::IAM::ManagedPolicy',
  Properties: { ManagedPolicyName: 'Managed', PolicyDocument: READ, Roles: [{ Ref: 'Role' }] },
};
const MANAGED_ARN = 'arn:aws:iam::111122223333:policy/Managed';

test('policies that are resources are added to a role, stay when it is updated, and are deleted with their resource', async () => {
  const stack = await cf.deploy('s', template({ Role: role('it'), Inline, Managed }));
  expect(stack.status).toBe('CREATE_COMPLETE');
  expect(policiesOf()).toEqual(['Inline', MANAGED_ARN]);
  const Policies = [{ PolicyName: 'Own', PolicyDocument: READ }];
  await cf.deploy('s', template({ Role: role('it', { Policies }), Inline, Managed }));
  expect(policiesOf()).toEqual(['Inline', 'Own', MANAGED_ARN]);
  await cf.deploy('s', template({ Role: role('it') }));
  expect(policiesOf()).toEqual([]);
  expect(account.roles.managedPolicies.has(MANAGED_ARN)).toBe(false);
});

test('a role’s permissions boundary is created, replaced and removed with its property', async () => {
  const boundary = () => account.roles.get('it')?.permissionsBoundary;
  const properties = { ManagedPolicyName: 'Limit', PolicyDocument: READ };
  const Limit = { Type: 'AWS::IAM::ManagedPolicy', Properties: properties };
  const limitedBy = (PermissionsBoundary: unknown) =>
    template({ Role: role('it', { PermissionsBoundary }), Limit });
  const ECS_FOR_EC2 = 'arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role';
  await cf.deploy('s', limitedBy({ Ref: 'Limit' }));
  expect(boundary()).toBe('arn:aws:iam::111122223333:policy/Limit');
  await cf.deploy('s', limitedBy(ECS_FOR_EC2));
  expect(boundary()).toBe(ECS_FOR_EC2);
  await cf.deploy('s', template({ Role: role('it'), Limit }));
  expect(boundary()).toBeUndefined();
});

test('a policy that moves to another role is removed from the first', async () => {
  const Other = role('it', { RoleName: 'other' });
  await cf.deploy('s', template({ Role: role('it'), Other, Managed, Inline }));
  const moved = (it: typeof Inline | typeof Managed) => ({
    ...it,
    Properties: { ...it.Properties, Roles: [{ Ref: 'Other' }] },
  });
  await cf.deploy('s', template({ Role: role('it'), Other, Managed: moved(Managed), Inline: moved(Inline) }));
  expect([policiesOf(), policiesOf('other')]).toEqual([[], ['Inline', MANAGED_ARN]]);
});

test.each([
  [
    'a role that exists',
    { Role: role('it', { RoleName: 'there' }) },
    /: "Role with name there already exists\. \(Service: Iam, Status Code: 409, .* HandlerErrorCode: AlreadyExists\)$/,
  ],
  [
    'a managed policy that does not exist',
    { Role: role('it', { ManagedPolicyArns: [MANAGED_ARN] }) },
    /Managed does not exist/,
  ],
  [
    'a policy of no role',
    { Inline: { ...Inline, Properties: { ...Inline.Properties, Roles: ['no'] } } },
    /: "The role with name no cannot be found\. \(.* HandlerErrorCode: NotFound\)$/,
  ],
  [
    'a malformed policy',
    { Role: role('it', { Policies: [{ PolicyName: 'P', PolicyDocument: {} }] }) },
    /Syntax errors in policy\. .* HandlerErrorCode: InvalidRequest\)$/,
  ],
  [
    'a role that trusts a role that does not exist',
    { Role: role('it', { AssumeRolePolicyDocument: trusting('arn:aws:iam::111122223333:role/missing') }) },
    /: "Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:role\/missing" \(Service: Iam, Status Code: 400, /,
  ],
  ['a property that is not supported', { Role: role('it', { Other: 'x' }) }, /does not support Other/],
])('%s fails the stack with IAM’s message, and nothing remains', async (_, resources, reason) => {
  account.roles.create({ name: 'there', assumeRolePolicyDocument: trustService('ec2.amazonaws.com') });
  const stack = await cf.deploy('s', template(resources));
  expect(stack).toMatchObject({ status: 'ROLLBACK_COMPLETE', reason: expect.stringMatching(reason) });
  const names = account.roles.list().map(({ name }) => name);
  expect(names.filter((name) => name !== 'LocalFunctionRole')).toEqual(['there']);
});

test('a role that trusts another by its ARN does not trust a new role of that name', async () => {
  const { arn, id } = createRole(account, { name: 'trusted' });
  await cf.deploy('s', template({ Role: role('it', { AssumeRolePolicyDocument: trusting(arn) }) }));
  const RoleArn = 'arn:aws:iam::111122223333:role/it';
  await expect(assume(account, account.sessionFor(arn, 'before'), { RoleArn })).resolves.toBeDefined();
  account.roles.delete('trusted');
  createRole(account, { name: 'trusted' });
  const again = assume(account, account.sessionFor(arn, 'after'), { RoleArn });
  expect(await errorOf(again)).toMatchObject({ name: 'AccessDenied' });
  expect(JSON.stringify(account.roles.get('it')?.assumeRolePolicyDocument)).toContain(id);
});

test('a role with a policy that is not in its stack is not deleted', async () => {
  await cf.deploy('s', template({ Role: role('it') }));
  account.roles.update('it', { inlinePolicies: [ALLOW_ALL] });
  const stack = await cf.deleteStack('s');
  expect(stack).toMatchObject({
    status: 'DELETE_FAILED',
    reason: expect.stringContaining('must delete policies first'),
  });
});
