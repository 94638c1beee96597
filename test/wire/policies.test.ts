import {
  CreateClusterCommand,
  DeleteAccountSettingCommand,
  ECSClient,
  ListAccountSettingsCommand,
  PutAccountSettingCommand,
} from '@aws-sdk/client-ecs';
import { GetRoleCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { Credentials } from 'local-account';
import { VirtualClock } from 'local-account';
import schema from '../../custom-ecs-roletrunking.json';
import { allowing, policyOf, trusting } from '../harness/policies';
import { REGION, type SampleAccount, startSampleAccount } from '../harness/sample-account';

/*
 * What the policies of examples/roles.yml allow and deny. The tests try it with calls of the SDK, over HTTP.
 */

const SERVICE = 'resources.cloudformation.amazonaws.com';
const TRUNKING = { name: 'awsvpcTrunking', value: 'enabled' } as const;

let sample: SampleAccount;

beforeAll(async () => {
  sample = await startSampleAccount({ clock: new VirtualClock() });
});

afterAll(() => sample.close());

const typeArn = (account: string, type = 'Custom-Ecs-RoleTrunking', region = REGION) =>
  `arn:aws:cloudformation:${region}:${account}:type/resource/${type}/00000001`;
const asCloudFormation = (sourceAccount: string, sourceArn: string) =>
  sample.account.assumeAsService(SERVICE, sample.handlerRoleArn, { sourceAccount, sourceArn });
const asHandler = () => asCloudFormation(sample.account.accountId, typeArn(sample.account.accountId));
const asInstance = () =>
  sample.account.assumeAsService('ec2.amazonaws.com', sample.instanceRoleArn, {
    sessionName: 'i-0123456789abcdef0',
  });

const configuration = (credentials: Credentials) => ({
  credentials,
  region: REGION,
  endpoint: sample.account.endpoint,
});
const ecs = (credentials: Credentials) => new ECSClient(configuration(credentials));
const iam = (credentials: Credentials) => new IAMClient(configuration(credentials));

async function assume(
  credentials: Credentials,
  options: { roleArn?: string; sessionName?: string; policy?: object } = {},
) {
  const { roleArn = sample.instanceRoleArn, sessionName = 'EcsRoleTrunking', policy } = options;
  const { Credentials: session } = await new STSClient(configuration(credentials)).send(
    new AssumeRoleCommand({
      RoleArn: roleArn,
      RoleSessionName: sessionName,
      ...(policy && { Policy: JSON.stringify(policy) }),
    }),
  );
  return {
    accessKeyId: session?.AccessKeyId ?? '',
    secretAccessKey: session?.SecretAccessKey ?? '',
    sessionToken: session?.SessionToken ?? '',
  };
}

const EVERYTHING = allowing('*');

/** A session of a new role. */
function asRole(path: string, inlinePolicies: (typeof EVERYTHING)[]): Credentials {
  const { arn } = sample.account.roles.create({
    name: `role-${sample.account.roles.list().length}`,
    path,
    assumeRolePolicyDocument: policyOf(),
    inlinePolicies,
  });
  return sample.account.sessionFor(arn, 'session');
}

const denied = { name: expect.stringMatching(/^AccessDenied/) };
const allowed = { $metadata: { httpStatusCode: 200 } };

const LIST = new ListAccountSettingsCommand({});
const PUT = new PutAccountSettingCommand(TRUNKING);
const DELETE = new DeleteAccountSettingCommand({ name: TRUNKING.name });
const CREATE_CLUSTER = new CreateClusterCommand({});
const PUT_OTHER = new PutAccountSettingCommand({ name: 'containerInsights', value: 'enabled' });
const DELETE_OTHER = new DeleteAccountSettingCommand({ name: 'containerInsights' });

describe('the trust policy of the handler role', () => {
  test('trusts CloudFormation for this type of this account', async () => {
    await expect(asHandler()).resolves.toHaveProperty('sessionToken');
  });

  test('also trusts it by the ARN without a version, since the form of the ARN is not documented', async () => {
    const source = typeArn('111122223333').replace('/00000001', '');
    await expect(asCloudFormation('111122223333', source)).resolves.toHaveProperty('sessionToken');
  });

  test('allows, with the maximum session duration, the duration that CloudFormation asks for', async () => {
    const options = { sourceAccount: '111122223333', sourceArn: typeArn('111122223333') };
    const assumeFor = (durationSeconds: number) =>
      sample.account.assumeAsService(SERVICE, sample.handlerRoleArn, { ...options, durationSeconds });
    await expect(assumeFor(70 * 120)).resolves.toHaveProperty('sessionToken');
    await expect(assumeFor(70 * 120 + 1)).rejects.toMatchObject({ code: 'ValidationError' });
  });

  test.each([
    ["another account's version of the type", '444455556666', typeArn('444455556666')],
    ['another account that names our type', '444455556666', typeArn('111122223333')],
    ["another account's type, for this account", '111122223333', typeArn('444455556666')],
    ['another type of this account', '111122223333', typeArn('111122223333', 'Other-Ecs-RoleTrunking')],
    [
      'the type in another Region',
      '111122223333',
      typeArn('111122223333', 'Custom-Ecs-RoleTrunking', 'eu-west-1'),
    ],
  ])('does not trust %s', async (_, sourceAccount, sourceArn) => {
    await expect(asCloudFormation(sourceAccount, sourceArn)).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  test('does not trust CloudFormation without a source', async () => {
    const unnamed = sample.account.assumeAsService(SERVICE, sample.handlerRoleArn, {});
    await expect(unnamed).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  test('does not trust another service or an administrator of the account', async () => {
    const source = { sourceAccount: '111122223333', sourceArn: typeArn('111122223333') };
    const asLambda = sample.account.assumeAsService('lambda.amazonaws.com', sample.handlerRoleArn, source);
    await expect(asLambda).rejects.toMatchObject({ code: 'AccessDenied' });
    const asAdministrator = assume(sample.account.administrator(), { roleArn: sample.handlerRoleArn });
    await expect(asAdministrator).rejects.toMatchObject(denied);
  });
});

describe('the policies of the handler role', () => {
  test('allow the handler to assume a role with the tag', async () => {
    await expect(assume(await asHandler())).resolves.toHaveProperty('sessionToken');
  });

  test('deny a role without the tag or with another value of it, even if that role trusts the handler role', async () => {
    const byName = sample.addInstanceRole('by-name', {});
    const assumeRolePolicyDocument = trusting({ AWS: sample.handlerRoleArn });
    sample.account.roles.update('by-name', { assumeRolePolicyDocument });
    const roles = [
      byName,
      sample.addInstanceRole('untagged', {}),
      sample.addInstanceRole('mistagged', { 'ecs-role-trunking': 'no' }),
    ];
    for (const roleArn of roles) {
      await expect(assume(await asHandler(), { roleArn })).rejects.toMatchObject(denied);
    }
  });

  test('deny every session name except the documented one', async () => {
    const assumed = assume(await asHandler(), { sessionName: 'i-0123456789abcdef0' });
    await expect(assumed).rejects.toMatchObject(denied);
  });

  test('allow the handler to find roles', async () => {
    const handler = iam(await asHandler());
    await expect(handler.send(new ListRolesCommand({}))).resolves.toMatchObject(allowed);
    const RoleName = sample.instanceRoleArn.split('/').at(-1);
    await expect(handler.send(new GetRoleCommand({ RoleName }))).resolves.toMatchObject(allowed);
  });

  test('do not allow the handler role to make a setting for itself', async () => {
    await expect(ecs(await asHandler()).send(PUT)).rejects.toMatchObject(denied);
  });
});

describe('the trust policy of the instance role', () => {
  test('trusts EC2 and the handler role', async () => {
    await expect(asInstance()).resolves.toHaveProperty('sessionToken');
    await expect(assume(await asHandler())).resolves.toHaveProperty('sessionToken');
  });

  test('does not trust another service', async () => {
    const asEcs = sample.account.assumeAsService('ecs.amazonaws.com', sample.instanceRoleArn);
    await expect(asEcs).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  test('does not trust another principal of the account, whatever its own policies allow', async () => {
    await expect(assume(sample.account.administrator())).rejects.toMatchObject(denied);
    await expect(assume(asRole('/', [EVERYTHING]))).rejects.toMatchObject(denied);
    await expect(assume(asRole('/ecs-role-trunking-not/', [EVERYTHING]))).rejects.toMatchObject(denied);
  });

  test('trusts any role under the path, if its own policies allow it to assume the role', async () => {
    await expect(assume(asRole('/ecs-role-trunking/', [EVERYTHING]))).resolves.toHaveProperty('sessionToken');
    await expect(assume(asRole('/ecs-role-trunking/', []))).rejects.toMatchObject(denied);
  });

  test('trusts a handler role that was deleted and created again', async () => {
    const { roles } = sample.account;
    const handler = sample.role(sample.handlerRoleArn);
    const { arn: _arn, id, createDate: _date, description: _description, ...definition } = handler;
    roles.delete(definition.name);
    expect(roles.create(definition).id).not.toBe(id);
    await expect(assume(await asHandler())).resolves.toHaveProperty('sessionToken');
  });

  test('need not name the handlers: for a role that trusts its whole account, the tag alone is enough', async () => {
    const roleArn = sample.addInstanceRole('open', {});
    const assumeRolePolicyDocument = trusting({ AWS: sample.account.rootArn });
    sample.account.roles.update('open', { assumeRolePolicyDocument });
    await expect(assume(await asHandler(), { roleArn })).rejects.toMatchObject(denied);
    sample.account.roles.update('open', { tags: { 'ecs-role-trunking': 'managed' } });
    await expect(assume(await asHandler(), { roleArn })).resolves.toHaveProperty('sessionToken');
  });

  test('does not trust the handler role with another session name', async () => {
    const { name, inlinePolicies } = sample.role(sample.handlerRoleArn);
    sample.account.roles.update(name, { inlinePolicies: [allowing('sts:*')] });
    await expect(assume(await asHandler(), { sessionName: 'other' })).rejects.toMatchObject(denied);
    sample.account.roles.update(name, { inlinePolicies });
  });
});

describe('the policies of the instance role', () => {
  test("allow the handler's session to list, put and delete the setting", async () => {
    const role = ecs(await assume(await asHandler()));
    await expect(role.send(PUT)).resolves.toMatchObject(allowed);
    await expect(role.send(LIST)).resolves.toMatchObject(allowed);
    await expect(role.send(DELETE)).resolves.toMatchObject(allowed);
  });

  test("deny the handler's session any other setting", async () => {
    const role = ecs(await assume(await asHandler()));
    await expect(role.send(PUT_OTHER)).rejects.toMatchObject(denied);
    await expect(role.send(DELETE_OTHER)).rejects.toMatchObject(denied);
  });

  test('deny a session of that name everything else that the role may do, whoever opens it and without a session policy', async () => {
    // The local account has no clusters, so a call that the policies allow is an unknown operation.
    const unknown = { name: 'UnknownOperationException' };
    await expect(ecs(await asInstance()).send(CREATE_CLUSTER)).rejects.toMatchObject(unknown);
    for (const caller of [await asHandler(), asRole('/ecs-role-trunking/', [EVERYTHING])]) {
      const role = ecs(await assume(caller));
      await expect(role.send(CREATE_CLUSTER)).rejects.toMatchObject(denied);
      await expect(role.send(LIST)).resolves.toMatchObject(allowed);
    }
  });

  test('deny an instance, and so every container on it, every change of the setting', async () => {
    const instance = ecs(await asInstance());
    await expect(instance.send(PUT)).rejects.toMatchObject(denied);
    await expect(instance.send(DELETE)).rejects.toMatchObject(denied);
    await expect(instance.send(LIST)).rejects.toMatchObject(denied);
  });
});

describe("the session policies of the handler's sessions", () => {
  const ALL = {
    'ecs:ListAccountSettings': (role: ECSClient) => role.send(LIST),
    'ecs:PutAccountSetting': (role: ECSClient) => role.send(PUT),
    'ecs:DeleteAccountSetting': (role: ECSClient) => role.send(DELETE),
    'ecs:CreateCluster': (role: ECSClient) => role.send(CREATE_CLUSTER),
  };

  /** The policies that the handlers sent with AssumeRole in one operation, in order. */
  async function sessionPolicies(action: 'CREATE' | 'READ' | 'UPDATE' | 'DELETE') {
    sample.account.calls.length = 0;
    const { final } = await sample.cloudformation.run(action, {
      properties: { RoleArn: sample.instanceRoleArn },
    });
    expect(final.status).toBe('SUCCESS');
    const assumed = sample.account.calls.filter(({ operation }) => operation === 'AssumeRole');
    return assumed.map(({ parameters }) => JSON.parse(String(parameters.Policy)));
  }

  test.each([
    ['CREATE', [['ecs:ListAccountSettings'], ['ecs:ListAccountSettings', 'ecs:PutAccountSetting']]],
    ['READ', [['ecs:ListAccountSettings']]],
    ['UPDATE', [['ecs:ListAccountSettings', 'ecs:PutAccountSetting']]],
    ['DELETE', [['ecs:ListAccountSettings', 'ecs:DeleteAccountSetting']]],
  ] as const)('%s can do only what it needs', async (action, expected) => {
    sample.setSetting(action === 'CREATE' ? undefined : 'enabled');
    const policies = await sessionPolicies(action);
    expect(policies).toHaveLength(expected.length);
    for (const [index, policy] of policies.entries()) {
      const role = ecs(await assume(await asHandler(), { policy }));
      for (const [name, attempt] of Object.entries(ALL)) {
        const isAllowed = (expected[index] as readonly string[]).includes(name);
        const outcome = await attempt(role).then(
          () => 'allowed',
          (error: Error) => error.name,
        );
        expect([name, outcome]).toEqual([name, isAllowed ? 'allowed' : 'AccessDeniedException']);
      }
    }
  });

  test('are limited to awsvpcTrunking, even if the role may make every setting', async () => {
    sample.setSetting(undefined);
    const [, policy] = await sessionPolicies('CREATE');
    const { name, inlinePolicies } = sample.role(sample.instanceRoleArn);
    sample.account.roles.update(name, { inlinePolicies: [allowing('ecs:*')] });
    const role = ecs(await assume(await asHandler(), { policy }));
    await expect(role.send(PUT_OTHER)).rejects.toMatchObject(denied);
    await expect(role.send(PUT)).resolves.toMatchObject(allowed);
    sample.account.roles.update(name, { inlinePolicies });
  });
});

test('the schema lists for each handler exactly the permissions that it uses, also when it is denied', async () => {
  const properties = { RoleArn: sample.instanceRoleArn };
  sample.setSetting(undefined);
  const used = new Map<string, Set<string>>();
  for (const action of ['CREATE', 'READ', 'UPDATE', 'LIST', 'DELETE'] as const) {
    sample.account.calls.length = 0;
    await sample.cloudformation.run(action, { properties });
    // After a denial, the handlers make more calls.
    const stop = sample.fail({ service: 'sts', operation: 'AssumeRole' }, { kind: 'deny' });
    await sample.cloudformation.run(action, { properties });
    stop();
    if (action === 'LIST') {
      await sample.cloudformation.run(action, { properties: {} });
    }
    const calls = sample.account.calls
      .filter(({ service }) => service !== 'logs' && service !== 'monitoring')
      .map(({ service, operation }) => `${service}:${operation}`)
      // It needs no permission (API reference).
      .filter((name) => name !== 'sts:GetCallerIdentity');
    used.set(action, new Set(calls));
  }
  const sorted = (table: [string, Iterable<string>][]) =>
    Object.fromEntries(table.map(([action, names]) => [action, [...names].sort()]));
  const listed = Object.entries(schema.handlers).map(([name, { permissions }]): [string, string[]] => [
    name.toUpperCase(),
    permissions,
  ]);
  expect(sorted([...used])).toEqual(sorted(listed));
});
