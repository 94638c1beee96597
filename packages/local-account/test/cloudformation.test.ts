import { LocalAccount } from '../src/account';
import { CloudFormation } from '../src/cloudformation';
import type { Model, ProgressEvent } from '../src/services/cloudformation/handlers/contract';
import { LambdaFunction } from '../src/services/lambda/function';
import type { Credentials } from '../src/services/sts/store';
import {
  cloudFormation,
  IMPORT_TEMPLATE,
  packageOf,
  REGION,
  ROLES_TEMPLATE,
  SCHEMA,
  TRUNKING_TEMPLATE,
  TYPE_NAME,
  trustService,
} from './support';

/** A request to the fake handler. */
interface Request {
  action: string;
  stackId: string;
  callbackContext?: Record<string, unknown>;
  bearerToken: string;
  requestData: {
    resourceProperties: Model;
    callerCredentials?: Credentials;
  };
}

/** A handler that keeps resources in memory and creates in two steps. */
class FakeHandler {
  readonly store = new Map<string, Model>();
  readonly requests: Request[] = [];
  /** Answers in place of the usual ones, in order; `crash` ends without an answer. */
  readonly script: (ProgressEvent | 'crash' | 'pass' | object)[] = [];

  async invoke(event: unknown): Promise<{ payload: unknown; functionError?: 'Unhandled' }> {
    const request = event as Request;
    this.requests.push(request);
    const scripted = this.script.shift() ?? 'pass';
    if (scripted === 'crash') {
      return { payload: { errorType: 'Runtime.ExitError' }, functionError: 'Unhandled' };
    }
    return { payload: scripted === 'pass' ? this.answer(request) : scripted };
  }

  answer({ action, callbackContext, requestData }: Request): ProgressEvent {
    const model: Model = { Trunking: 'enabled', ...requestData.resourceProperties };
    const id = String(model.RoleArn);
    const known = this.store.get(id);
    if (action === 'LIST') {
      return { status: 'SUCCESS', resourceModels: [...this.store.values()] };
    }
    if (action === 'CREATE' && !callbackContext) {
      return known ? failed('AlreadyExists') : { ...PROGRESS, resourceModel: model };
    }
    if (action !== 'CREATE' && !known) {
      return failed('NotFound');
    }
    if (action === 'READ') {
      return { status: 'SUCCESS', resourceModel: known ?? null };
    }
    if (action === 'DELETE') {
      this.store.delete(id);
      return { status: 'SUCCESS' };
    }
    this.store.set(id, model);
    return { status: 'SUCCESS', resourceModel: model };
  }

  actions(): string[] {
    return this.requests.map(({ action }) => action);
  }
}

const STEP = { step: 1 };
const PROGRESS: ProgressEvent = { status: 'IN_PROGRESS', callbackContext: STEP, callbackDelaySeconds: 3 };
const ROLE = 'arn:aws:iam::111122223333:role/a';
const OTHER_ROLE = 'arn:aws:iam::111122223333:role/b';
const properties = { RoleArn: ROLE, Trunking: 'disabled' };
const failed = (errorCode: string): ProgressEvent => ({ status: 'FAILED', errorCode, message: errorCode });

let account: LocalAccount;
let handler: FakeHandler;
let cf: CloudFormation;

beforeAll(async () => {
  account = await LocalAccount.start();
});
beforeEach(() => {
  handler = new FakeHandler();
  cf = cloudFormation(account, handler);
});
afterAll(() => account.close());

