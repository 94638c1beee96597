import {
  ASSUMED,
  CREDENTIALS,
  identity,
  json,
  jsonError,
  SESSION,
  shortenWaits,
  xml,
  xmlError,
} from 'resource-runtime/testing';
import { version } from '../../package.json';
import { entrypoint, testEntrypoint } from '../../src/handlers';
import { aws } from './scripted-aws';

/* The five operations in-process: the calls to AWS that each makes, and its answers. */

const ARN = 'arn:aws:iam::111122223333:role/instances';

let lines: string[];

beforeEach(() => {
  shortenWaits();
  aws.answer('AssumeRole', ASSUMED);
  lines = [];
  jest.spyOn(console, 'log').mockImplementation((line) => lines.push(String(line)));
});

afterEach(() => {
  jest.restoreAllMocks();
});

/** What ECS lists, call by call: a value or no setting. The last one repeats. */
const lists = (...values: (string | undefined)[]) =>
  aws.answer(
    'ListAccountSettings',
    ...values.map((value) => json({ settings: value ? [{ name: 'awsvpcTrunking', value }] : [] })),
  );
const puts = (value: string) =>
  aws.answer('PutAccountSetting', json({ setting: { name: 'awsvpcTrunking', value } }));

const invoke = (action: string, properties: object = { RoleArn: ARN }, more: object = {}) =>
  entrypoint({
    action,
    awsAccountId: '111122223333',
    region: 'us-east-1',
    requestData: { resourceProperties: properties, callerCredentials: CREDENTIALS },
    ...more,
  });
/** An invocation after others of the same operation. */
const invokeAgain = (action: string, callbackContext: object, properties?: object) =>
  invoke(action, properties, { callbackContext });
/** The calls to AWS so far. */
const calls = () => aws.requests.map(({ operation }) => operation).join(' ');
/** The actions that each session allows. */
const allowed = () =>
  aws
    .received('AssumeRole')
    .map(({ parameters }) =>
      JSON.parse(String(parameters.Policy)).Statement.map(({ Action }: { Action: string }) => Action),
    );
const LIST = 'ecs:ListAccountSettings';
const PUT = 'ecs:PutAccountSetting';
const DELETE = 'ecs:DeleteAccountSetting';

