import { GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import type { Fault, ProgressEvent } from 'local-account';
import { sleep, VirtualClock } from 'local-account';
import { EMPTY, HALF, OTHER_MEMBERS, WEB_PAGE } from 'local-account/testing';
import { STALE } from '../faults/matrix-rules';
import { allowing, policyOf, trusting } from '../harness/policies';
import { textOf } from '../harness/project-files';
import { REGION, type SampleAccount, startSampleAccount, TYPE_NAME } from '../harness/sample-account';

/*
 * The built handlers, invoked as CloudFormation invokes them, against the local account with the policies of
 * examples/roles.yml: what each operation does, and the error code of each failure.
 */

const clock = new VirtualClock();
const TRUNKING_TEMPLATE = textOf('examples/trunking.yml');
const THROTTLED: Fault = { kind: 'throttle' };
const ANSWER_LOST: Fault = { kind: 'drop', when: 'after' };
const arnOf = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const LIST = 'ListAccountSettings';

let sample: SampleAccount;
let waits: number[];

beforeAll(async () => {
  sample = await startSampleAccount({
    clock,
    cloudformation: {
      sleep: (seconds) => {
        waits.push(seconds);
        return sleep(clock, seconds * 1000);
      },
    },
  });
});

afterAll(() => sample.close());

beforeEach(() => {
  waits = [];
  sample.account.faults.clear();
  sample.setSetting(undefined);
  sample.setSetting(undefined, sample.account.rootArn);
  sample.account.calls.length = 0;
});

const setting = () => sample.setting();
const model = (Trunking?: string) => ({ RoleArn: sample.instanceRoleArn, ...(Trunking && { Trunking }) });
const run = (...args: Parameters<SampleAccount['cloudformation']['run']>) =>
  sample.cloudformation.run(...args);
const deploy = (name: string, Trunking = 'enabled') =>
  sample.cloudformation.deploy(name, TRUNKING_TEMPLATE, { RoleArn: sample.instanceRoleArn, Trunking });
const statusesOf = (events: readonly ProgressEvent[]) => events.map(({ status }) => status);
const callsOf = (operation: string) => sample.account.calls.filter((call) => call.operation === operation);
const workCalls = () =>
  sample.account.calls
    .filter(({ service }) => service !== 'logs' && service !== 'monitoring')
    .map((call) => call.operation);

/** Denies some calls, as IAM does while a role propagates, or by default all calls. */
const deny = (service: string, operation: string, times = Number.POSITIVE_INFINITY) =>
  sample.fail({ service, operation, times }, { kind: 'deny' });

describe('create', () => {
  test('makes the setting in two steps; the first changes nothing', async () => {
    const { events, final } = await run('CREATE', { properties: model('enabled') });
    expect(statusesOf(events)).toEqual(['IN_PROGRESS', 'SUCCESS']);
    expect(events[0]).toMatchObject({ resourceModel: model('enabled'), callbackContext: { checked: true } });
    expect(final).toMatchObject({ status: 'SUCCESS', resourceModel: model('enabled') });
    expect(setting()).toBe('enabled');
    expect(workCalls()).toEqual(['AssumeRole', LIST, 'AssumeRole', 'PutAccountSetting', LIST]);
  });

  test('uses enabled by default, and returns the default in the model', async () => {
    expect((await run('CREATE', { properties: model() })).final.resourceModel).toEqual(model('enabled'));
    expect(setting()).toBe('enabled');
  });

  test('makes a disabled setting where the account default is enabled', async () => {
    sample.setSetting('enabled', sample.account.rootArn);
    expect((await run('CREATE', { properties: model('disabled') })).final.status).toBe('SUCCESS');
    expect(setting()).toBe('disabled');
  });

  test('returns AlreadyExists, and how to find the stack, when the role has an explicit setting', async () => {
    sample.setSetting('disabled');
    const { final } = await run('CREATE', { properties: model('enabled') });
    expect(final).toMatchObject({ status: 'FAILED', errorCode: 'AlreadyExists' });
    expect(final.message).toMatch(/describe-stack-resources --physical-resource-id .* import the setting/);
    expect(final.message).toContain(sample.instanceRoleArn);
    expect(setting()).toBe('disabled');
  });

  test('ignores the account default and other Regions', async () => {
    sample.setSetting('enabled', sample.account.rootArn);
    sample.account.settings.set('eu-west-1', sample.instanceRoleArn, 'awsvpcTrunking', 'enabled');
    expect((await run('CREATE', { properties: model('enabled') })).final.status).toBe('SUCCESS');
    sample.account.settings.delete('eu-west-1', sample.instanceRoleArn, 'awsvpcTrunking');
  });

  test('puts again and succeeds when it is invoked again with the context of its second step', async () => {
    await run('CREATE', { properties: model('enabled') });
    const context = { checked: true, denials: 0, throttles: 0 };
    const { payload } = await invoke('CREATE', { callbackContext: context }, model('disabled'));
    expect(payload).toMatchObject({ status: 'SUCCESS', resourceModel: model('disabled') });
    expect(setting()).toBe('disabled');
  });
});

describe('read', () => {
  test.each([
    ['enabled', 'enabled'],
    ['disabled', 'disabled'],
    ['on', 'enabled'],
    ['off', 'disabled'],
  ])('reads %s as %s, and needs only the identifier', async (value, trunking) => {
    sample.setSetting(value);
    expect((await run('READ', { properties: model() })).final).toMatchObject({
      status: 'SUCCESS',
      resourceModel: model(trunking),
    });
    expect(workCalls()).toEqual(['AssumeRole', 'ListAccountSettings']);
  });

  test('returns NotFound for a value that is inherited from the account default', async () => {
    sample.setSetting('enabled', sample.account.rootArn);
    expect((await run('READ', { properties: model() })).final.errorCode).toBe('NotFound');
  });

  test('returns NotFound for a role that does not exist', async () => {
    const { final } = await run('READ', { properties: { RoleArn: arnOf('gone') } });
    expect(final.errorCode).toBe('NotFound');
    expect(final.message).toContain('There is no role');
  });

  test('answers at once where access is denied', async () => {
    deny('sts', 'AssumeRole');
    const { final, events } = await run('READ', { properties: model() });
    expect(events).toHaveLength(1);
    expect(final.errorCode).toBe('AccessDenied');
  });
});

const disable = () => run('UPDATE', { properties: model('disabled'), previousProperties: model('enabled') });

describe('update', () => {
  test('puts the new value', async () => {
    sample.setSetting('enabled');
    const { final } = await disable();
    expect(final).toMatchObject({ status: 'SUCCESS', resourceModel: model('disabled') });
    expect(setting()).toBe('disabled');
    expect(workCalls()).toEqual(['AssumeRole', LIST, 'PutAccountSetting', LIST]);
  });

  test('returns NotFound, and writes nothing, when there is no explicit setting', async () => {
    expect((await disable()).final.errorCode).toBe('NotFound');
    expect(callsOf('PutAccountSetting')).toEqual([]);
    expect(setting()).toBeUndefined();
  });

  test('returns NotUpdatable when the request names another role', async () => {
    const previousProperties = { RoleArn: arnOf('other') };
    const { final } = await run('UPDATE', { properties: model('disabled'), previousProperties });
    expect(final.errorCode).toBe('NotUpdatable');
    expect(workCalls()).toEqual([]);
  });
});

describe('delete', () => {
  test('removes the setting, so that the account default applies, and returns no model', async () => {
    sample.setSetting('enabled');
    const { final } = await run('DELETE', { properties: model() });
    expect(final.status).toBe('SUCCESS');
    expect(final).not.toHaveProperty('resourceModel');
    expect(setting()).toBeUndefined();
    expect(workCalls()).toEqual(['AssumeRole', LIST, 'DeleteAccountSetting', LIST]);
  });

  test('returns NotFound where nothing is listed, but still deletes, since lists can be late', async () => {
    expect((await run('DELETE', { properties: model() })).final.errorCode).toBe('NotFound');
    expect(callsOf('DeleteAccountSetting')).toHaveLength(1);
  });

  test('returns NotFound where nothing is listed and ECS refuses to delete a missing setting', async () => {
    sample.account.settings.refusesToDeleteNothing = true;
    expect((await run('DELETE', { properties: model() })).final.errorCode).toBe('NotFound');
    sample.account.settings.refusesToDeleteNothing = false;
  });

  test.each([1, 3])(
    'succeeds where the answers to %d deletes are lost and ECS refuses to delete a missing setting',
    async (times) => {
      sample.setSetting('enabled');
      sample.account.settings.refusesToDeleteNothing = true;
      sample.fail({ service: 'ecs', operation: 'DeleteAccountSetting', times }, ANSWER_LOST);
      const { final } = await run('DELETE', { properties: model() });
      sample.account.settings.refusesToDeleteNothing = false;
      expect(final.status).toBe('SUCCESS');
      expect(setting()).toBeUndefined();
    },
  );

  test('accepts an answer without the optional setting', async () => {
    sample.setSetting('enabled');
    sample.account.settings.answersWithoutSetting = true;
    const { events } = await run('DELETE', { properties: model() });
    expect(statusesOf(events)).toEqual(['SUCCESS']);
    sample.account.settings.answersWithoutSetting = false;
    expect(setting()).toBeUndefined();
  });

  test('returns NotFound at once when the role does not exist, so that the stack can be deleted', async () => {
    const { final } = await run('DELETE', { properties: { RoleArn: arnOf('gone') } });
    expect(final.errorCode).toBe('NotFound');
    expect(waits).toEqual([]);
  });
});

describe('list', () => {
  const teams = ['team-a', 'team-b', 'team-c'];

  beforeAll(() => {
    for (const roleName of teams) {
      sample.addInstanceRole(roleName);
    }
    const root = { AWS: sample.account.rootArn };
    // What other roles of an account trust: a service, or the account itself under a condition.
    const others = [
      trusting({ Service: 'ec2.amazonaws.com' }),
      trusting(root, { ArnLike: { 'aws:PrincipalArn': arnOf('deployers/*') } }),
      trusting(root, { StringEquals: { 'sts:ExternalId': 'secret' } }),
      trusting(root, { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }),
      trusting(root, { StringLike: { 'sts:RoleSessionName': 'somebody-*' } }),
      // Without the tag, the handler role itself may not assume it.
      trusting(root),
    ];
    for (let index = 0; index < 250; index += 1) {
      const assumeRolePolicyDocument = others[index % others.length] ?? trusting(root);
      sample.account.roles.create({ name: `unmanaged-${index}`, assumeRolePolicyDocument });
    }
  });

  afterEach(() => {
    for (const name of teams) {
      sample.setSetting(undefined, arnOf(name));
    }
  });

  async function listAll(properties?: object) {
    const models: unknown[] = [];
    let nextToken: string | undefined;
    let pages = 0;
    do {
      const { final } = await run('LIST', { properties: { ...properties }, ...(nextToken && { nextToken }) });
      expect(final.status).toBe('SUCCESS');
      models.push(...(final.resourceModels ?? []));
      nextToken = final.nextToken ?? undefined;
      pages += 1;
    } while (nextToken);
    return { models, pages };
  }

  test('finds every role that has a setting, page by page, and assumes only roles with the tag', async () => {
    sample.setSetting('enabled', arnOf('team-a'));
    sample.setSetting('off', arnOf('team-c'));
    const { models, pages } = await listAll();
    expect(models).toEqual([
      { RoleArn: arnOf('team-a'), Trunking: 'enabled' },
      { RoleArn: arnOf('team-c'), Trunking: 'disabled' },
    ]);
    expect(pages).toBe(3);
    const assumed = callsOf('AssumeRole').map(({ parameters }) => parameters.RoleArn);
    expect(assumed.sort()).toEqual([sample.instanceRoleArn, ...teams.map(arnOf)].sort());
  });

  test('reads the tags of roles that name the handler, and of no others', async () => {
    await listAll();
    expect(callsOf('ListRoles')).toHaveLength(3);
    const named = sample.account.roles
      .list()
      .filter(({ assumeRolePolicyDocument }) => JSON.stringify(assumeRolePolicyDocument).includes(':root'));
    expect(callsOf('GetRole').map(({ parameters }) => parameters.RoleName)).toEqual(
      expect.arrayContaining(named.map(({ name }) => name)),
    );
    expect(callsOf('GetRole')).toHaveLength(named.length);
  });

  test('waits for IAM where it admits twenty calls a second', async () => {
    sample.setSetting('enabled', arnOf('team-a'));
    sample.account.faults.rateLimit('iam', 20);
    const { models } = await listAll();
    sample.account.faults.clear();
    expect(models).toEqual([{ RoleArn: arnOf('team-a'), Trunking: 'enabled' }]);
    expect(callsOf('GetRole').some(({ errorCode }) => errorCode === 'Throttling')).toBe(true);
  });

  test('returns AccessDenied where the handler role may not read tags: nothing is left out unseen', async () => {
    deny('iam', 'GetRole');
    const { payload } = await invoke('LIST', {}, {});
    expect(payload).toMatchObject({ status: 'FAILED', errorCode: 'AccessDenied' });
    expect(payload.message).toContain('iam:GetRole');
    expect(callsOf('AssumeRole')).toEqual([]);
  });

  test('leaves out a role with the tag whose trust policy denies the handler', async () => {
    sample.setSetting('enabled', arnOf('team-b'));
    const trust = sample.role(arnOf('team-b')).assumeRolePolicyDocument;
    const denial = { Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole' };
    const denying = policyOf(...[trust.Statement as object, denial].flat());
    sample.account.roles.update('team-b', { assumeRolePolicyDocument: denying });
    expect((await listAll()).models).toEqual([]);
    sample.account.roles.update('team-b', { assumeRolePolicyDocument: trust });
  });

  test('uses properties as a filter: that role or nothing', async () => {
    sample.setSetting('enabled');
    expect((await listAll(model())).models).toEqual([model('enabled')]);
    expect((await listAll(model('enabled'))).models).toEqual([model('enabled')]);
    expect((await listAll(model('disabled'))).models).toEqual([]);
    expect((await listAll({ RoleArn: arnOf('gone') })).models).toEqual([]);
    expect(callsOf('ListRoles')).toEqual([]);
  });

  test('uses a value without a role as a filter, too', async () => {
    sample.setSetting('enabled', arnOf('team-a'));
    sample.setSetting('off', arnOf('team-c'));
    expect((await listAll({ Trunking: 'disabled' })).models).toEqual([
      { RoleArn: arnOf('team-c'), Trunking: 'disabled' },
    ]);
  });

  test('finds roles that trust a user who tests the type with their own credentials', async () => {
    const { accessKeyId, secretAccessKey } = sample.account.createUser('tester', [allowing('*')]);
    const credentials = { accessKeyId, secretAccessKey };
    const sts = new STSClient({ region: REGION, endpoint: sample.account.endpoint, credentials });
    const { Credentials } = await sts.send(new GetSessionTokenCommand({}));
    const callerCredentials = {
      accessKeyId: Credentials?.AccessKeyId,
      secretAccessKey: Credentials?.SecretAccessKey,
      sessionToken: Credentials?.SessionToken,
    };
    const arn = sample.addInstanceRole('0-the-testers');
    const principal = { AWS: 'arn:aws:iam::111122223333:user/tester' };
    sample.account.roles.update('0-the-testers', {
      assumeRolePolicyDocument: policyOf({ Effect: 'Allow', Principal: principal, Action: 'sts:*' }),
    });
    sample.setSetting('enabled', arn);
    const { payload } = await invoke('LIST', {}, {}, { callerCredentials });
    expect(payload).toMatchObject({ resourceModels: [{ RoleArn: arn, Trunking: 'enabled' }] });
    sample.setSetting(undefined, arn);
  });

  test('fails rather than leave out a role that it could not read', async () => {
    sample.fail({ service: 'ecs' }, THROTTLED);
    const { payload } = await invoke('LIST', {}, {});
    expect(payload).toMatchObject({ status: 'FAILED', errorCode: 'Throttling' });
  });
});

describe('a role that was created or changed a moment ago', () => {
  test.each([
    ['sts', 'AssumeRole'],
    ['ecs', 'ListAccountSettings'],
  ])('create waits in its first invocation while %s %s is denied', async (service, operation) => {
    clock.after(30_000, deny(service, operation));
    const { events } = await run('CREATE', { properties: model('enabled') });
    expect(statusesOf(events)).toEqual(['IN_PROGRESS', 'SUCCESS']);
    expect(setting()).toBe('enabled');
    expect(waits).toEqual([0]);
  });

  test('create waits in its first invocation while ECS throttles', async () => {
    clock.after(30_000, sample.fail({ service: 'ecs' }, THROTTLED));
    const { events } = await run('CREATE', { properties: model('enabled') });
    expect(statusesOf(events)).toEqual(['IN_PROGRESS', 'SUCCESS']);
  });

  test('create waits between invocations once CloudFormation has the identifier', async () => {
    deny('ecs', 'PutAccountSetting', 3);
    const { final } = await run('CREATE', { properties: model('enabled') });
    expect(final.status).toBe('SUCCESS');
    expect(waits).toEqual([0, 2, 4, 8]);
  });

  test('update and delete wait between invocations', async () => {
    sample.setSetting('enabled');
    deny('sts', 'AssumeRole', 2);
    expect(statusesOf((await disable()).events)).toEqual(['IN_PROGRESS', 'IN_PROGRESS', 'SUCCESS']);
    deny('ecs', 'DeleteAccountSetting', 1);
    const { events } = await run('DELETE', { properties: model() });
    expect(statusesOf(events)).toEqual(['IN_PROGRESS', 'SUCCESS']);
    expect(setting()).toBeUndefined();
  });

  const parts = () => [
    sample.instanceRoleArn,
    sample.handlerRoleArn.split('/').at(-1) ?? '',
    ...['the role has the tag', 'service control policies', 'not authorized'],
  ];

  test('create ends within its first invocation, without a model, and says what to check', async () => {
    deny('sts', 'AssumeRole');
    const start = clock.now();
    const { final, events } = await run('CREATE', { properties: model() });
    expect(events).toHaveLength(1);
    expect(final.errorCode).toBe('AccessDenied');
    expect(final.resourceModel).toBeUndefined();
    expect(clock.now() - start).toBeGreaterThanOrEqual(44_000);
    expect(clock.now() - start).toBeLessThan(50_000);
    for (const part of parts()) {
      expect(final.message).toContain(part);
    }
  });

  test.each(['UPDATE', 'DELETE'] as const)(
    '%s ends after two minutes, and says what to check',
    async (action) => {
      deny('sts', 'AssumeRole');
      const { final } = await run(action, { properties: model() });
      expect(final.errorCode).toBe('AccessDenied');
      expect(waits.reduce((sum, seconds) => sum + seconds)).toBe(120);
      for (const part of parts()) {
        expect(final.message).toContain(part);
      }
    },
  );

  test('create waits for a role that is created a moment later', async () => {
    clock.after(20_000, () => sample.addInstanceRole('late'));
    const RoleArn = arnOf('late');
    expect((await run('CREATE', { properties: { RoleArn } })).final.status).toBe('SUCCESS');
    sample.account.roles.delete('late');
    sample.setSetting(undefined, RoleArn);
  });

  test('create returns NotFound, without a model, for a role that is never created', async () => {
    const { final, events } = await run('CREATE', { properties: { RoleArn: arnOf('gone') } });
    expect(events).toHaveLength(1);
    expect(final.errorCode).toBe('NotFound');
    expect(final.resourceModel).toBeUndefined();
  });
});

describe.each([
  ['another path', (arn: string) => arn.replace(':role/', ':role/elsewhere/')],
  ['another partition', (arn: string) => arn.replace('arn:aws:', 'arn:aws-us-gov:')],
] as const)('an ARN with %s', (_, change) => {
  test.each(['CREATE', 'READ', 'UPDATE', 'DELETE'] as const)(
    '%s returns NotFound with the right ARN, and does not wait',
    async (action) => {
      const start = clock.now();
      const { final } = await run(action, { properties: { RoleArn: change(sample.instanceRoleArn) } });
      expect(final.errorCode).toBe('NotFound');
      expect(final.message).toContain(`The role of this name is ${sample.instanceRoleArn}`);
      expect([waits, clock.now() - start < 10_000]).toEqual([[], true]);
    },
  );
});

describe('a setting that another principal deleted', () => {
  const NAME = 'deleted-by-hand';

  test('fails the update of its stack and the rollback; what the message says to do makes it again', async () => {
    await deploy(NAME);
    sample.setSetting(undefined);
    expect((await deploy(NAME, 'disabled')).status).toBe('UPDATE_ROLLBACK_FAILED');
    const { events } = await run('UPDATE', { properties: model('disabled') });
    expect(events[0]?.message).toMatch(/--resources-to-skip.* remove the resource .* add it again/);
    const continued = await sample.cloudformation.continueRollback(NAME, ['RoleTrunking']);
    expect(continued.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    const without = 'Resources: { Other: { Type: AWS::CloudFormation::WaitConditionHandle } }';
    expect((await sample.cloudformation.deploy(NAME, without)).status).toBe('UPDATE_COMPLETE');
    expect((await deploy(NAME, 'disabled')).status).toBe('UPDATE_COMPLETE');
    expect(setting()).toBe('disabled');
    await sample.cloudformation.deleteStack(NAME);
  });
});

describe('a setting that another principal made', () => {
  test('survives a create that is denied, then finds it, and is rolled back', async () => {
    sample.setSetting('disabled');
    clock.after(30_000, deny('sts', 'AssumeRole'));
    const stack = await deploy('rolled-back');
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(stack.reason).toContain('AlreadyExists');
    expect(setting()).toBe('disabled');
    expect(callsOf('DeleteAccountSetting')).toEqual([]);
  });
});

test('a stack whose role was not opted in is rolled back completely', async () => {
  deny('sts', 'AssumeRole');
  const stack = await deploy('not-opted-in');
  expect(stack.status).toBe('ROLLBACK_COMPLETE');
  expect(stack.reason).toContain('AccessDenied');
});

describe('lists that are late', () => {
  afterEach(() => {
    sample.account.settings.lag = 0;
  });

  test.each([200, 4000, 30_000])(
    'by %d ms: each change can be read as soon as it has succeeded, and nothing is left behind',
    async (lag) => {
      sample.account.settings.settle();
      sample.account.settings.lag = lag;
      const statusOf = async (action: 'CREATE' | 'READ' | 'UPDATE' | 'DELETE', trunking?: string) => {
        const { final } = await run(action, { properties: model(trunking) });
        return final.errorCode ?? final.resourceModel?.Trunking ?? final.status;
      };
      expect(await statusOf('CREATE', 'enabled')).toBe('enabled');
      expect(await statusOf('READ')).toBe('enabled');
      expect(await statusOf('UPDATE', 'disabled')).toBe('disabled');
      expect(await statusOf('READ')).toBe('disabled');
      expect(await statusOf('DELETE')).toBe('SUCCESS');
      expect(await statusOf('READ')).toBe('NotFound');
      expect(setting()).toBeUndefined();
    },
  );

  test.each([
    ['CREATE', undefined, 'enabled'],
    ['UPDATE', 'enabled', 'disabled'],
    ['DELETE', 'enabled', undefined],
  ] as const)('permanently: %s ends with NotStabilized, and says so', async (action, before, after) => {
    sample.setSetting(before);
    sample.account.settings.settle();
    sample.account.settings.lag = Number.POSITIVE_INFINITY;
    const { final } = await run(action, { properties: model(after) });
    expect(final.errorCode).toBe('NotStabilized');
    expect(final.message).toContain(after ? `changed awsvpcTrunking to ${after}` : 'deleted awsvpcTrunking');
    expect(waits.filter((seconds) => seconds > 0)).toEqual(Array.from({ length: 24 }, () => 5));
    expect(setting()).toBe(after);
  });

  test('a stack whose put takes effect but is never answered rolls back, and leaves nothing behind', async () => {
    sample.account.settings.settle();
    sample.account.settings.lag = 4000;
    const stop = sample.fail({ service: 'ecs', operation: 'PutAccountSetting' }, ANSWER_LOST);
    const stack = await deploy('late');
    stop();
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(setting()).toBeUndefined();
  });
});

describe('an unknown outcome', () => {
  test.each([
    ['CREATE', 'PutAccountSetting'],
    ['UPDATE', 'PutAccountSetting'],
    ['DELETE', 'DeleteAccountSetting'],
  ] as const)('of %s is answered IN_PROGRESS with the context, not FAILED', async (action, operation) => {
    if (action !== 'CREATE') {
      sample.setSetting('enabled');
    }
    sample.fail({ service: 'ecs', operation, times: 3 }, ANSWER_LOST);
    const { events, final } = await run(action, {
      properties: model(action === 'DELETE' ? undefined : 'disabled'),
      ...(action === 'UPDATE' && { previousProperties: model('enabled') }),
    });
    const before = action === 'CREATE' ? ['IN_PROGRESS'] : [];
    expect(statusesOf(events)).toEqual([...before, 'IN_PROGRESS', 'SUCCESS']);
    expect(events.at(-2)?.callbackContext).toMatchObject({ failures: 1 });
    expect(final.status).toBe('SUCCESS');
    expect(setting()).toBe(action === 'DELETE' ? undefined : 'disabled');
  });
});

describe('failures', () => {
  test.each([
    'arn:aws:iam::444455556666:role/instances',
    'arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS',
  ])('a list that is limited to %s is empty, without any call', async (RoleArn) => {
    const { payload } = await invoke('LIST', {}, { RoleArn });
    expect(payload).toMatchObject({ status: 'SUCCESS', resourceModels: [] });
    expect(workCalls()).toEqual([]);
  });

  test('a token that IAM does not know is InvalidRequest, and the message says to list from the start', async () => {
    const { payload } = await invoke('LIST', { nextToken: 'unknown' }, {});
    expect(payload).toMatchObject({ errorCode: 'InvalidRequest' });
    expect(payload.message).toContain('List again from the start');
    expect(payload.message).not.toContain('RoleArn');
  });

  const errors: [string, Fault, string][] = [
    ['throttled', THROTTLED, 'Throttling'],
    ['a 500', { kind: 'error', status: 500 }, 'ServiceInternalError'],
    ['a 503', { kind: 'error', status: 503 }, 'ServiceInternalError'],
    ['a dropped connection', { kind: 'drop', when: 'before' }, 'NetworkFailure'],
    ['an expired token', { kind: 'expire' }, 'InvalidCredentials'],
    ['a web page', WEB_PAGE, 'ServiceInternalError'],
    ['half an answer', HALF, 'ServiceInternalError'],
    ['an empty answer', EMPTY, 'ServiceInternalError'],
    ['another answer', OTHER_MEMBERS, 'ServiceInternalError'],
    ['access denied', { kind: 'deny' }, 'AccessDenied'],
  ];

  const refused: [string, string, number, string][] = [
    ['ecs', 'InvalidParameterException', 400, 'InvalidRequest'],
    ['ecs', 'ClientException', 400, 'GeneralServiceException'],
    ['ecs', 'ServerException', 500, 'ServiceInternalError'],
    ['ecs', 'UnrecognizedClientException', 400, 'InvalidCredentials'],
    ['sts', 'RegionDisabledException', 403, 'InvalidRequest'],
    ['sts', 'InvalidClientTokenId', 403, 'InvalidCredentials'],
    ['sts', 'SignatureDoesNotMatch', 403, 'InvalidCredentials'],
    ['sts', 'RequestExpired', 400, 'NetworkFailure'],
  ];

  test.each(refused)(
    '%s %s (%d) is %s, with the message of AWS',
    async (service, code, status, errorCode) => {
      sample.fail({ service }, { kind: 'refuse', code, status });
      const { payload } = await invoke('READ');
      expect(payload).toMatchObject({
        status: 'FAILED',
        errorCode,
        message: expect.stringMatching(` \\(${code}\\)\\. .* Details: The call was refused with ${code}$`),
      });
    },
  );

  test.each(['READ', 'LIST'])(
    '%s succeeds where the first signature of each call has expired',
    async (action) => {
      for (const [service, operation] of [
        ['iam', 'GetRole'],
        ['sts', 'AssumeRole'],
        ['ecs', 'ListAccountSettings'],
      ] as const) {
        sample.fail({ service, operation, times: 1 }, STALE);
      }
      sample.setSetting('enabled');
      expect((await invoke(action)).payload).toMatchObject({ status: 'SUCCESS' });
    },
  );

  test.each(['constructor', '__proto__'])(
    'the code %s, which every JavaScript object has, is GeneralServiceException',
    async (code) => {
      sample.fail({ service: 'ecs' }, { kind: 'refuse', code, status: 400 });
      const { payload } = await invoke('READ');
      expect(payload).toMatchObject({ errorCode: 'GeneralServiceException' });
    },
  );

  describe.each(['sts', 'ecs'])('of %s', (service) => {
    test.each(errors)('%s', async (_, fault, errorCode) => {
      sample.fail({ service }, fault);
      const { payload } = await invoke('READ');
      expect(payload).toMatchObject({ status: 'FAILED', errorCode });
      expect(payload.message).toContain(sample.instanceRoleArn);
    });
  });

  test.each([
    ['a value that is not an ARN', 'instances'],
    ['a user', 'arn:aws:iam::111122223333:user/someone'],
    [
      'a service-linked role',
      'arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS',
    ],
    ['a role of another account', 'arn:aws:iam::444455556666:role/instances'],
  ])('%s is InvalidRequest before any call', async (_, RoleArn) => {
    for (const action of ['CREATE', 'READ', 'UPDATE', 'DELETE'] as const) {
      const { payload } = await invoke(action, {}, { RoleArn });
      expect(payload).toMatchObject({ status: 'FAILED', errorCode: 'InvalidRequest' });
    }
    expect(workCalls()).toEqual([]);
  });

  test('a request without credentials fails, and the message says that the type needs an execution role', async () => {
    await invoke('READ');
    sample.account.calls.length = 0;
    const { payload } = await invoke('READ', {}, model(), { callerCredentials: null });
    expect(payload).toMatchObject({ status: 'FAILED', errorCode: 'InvalidCredentials' });
    expect(payload.message).toMatch(/--role-arn/);
    expect(workCalls()).toEqual([]);
  });

  test('the message names the call that had no answer when the time was up', async () => {
    sample.fail({ service: 'ecs' }, { kind: 'hang' });
    const { payload } = await invoke('READ');
    expect(payload).toMatchObject({ status: 'FAILED', errorCode: 'NetworkFailure' });
    expect(payload.message).toContain('ecs:ListAccountSettings');
  });

  test('only the credentials of the request are used', async () => {
    await run('CREATE', { properties: model('enabled') });
    await run('LIST', { properties: {} });
    expect(sample.account.calls.map(({ caller }) => caller)).not.toContain(sample.account.functionRoleArn);
  });
});

/** A single invocation, with an event that the test makes itself. */
async function invoke(action: string, envelope: object = {}, properties: object = model(), data = {}) {
  const service = 'resources.cloudformation.amazonaws.com';
  const callerCredentials = await sample.account.assumeAsService(service, sample.handlerRoleArn, {
    sourceAccount: sample.account.accountId,
    sourceArn: `arn:aws:cloudformation:${REGION}:111122223333:type/resource/Custom-Ecs-RoleTrunking/00000001`,
  });
  const { payload } = await sample.handlers.invoke({
    action,
    awsAccountId: sample.account.accountId,
    bearerToken: 'bearer-token',
    region: REGION,
    resourceType: TYPE_NAME,
    requestData: {
      logicalResourceId: 'RoleTrunking',
      resourceProperties: properties,
      callerCredentials,
      ...data,
    },
    ...envelope,
  });
  return { payload: payload as { status: string; errorCode?: string; message: string } };
}