describe('an operation', () => {
  test('is followed through its progress with the last model and context, after the delay', async () => {
    const slept: number[] = [];
    cf = cloudFormation(account, handler, { sleep: async (seconds) => void slept.push(seconds) });
    const { events, final } = await cf.run('CREATE', { properties: { RoleArn: ROLE } });
    expect(events.map(({ status }) => status)).toEqual(['IN_PROGRESS', 'SUCCESS']);
    expect(final.resourceModel).toEqual({ RoleArn: ROLE, Trunking: 'enabled' });
    expect(slept).toEqual([3]);
    expect(handler.requests).toHaveLength(2);
    const [first, second] = handler.requests;
    expect(first?.callbackContext).toBeUndefined();
    expect(second?.callbackContext).toEqual(STEP);
    expect(second?.requestData.resourceProperties).toEqual({ RoleArn: ROLE, Trunking: 'enabled' });
    expect(second?.bearerToken).toBe(first?.bearerToken);
    expect(first?.stackId).toMatch(/^arn:aws:cloudformation:eu-west-1:111122223333:stack\/.+\/.+/);
  });

  test.each(['Throttling', 'ServiceInternalError', 'NetworkFailure', 'ResourceConflict'])(
    'that failed with %s is invoked again with the last context and model',
    async (code) => {
      handler.script.push('pass', failed(code), failed(code));
      const { final } = await cf.run('CREATE', { properties });
      expect(final.status).toBe('SUCCESS');
      const contexts = handler.requests.map(({ callbackContext }) => callbackContext);
      expect(contexts).toEqual([undefined, STEP, STEP, STEP]);
    },
  );

  test.each([failed('Throttling'), 'crash'] as const)(
    'can be invoked again with the original request, without context and model: %j',
    async (event) => {
      cf = cloudFormation(account, handler, { retryFrom: 'original-request' });
      handler.script.push('pass', event);
      await cf.run('CREATE', { properties: { RoleArn: ROLE } });
      const [first, second, third] = handler.requests;
      expect(second?.callbackContext).toEqual(STEP);
      expect(third?.callbackContext).toBeUndefined();
      expect(third?.requestData.resourceProperties).toEqual(first?.requestData.resourceProperties);
    },
  );

  test.each([
    [30, 1801],
    [undefined, 7201],
  ])(
    'can take as long as the schema allows, 120 minutes by default: %p',
    async (timeoutInMinutes, seconds) => {
      const handlers = timeoutInMinutes === undefined ? {} : { create: { timeoutInMinutes } };
      const slept: number[] = [];
      const sleep = async (more: number) => void slept.push(more);
      cf = cloudFormation(account, handler, { schema: { ...SCHEMA, handlers }, sleep });
      const late = { ...PROGRESS, resourceModel: properties };
      handler.script.push(
        { ...late, callbackDelaySeconds: seconds - 1 },
        { ...late, callbackDelaySeconds: 1 },
      );
      expect((await cf.run('CREATE', { properties })).final.errorCode).toBe('NotStabilized');
      expect(slept).toEqual([seconds - 1]);
    },
  );

  test('whose handler crashed is invoked again with the last context', async () => {
    handler.script.push('pass', 'crash');
    expect((await cf.run('CREATE', { properties })).final.status).toBe('SUCCESS');
    expect(handler.requests[2]?.callbackContext).toEqual(STEP);
  });

  test('fails after five retries', async () => {
    handler.script.push(...Array(9).fill(failed('Throttling')));
    const { final } = await cf.run('READ', { properties });
    expect(final.errorCode).toBe('Throttling');
    expect(handler.requests).toHaveLength(6);
  });

  test('reports the identifier of each model that has one', async () => {
    handler.script.push({ ...failed('Throttling'), resourceModel: { Trunking: 'on' } });
    const identifiers: string[] = [];
    await cf.run('CREATE', { properties, onIdentifier: (identifier) => identifiers.push(identifier) });
    expect(identifiers).toEqual([ROLE, ROLE]);
  });

  test('that failed permanently is not invoked again', async () => {
    handler.script.push(failed('AccessDenied'));
    expect((await cf.run('READ', { properties })).final.errorCode).toBe('AccessDenied');
    expect(handler.requests).toHaveLength(1);
  });

  test('that never ends is stopped', async () => {
    const payload = { ...PROGRESS, callbackDelaySeconds: 600, resourceModel: properties };
    handler.invoke = async () => ({ payload });
    expect((await cf.run('CREATE', { properties })).final.errorCode).toBe('NotStabilized');
  });

  test.each([
    ['READ in progress', 'READ', { ...PROGRESS, resourceModel: properties }],
    ['a delete with a model', 'DELETE', { status: 'SUCCESS', resourceModel: properties }],
    ['a create without a model', 'CREATE', { status: 'SUCCESS' }],
    ['a create without the identifier', 'CREATE', { status: 'SUCCESS', resourceModel: { Trunking: 'on' } }],
    ['progress without the identifier', 'CREATE', { ...PROGRESS, resourceModel: { Trunking: 'on' } }],
    ['a list without models', 'LIST', { status: 'SUCCESS' }],
    ['a failure without a code', 'UPDATE', { status: 'FAILED', message: 'x' }],
    ['no status', 'UPDATE', {}],
  ] as const)('that breaks the contract fails: %s', async (_, action, answer) => {
    handler.script.push(answer);
    const { final } = await cf.run(action, { properties });
    expect(final).toMatchObject({ status: 'FAILED', errorCode: 'InternalFailure' });
  });
});