describe('create', () => {
  test('first looks for a setting, changes nothing, and gives CloudFormation the identifier', async () => {
    lists(undefined);
    expect(await invoke('CREATE')).toMatchObject({
      status: 'IN_PROGRESS',
      callbackDelaySeconds: 0,
      callbackContext: { checked: true, written: false },
      message: 'The role has no explicit setting yet.',
      resourceModel: { RoleArn: ARN, Trunking: 'enabled' },
    });
    expect(calls()).toBe('AssumeRole ListAccountSettings');
    expect(allowed()).toEqual([[LIST]]);
  });

  test('then puts the value without looking again', async () => {
    puts('disabled');
    lists('disabled');
    const resourceModel = { RoleArn: ARN, Trunking: 'disabled' };
    expect(await invokeAgain('CREATE', { checked: true }, resourceModel)).toMatchObject({
      status: 'SUCCESS',
      resourceModel,
    });
    expect(calls()).toBe('AssumeRole PutAccountSetting ListAccountSettings');
    expect(allowed()).toEqual([[LIST, PUT]]);
  });

  test('does not put a value that an earlier invocation has put', async () => {
    lists('enabled');
    expect((await invokeAgain('CREATE', { checked: true, written: true })).status).toBe('SUCCESS');
    expect(calls()).toBe('AssumeRole ListAccountSettings');
  });

  test('keeps the identifier while a put is denied, and while the list is late', async () => {
    aws.answer('PutAccountSetting', jsonError('AccessDeniedException'));
    expect(await invokeAgain('CREATE', { checked: true })).toMatchObject({
      status: 'IN_PROGRESS',
      callbackContext: { checked: true, written: false, denials: 1 },
      resourceModel: { RoleArn: ARN, Trunking: 'enabled' },
    });
    puts('enabled');
    lists(undefined);
    expect(await invokeAgain('CREATE', { checked: true })).toMatchObject({
      status: 'IN_PROGRESS',
      callbackContext: { checked: true, written: true, polls: 1 },
      resourceModel: { RoleArn: ARN, Trunking: 'enabled' },
    });
  });

  test('returns AlreadyExists, without a model, where the role has an explicit setting', async () => {
    lists('disabled');
    const answer = await invoke('CREATE');
    expect(answer).toMatchObject({ status: 'FAILED', errorCode: 'AlreadyExists' });
    expect(answer.message).toMatch(/in us-east-1 \(disabled\)/);
    expect(answer).not.toHaveProperty('resourceModel');
  });

  test('does not wait for a role whose name belongs to a role with another path', async () => {
    const arn = ARN.replace('role/', 'role/team/');
    aws.answer('AssumeRole', xmlError('AccessDenied', 403));
    aws.answer('GetRole', xml('GetRole', `<Role><Arn>${arn}</Arn></Role>`));
    expect(await invoke('CREATE')).toMatchObject({
      errorCode: 'NotFound',
      message: expect.stringContaining(`The role of this name is ${arn}`),
    });
    expect(aws.received('AssumeRole')).toHaveLength(1);
  });

  test('waits within the invocation while it is denied', async () => {
    aws.answer('AssumeRole', xmlError('AccessDenied', 403), ASSUMED);
    lists(undefined);
    expect((await invoke('CREATE')).status).toBe('IN_PROGRESS');
    expect(calls()).toBe('AssumeRole GetRole AssumeRole ListAccountSettings');
  });
});

describe('read', () => {
  test('returns the value, and needs only the identifier', async () => {
    lists('disabled');
    expect(await invoke('READ')).toMatchObject({
      status: 'SUCCESS',
      resourceModel: { RoleArn: ARN, Trunking: 'disabled' },
    });
    expect(allowed()).toEqual([[LIST]]);
  });

  test('returns NotFound where the role has no explicit setting', async () => {
    lists(undefined);
    expect(await invoke('READ')).toMatchObject({
      errorCode: 'NotFound',
      message: expect.stringContaining(ARN),
    });
  });

  test('returns NotFound where the role does not exist', async () => {
    aws.answer('AssumeRole', xmlError('AccessDenied', 403));
    aws.answer('GetRole', xmlError('NoSuchEntity', 404));
    aws.answer('GetCallerIdentity', identity('arn:aws:iam::111122223333:user/x'));
    expect(await invoke('READ')).toMatchObject({ errorCode: 'NotFound' });
  });

  test('calls ECS as the role, and logs the role and the version of the package', async () => {
    lists('enabled');
    await invoke('READ');
    const tokenOf = (operation: string) => aws.received(operation)[0]?.headers['x-amz-security-token'];
    expect(tokenOf('AssumeRole')).toBe(CREDENTIALS.sessionToken);
    expect(tokenOf('ListAccountSettings')).toBe(SESSION.sessionToken);
    const line = JSON.parse(lines.join('\n'));
    expect(line).toMatchObject({ action: 'READ', roleArn: ARN, outcome: 'SUCCESS', version });
  });
});