describe('the execution role', () => {
  test('is assumed again for each invocation, for this account and type', async () => {
    const { outputs } = await cf.deploy('roles', ROLES_TEMPLATE);
    const executionRoleArn = outputs.HandlerRoleArn as string;
    cf.register({ executionRoleArn });
    await cf.run('CREATE', { properties });
    const keys = handler.requests.map(({ requestData }) => requestData.callerCredentials?.accessKeyId);
    expect(new Set(keys).size).toBe(2);
    const { accessKeyId = '', sessionToken = '' } = handler.requests[0]?.requestData.callerCredentials ?? {};
    const { identity } = account.sessions.find(accessKeyId, sessionToken);
    expect(identity).toMatchObject({ role: { arn: executionRoleArn } });
    const otherType = cloudFormation(account, handler, { typeName: 'Other::Type::Name', executionRoleArn });
    await expect(otherType.run('READ', { properties })).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  test.each([
    ['the execution role', 8399, 43_200],
    ['the log role', 8400, 43_199],
  ])('must allow the longest sessions that CloudFormation can request: %s', async (_, ours, logs) => {
    const assumeRolePolicyDocument = trustService('resources.cloudformation.amazonaws.com');
    const roleFor = (name: string, maxSessionDuration: number) =>
      account.roles.create({ name: `${name}-${logs}`, assumeRolePolicyDocument, maxSessionDuration });
    const [executionRole, logRole] = [roleFor('handler', ours), roleFor('logs', logs)];
    const logging = { groupName: 'logs', roleArn: logRole.arn };
    cf.register({ executionRoleArn: executionRole.arn, logging });
    await expect(cf.run('READ', { properties })).rejects.toMatchObject({
      code: 'ValidationError',
      message: expect.stringContaining('MaxSessionDuration'),
    });
    (ours < 8400 ? executionRole : logRole).maxSessionDuration = 43_200;
    await expect(cf.run('READ', { properties })).resolves.toBeDefined();
  });

  test('is missing if the type was registered without one', async () => {
    await cf.run('READ', { properties });
    expect(handler.requests[0]?.requestData.callerCredentials).toBeUndefined();
  });
});

describe('a stack', () => {
  const trunking = (role: string, value = 'enabled') => ({ RoleArn: role, Trunking: value });
  /** Deploys the example of the type. */
  const deploy = (role: string, value?: string, name = 't') =>
    cf.deploy(name, TRUNKING_TEMPLATE, trunking(role, value));
  const statuses = (name: string) =>
    (cf.stack(name)?.events ?? []).map((event) => `${event.LogicalResourceId} ${event.ResourceStatus}`);

  test('of roles creates them as in the template, and deletes them', async () => {
    const { outputs, status } = await cf.deploy('own', ROLES_TEMPLATE);
    expect(status).toBe('CREATE_COMPLETE');
    const role = account.roles.get(outputs.InstanceRoleName as string);
    expect(role).toMatchObject({ arn: outputs.InstanceRoleArn, tags: { 'ecs-role-trunking': 'managed' } });
    expect(outputs.HandlerRoleArn).toMatch(/:role\/ecs-role-trunking\//);
    expect(account.instanceProfiles.get(outputs.InstanceProfileName as string)).toMatchObject({
      arn: outputs.InstanceProfileArn,
      roles: [{ name: outputs.InstanceRoleName }],
    });
    expect((await cf.deleteStack('own')).status).toBe('DELETE_COMPLETE');
    expect(account.roles.get(outputs.InstanceRoleName as string)).toBeUndefined();
    expect(cf.stack('own')).toBeUndefined();
  });

  test('creates, updates in place, replaces and deletes resources of the type', async () => {
    expect(await deploy(ROLE)).toMatchObject({ status: 'CREATE_COMPLETE', outputs: { RoleArn: ROLE } });
    await deploy(ROLE, 'disabled');
    const resourceProperties = { Trunking: 'disabled' };
    const previousResourceProperties = { Trunking: 'enabled' };
    const requestData = { resourceProperties, previousResourceProperties };
    expect(handler.requests.at(-1)).toMatchObject({ action: 'UPDATE', requestData });
    const outputs = { RoleArn: OTHER_ROLE };
    expect(await deploy(OTHER_ROLE)).toMatchObject({ status: 'UPDATE_COMPLETE', outputs });
    expect([...handler.store.keys()]).toEqual([OTHER_ROLE]);
    await cf.deleteStack('t');
    expect(handler.actions()).toEqual(['CREATE', 'CREATE', 'UPDATE', 'CREATE', 'CREATE', 'DELETE', 'DELETE']);
    expect(handler.store.size).toBe(0);
  });

  test('gives a delete only the identifier', async () => {
    await deploy(ROLE);
    await cf.deleteStack('t');
    expect(handler.requests.at(-1)?.requestData.resourceProperties).toEqual({ RoleArn: ROLE });
  });

  test('gives an update an identifier that only the handler knows', async () => {
    const schema = { ...SCHEMA, primaryIdentifier: ['/properties/Id'], createOnlyProperties: [] };
    cf = cloudFormation(account, handler, { schema });
    const made = { ...trunking(ROLE), Id: 'id-1' };
    handler.script.push({ status: 'SUCCESS', resourceModel: made });
    await deploy(ROLE);
    handler.script.push({ status: 'SUCCESS', resourceModel: { ...made, Trunking: 'disabled' } });
    await deploy(ROLE, 'disabled');
    expect(handler.requests.at(-1)).toMatchObject({
      action: 'UPDATE',
      requestData: { resourceProperties: { RoleArn: ROLE, Trunking: 'disabled', Id: 'id-1' } },
    });
  });

  test('refuses an update that would change nothing', async () => {
    await deploy(ROLE);
    const before = handler.requests.length;
    await expect(deploy(ROLE)).rejects.toMatchObject({
      code: 'ValidationError',
      message: 'No updates are to be performed.',
    });
    expect(handler.requests).toHaveLength(before);
    expect(cf.stack('t')?.status).toBe('CREATE_COMPLETE');
  });

  const TWO = `
Parameters: { Second: { Type: String }, Trunking: { Type: String, Default: enabled } }
Resources:
  First: { Type: '${TYPE_NAME}', Properties: { RoleArn: ${ROLE}, Trunking: !Ref Trunking } }
  Last: { Type: '${TYPE_NAME}', DependsOn: First, Properties: { RoleArn: !Ref Second, Trunking: !Ref Trunking } }
`;

  const deployTwo = (template: string, Trunking = 'enabled') =>
    cf.deploy('two', template, { Second: OTHER_ROLE, Trunking });

  test('that cannot be created is rolled back, and what existed before remains', async () => {
    handler.store.set(OTHER_ROLE, { RoleArn: OTHER_ROLE, Trunking: 'disabled' });
    const stack = await deployTwo(TWO);
    expect(stack).toMatchObject({ status: 'ROLLBACK_COMPLETE', resources: [] });
    expect(stack.reason).toMatch(/AlreadyExists/);
    expect([...handler.store]).toEqual([[OTHER_ROLE, { RoleArn: OTHER_ROLE, Trunking: 'disabled' }]]);
    expect(statuses('two')).toEqual([
      'two CREATE_IN_PROGRESS',
      'First CREATE_IN_PROGRESS',
      'First CREATE_IN_PROGRESS',
      'First CREATE_COMPLETE',
      'Last CREATE_IN_PROGRESS',
      'Last CREATE_FAILED',
      'two ROLLBACK_IN_PROGRESS',
      'First DELETE_IN_PROGRESS',
      'First DELETE_COMPLETE',
      'two ROLLBACK_COMPLETE',
    ]);
    await expect(cf.deploy('two', TWO, { Second: 'x' })).rejects.toThrow(/ROLLBACK_COMPLETE state/);
  });

  test('deletes on rollback a resource whose identifier a failed create returned', async () => {
    handler.script.push('pass', failed('AccessDenied'));
    await deploy(ROLE);
    expect(handler.actions()).toEqual(['CREATE', 'CREATE', 'DELETE']);
  });

  test('deletes it even if the create then reports that it exists, no matter who made it', async () => {
    handler.script.push({ ...PROGRESS, resourceModel: trunking(ROLE) }, failed('AlreadyExists'));
    handler.store.set(ROLE, trunking(ROLE, 'disabled'));
    await deploy(ROLE);
    expect(handler.actions()).toEqual(['CREATE', 'CREATE', 'DELETE']);
    expect(handler.store.size).toBe(0);
  });

  test('does not delete by the model of an AlreadyExists, or if no event had a model', async () => {
    handler.script.push({ ...failed('AlreadyExists'), resourceModel: trunking(ROLE) });
    await deploy(ROLE);
    handler.script.push(failed('AccessDenied'));
    await deploy(ROLE, 'enabled', 'u');
    expect(handler.actions()).toEqual(['CREATE', 'CREATE']);
  });

  test('ends in ROLLBACK_FAILED if a create returned its identifier and its role denies the delete', async () => {
    handler.script.push('pass', failed('AccessDenied'), failed('AccessDenied'));
    const stack = await deploy(ROLE);
    expect(stack.status).toBe('ROLLBACK_FAILED');
  });

  test('whose update fails returns to its previous state', async () => {
    await deployTwo(TWO);
    const before = new Map(handler.store);
    handler.script.push('pass', failed('AccessDenied'));
    const stack = await deployTwo(TWO, 'disabled');
    expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(handler.store).toEqual(before);
    const again = await deployTwo(TWO, 'disabled');
    expect(again.status).toBe('UPDATE_COMPLETE');
  });

  const THREE = `${TWO}  New: { Type: '${TYPE_NAME}', DependsOn: Last, Properties: { RoleArn: new, Trunking: enabled } }\n`;
  const OTHERS = THREE.replace('RoleArn: new', 'RoleArn: newer').replaceAll('New:', 'Newer:');

  test('whose update fails undoes updates before it deletes new resources', async () => {
    await deployTwo(TWO);
    handler.script.push('pass', 'pass', 'pass', 'pass', failed('AccessDenied'));
    const more = `${THREE}  Fails: { Type: '${TYPE_NAME}', DependsOn: New, Properties: { RoleArn: fails } }\n`;
    const before = statuses('two').length;
    const stack = await deployTwo(more, 'disabled');
    expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    const rollback = statuses('two').slice(before);
    expect(rollback.slice(rollback.indexOf('two UPDATE_ROLLBACK_IN_PROGRESS'))).toEqual([
      'two UPDATE_ROLLBACK_IN_PROGRESS',
      ...['Last UPDATE_IN_PROGRESS', 'Last UPDATE_COMPLETE'],
      ...['First UPDATE_IN_PROGRESS', 'First UPDATE_COMPLETE'],
      'two UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      ...['New DELETE_IN_PROGRESS', 'New DELETE_COMPLETE'],
      'two UPDATE_ROLLBACK_COMPLETE',
    ]);
  });

  test('tries a clean-up three times, then skips it and is complete', async () => {
    await deployTwo(THREE);
    handler.script.push('pass', 'pass', ...Array(3).fill(failed('AccessDenied')));
    const stack = await deployTwo(OTHERS);
    expect(stack.status).toBe('UPDATE_COMPLETE');
    expect(statuses('two').filter((event) => event === 'New DELETE_FAILED')).toHaveLength(3);
    expect([...handler.store.keys()].sort()).toEqual([ROLE, OTHER_ROLE, 'new', 'newer'].sort());
  });

  test('cleans up if the second try succeeds', async () => {
    await deployTwo(THREE);
    handler.script.push('pass', 'pass', failed('AccessDenied'));
    await deployTwo(OTHERS);
    expect([...handler.store.keys()]).not.toContain('new');
  });

  test('whose resource no longer exists is deleted', async () => {
    await deploy(ROLE);
    handler.store.clear();
    expect((await cf.deleteStack('t')).status).toBe('DELETE_COMPLETE');
  });

  test('that cannot delete a resource keeps it and what it depends on', async () => {
    await deployTwo(TWO);
    handler.script.push(failed('AccessDenied'));
    const stack = await cf.deleteStack('two');
    expect(stack).toMatchObject({ status: 'DELETE_FAILED' });
    expect([...handler.store.keys()]).toEqual([ROLE, OTHER_ROLE]);
    expect((await cf.deleteStack('two')).status).toBe('DELETE_COMPLETE');
    expect(handler.store.size).toBe(0);
  });

  test('reports drift: changed, deleted, and neither', async () => {
    await deploy(ROLE);
    expect(await cf.detectDrift('t')).toMatchObject({ status: 'IN_SYNC' });
    expect(handler.requests.at(-1)?.requestData.resourceProperties).toEqual({ RoleArn: ROLE });
    handler.store.set(ROLE, trunking(ROLE, 'disabled'));
    expect(await cf.detectDrift('t')).toMatchObject({
      status: 'DRIFTED',
      resources: [
        {
          LogicalResourceId: 'RoleTrunking',
          StackResourceDriftStatus: 'MODIFIED',
          PropertyDifferences: [
            { PropertyPath: '/Trunking', ExpectedValue: 'enabled', ActualValue: 'disabled' },
          ],
        },
      ],
    });
    handler.store.clear();
    expect(await cf.detectDrift('t')).toMatchObject({
      status: 'DRIFTED',
      resources: [{ StackResourceDriftStatus: 'DELETED' }],
    });
  });

  test('imports an existing resource by its identifier and writes nothing', async () => {
    handler.store.set(ROLE, trunking(ROLE));
    const target = { logicalId: 'RoleTrunking', identifier: { RoleArn: ROLE } };
    const stack = await cf.import('t', IMPORT_TEMPLATE, target, trunking(ROLE));
    expect(stack).toMatchObject({ status: 'IMPORT_COMPLETE', resources: [{ physicalId: ROLE }] });
    expect(handler.actions()).toEqual(['READ']);
    const updated = await deploy(ROLE, 'disabled');
    expect(updated.status).toBe('UPDATE_COMPLETE');
    expect(handler.actions()).toEqual(['READ', 'UPDATE']);
  });

  test('does not import a missing resource', async () => {
    const target = { logicalId: 'RoleTrunking', identifier: { RoleArn: ROLE } };
    const stack = await cf.import('t', IMPORT_TEMPLATE, target, trunking(ROLE));
    expect(stack).toMatchObject({ status: 'IMPORT_ROLLBACK_COMPLETE', resources: [] });
    expect(stack.reason).toMatch(/NotFound/);
  });

  test('with an unknown type is refused before anything is created', async () => {
    const template = `Resources:\n  A: { Type: AWS::IAM::Role, Properties: {} }\n  B: { Type: 'AWS::EC2::Instance' }`;
    await expect(cf.deploy('bad', template)).rejects.toThrow(
      'Template format error: Unrecognized resource types: [AWS::EC2::Instance]',
    );
    expect(cf.stack('bad')).toBeUndefined();
  });
});

test('a package in its own process is run to the end', async () => {
  const source = `exports.entrypoint = async ({ callbackContext, requestData }) => callbackContext
    ? { status: 'SUCCESS', resourceModel: requestData.resourceProperties }
    : { status: 'IN_PROGRESS', resourceModel: requestData.resourceProperties, callbackContext: { step: 1 } };`;
  const fn = new LambdaFunction({
    packageDirectory: packageOf(source),
    handler: 'dist/handlers.entrypoint',
    environment: account.functionEnvironment(REGION),
  });
  const options = { account, function: fn, typeName: TYPE_NAME, region: REGION, schema: SCHEMA };
  const { final } = await new CloudFormation(options).run('CREATE', { properties });
  expect(final).toEqual({ status: 'SUCCESS', resourceModel: properties });
  await fn.close();
});