describe('update', () => {
  const properties = { RoleArn: ARN, Trunking: 'disabled' };

  test('puts the new value, and checks that ECS lists it', async () => {
    lists('enabled', 'disabled');
    puts('disabled');
    const answer = await invoke('UPDATE', properties);
    expect(answer).toMatchObject({ status: 'SUCCESS', resourceModel: properties });
    expect(calls()).toBe('AssumeRole ListAccountSettings PutAccountSetting ListAccountSettings');
    expect(allowed()).toEqual([[LIST, PUT]]);
    expect(aws.received('PutAccountSetting')[0]?.parameters).toMatchObject({ value: 'disabled' });
  });

  test('returns NotFound, and writes nothing, where there is no explicit setting', async () => {
    lists(undefined);
    expect((await invoke('UPDATE', properties)).errorCode).toBe('NotFound');
    expect(aws.received('PutAccountSetting')).toEqual([]);
  });

  test('does not look for the setting again after it was written', async () => {
    lists('disabled');
    const context = { written: true, polls: 1 };
    expect((await invokeAgain('UPDATE', context, properties)).status).toBe('SUCCESS');
    expect(calls()).toBe('AssumeRole ListAccountSettings');
  });

  test('waits where the list is late, and ends with NotStabilized', async () => {
    lists('enabled');
    const afterPolls = (polls: number) => invokeAgain('UPDATE', { written: true, polls }, properties);
    expect(await afterPolls(0)).toMatchObject({
      status: 'IN_PROGRESS',
      callbackDelaySeconds: 5,
      callbackContext: { written: true, polls: 1 },
      message: 'ECS does not list the change yet. Looking again in 5 s.',
      resourceModel: properties,
    });
    expect(await afterPolls(24)).toMatchObject({ errorCode: 'NotStabilized' });
  });

  test('knows in the next invocation that it has put the value', async () => {
    lists('enabled');
    puts('disabled');
    expect(await invoke('UPDATE', properties)).toMatchObject({
      status: 'IN_PROGRESS',
      callbackContext: { written: true },
    });
  });

  test('is IN_PROGRESS after a put with an unknown outcome', async () => {
    lists('enabled');
    aws.answer('PutAccountSetting', jsonError('ServerException', 500));
    expect(await invoke('UPDATE', properties)).toMatchObject({
      status: 'IN_PROGRESS',
      callbackContext: { written: false, failures: 1 },
      resourceModel: properties,
    });
  });

  test('returns NotUpdatable where the request names another role', async () => {
    const requestData = {
      resourceProperties: properties,
      previousResourceProperties: { RoleArn: `${ARN}-before` },
      callerCredentials: CREDENTIALS,
    };
    const answer = await invoke('UPDATE', properties, { requestData });
    expect(answer).toMatchObject({ errorCode: 'NotUpdatable' });
    expect(aws.requests).toEqual([]);
  });
});

describe('delete', () => {
  test('deletes the setting, and returns no model', async () => {
    lists('enabled', undefined);
    aws.answer('DeleteAccountSetting', json({}));
    const answer = await invoke('DELETE');
    expect(answer.status).toBe('SUCCESS');
    expect(answer).not.toHaveProperty('resourceModel');
    expect(calls()).toBe('AssumeRole ListAccountSettings DeleteAccountSetting ListAccountSettings');
    expect(allowed()).toEqual([[LIST, DELETE]]);
  });

  test('deletes even where nothing is listed, and returns NotFound', async () => {
    lists(undefined);
    aws.answer('DeleteAccountSetting', jsonError('InvalidParameterException'));
    expect((await invoke('DELETE')).errorCode).toBe('NotFound');
    expect(aws.received('DeleteAccountSetting')).toHaveLength(1);
  });

  test('succeeds where an earlier invocation has seen the setting, and a lost delete has removed it', async () => {
    lists(undefined);
    aws.answer('DeleteAccountSetting', jsonError('InvalidParameterException'));
    expect((await invokeAgain('DELETE', { checked: true, failures: 1 })).status).toBe('SUCCESS');
    expect(aws.received('DeleteAccountSetting')).toHaveLength(1);
  });

  test('returns NotStabilized where ECS lists the setting for minutes after the delete', async () => {
    lists('enabled');
    expect(await invokeAgain('DELETE', { checked: true, written: true, polls: 24 })).toMatchObject({
      errorCode: 'NotStabilized',
      message: expect.stringMatching(/^ECS deleted awsvpcTrunking/),
    });
  });

  test('does not delete again what an earlier invocation has deleted', async () => {
    lists(undefined);
    expect((await invokeAgain('DELETE', { checked: true, written: true })).status).toBe('SUCCESS');
    expect(aws.received('DeleteAccountSetting')).toEqual([]);
  });

  test('knows in the next invocation that it has deleted the setting, and keeps the identifier', async () => {
    lists('enabled');
    aws.answer('DeleteAccountSetting', json({}));
    expect(await invoke('DELETE')).toMatchObject({
      status: 'IN_PROGRESS',
      callbackContext: { checked: true, written: true },
      resourceModel: { RoleArn: ARN },
    });
  });

  test('is IN_PROGRESS, with the identifier, after a delete with an unknown outcome', async () => {
    lists('enabled');
    aws.answer('DeleteAccountSetting', jsonError('ServerException', 500));
    expect(await invoke('DELETE')).toMatchObject({
      status: 'IN_PROGRESS',
      callbackContext: { checked: true, written: false, failures: 1 },
      resourceModel: { RoleArn: ARN },
    });
  });
});

describe('list', () => {
  beforeEach(() => {
    const tag = '<member><Key>ecs-role-trunking</Key><Value>managed</Value></member>';
    aws.answer('GetRole', xml('GetRole', `<Role><Arn>${ARN}</Arn><Tags>${tag}</Tags></Role>`));
  });

  test('of one role returns that role or nothing', async () => {
    lists('enabled');
    const model = { RoleArn: ARN, Trunking: 'enabled' };
    expect(await invoke('LIST')).toMatchObject({ status: 'SUCCESS', resourceModels: [model] });
    const listed = (Trunking: string) => invoke('LIST', { RoleArn: ARN, Trunking });
    expect(await listed('enabled')).toMatchObject({ resourceModels: [model] });
    expect(await listed('disabled')).toMatchObject({ resourceModels: [] });
    expect(calls()).not.toContain('ListRoles');
  });

  test('of one role that has not opted in is empty, and does not assume the role', async () => {
    aws.answer('GetRole', xml('GetRole', `<Role><Arn>${ARN}</Arn></Role>`));
    expect(await invoke('LIST')).toMatchObject({ status: 'SUCCESS', resourceModels: [] });
    expect(calls()).toBe('GetRole');
  });

  test('of a role that cannot be managed is empty, without any call', async () => {
    const RoleArn = 'arn:aws:iam::444455556666:role/instances';
    expect(await invoke('LIST', { RoleArn })).toMatchObject({ resourceModels: [] });
    expect(aws.requests).toEqual([]);
  });

  test("without a filter returns a page of the account's roles", async () => {
    lists('on');
    aws.answer('GetCallerIdentity', identity('arn:aws:sts::111122223333:assumed-role/H/s'));
    const policy = encodeURIComponent(
      JSON.stringify({ Statement: { Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' } }),
    );
    const role = `<member><Arn>${ARN}</Arn><AssumeRolePolicyDocument>${policy}</AssumeRolePolicyDocument></member>`;
    const page = `<Roles>${role}</Roles><IsTruncated>true</IsTruncated><Marker>next</Marker>`;
    aws.answer('ListRoles', xml('ListRoles', page));
    expect(await invoke('LIST', {}, { nextToken: 'here' })).toMatchObject({
      status: 'SUCCESS',
      resourceModels: [{ RoleArn: ARN, Trunking: 'enabled' }],
      nextToken: 'next',
    });
    expect(aws.received('ListRoles')[0]?.parameters).toMatchObject({ Marker: 'here' });
  });
});

test('the test entry point takes the account from RoleArn', async () => {
  lists('enabled');
  const event = {
    action: 'READ',
    credentials: CREDENTIALS,
    region: 'us-east-1',
    request: { desiredResourceState: { RoleArn: ARN } },
  };
  expect(await testEntrypoint(event)).toMatchObject({ status: 'SUCCESS' });
});
