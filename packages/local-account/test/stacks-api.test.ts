import type { CloudFormation } from '@aws-sdk/client-cloudformation';
import type { LocalAccount } from '../src/account';
import { type Clock, REAL_CLOCK } from '../src/clock';
import { NOTE, registerNote } from '../src/testing/note-type';
import { errorOf, newName, note, REGION, ROLES_TEMPLATE, type StackApi, start, template } from './support';

/* Stacks over HTTP, with the SDK's client and a small type that is registered. */

let account: LocalAccount;
let cloudformation: CloudFormation;
let stacks: StackApi;
/** The stack of the test. */
let name: string;

beforeAll(async () => {
  ({ account, cloudformation, stacks } = await start());
  await registerNote(account);
});
beforeEach(() => {
  name = newName();
});
afterAll(() => account.close());

const create = (body: string, more = {}) => stacks.create(name, body, more);
const update = (body: string, more = {}) => stacks.update(name, body, more);
const remove = () => stacks.remove(name);
const REMOVED = { StackStatus: 'DELETE_COMPLETE' };

test('a create whose answer is lost can be repeated with its token, and creates one stack', async () => {
  account.faults.add({ operation: 'CreateStack', fault: { kind: 'drop', when: 'after' } });
  const body = template({ One: note(name) });
  const attempt = () => create(body, { ClientRequestToken: name });
  await expect(attempt()).rejects.toThrow('socket hang up');
  const stack = await attempt();
  expect(stack.StackStatus).toBe('CREATE_COMPLETE');
  const { StackSummaries = [] } = await cloudformation.listStacks();
  expect(StackSummaries.filter((it) => it.StackName === name)).toHaveLength(1);
  const other = stacks.create(newName(), template({ One: note('x') }), { ClientRequestToken: name });
  expect(await errorOf(other)).toMatchObject({ name: 'TokenAlreadyExistsException' });
});

/** A clock on which DescribeStacks waits in vain (10 s) and nothing else that takes time ends. */
const STOPPED: Clock = {
  ...REAL_CLOCK,
  after: (milliseconds, act) => ([0, 10_000].includes(milliseconds) ? REAL_CLOCK.after(0, act) : () => {}),
};

describe('a stack', () => {
  test('is in progress first, reports its events, and is complete in the end', async () => {
    const body = template({ Note: note('one') }, { Outputs: { Name: { Value: { Ref: 'Note' } } } });
    const { account: slow, stacks: stopped } = await start({ clock: STOPPED });
    await registerNote(slow);
    const delayed = template({ Note: note('one', { Delay: 1 }) });
    await stopped.api.createStack({ StackName: name, TemplateBody: delayed });
    const begun = await stopped.describe(name);
    expect(begun).toMatchObject({ StackName: name, StackStatus: 'CREATE_IN_PROGRESS' });
    await slow.close();

    expect(await create(body)).toMatchObject({
      StackStatus: 'CREATE_COMPLETE',
      Outputs: [{ OutputKey: 'Name', OutputValue: 'one' }],
      StackId: expect.stringMatching(
        /^arn:aws:cloudformation:eu-west-1:111122223333:stack\/stack-\d+\/.{36}$/,
      ),
    });
    expect(await stacks.statuses(name)).toEqual([
      `${name} CREATE_IN_PROGRESS`,
      'Note CREATE_IN_PROGRESS',
      'Note CREATE_IN_PROGRESS',
      'Note CREATE_COMPLETE',
      `${name} CREATE_COMPLETE`,
    ]);
  });

  test('is deleted while it is created, without a further invocation of the create', async () => {
    const Later = note(`${name}-2`, {}, { DependsOn: 'Note' });
    const TemplateBody = template({ Note: note(name, { Delay: 1 }), Later });
    const { StackId = '' } = await cloudformation.createStack({ StackName: name, TemplateBody });
    while ((await stacks.events(name)).length < 3) {}
    await cloudformation.deleteStack({ StackName: name });
    // A delete of a stack that is being deleted has no further effect.
    await cloudformation.deleteStack({ StackName: name });
    expect(await stacks.settled(StackId)).toMatchObject(REMOVED);
    expect(await stacks.statuses(StackId)).toEqual([
      `${name} CREATE_IN_PROGRESS`,
      'Note CREATE_IN_PROGRESS',
      'Note CREATE_IN_PROGRESS',
      `${name} DELETE_IN_PROGRESS`,
      'Note CREATE_FAILED',
      'Note DELETE_IN_PROGRESS',
      'Note DELETE_COMPLETE',
      `${name} DELETE_COMPLETE`,
    ]);
    expect(await stacks.reason(StackId, 'Note CREATE_FAILED')).toBe('Resource creation cancelled');
    // What was canceled does not exist: another stack can create it.
    const again = await stacks.create(newName(), template({ Note: note(name) }));
    expect(again.StackStatus).toBe('CREATE_COMPLETE');
  });

  test('lists its resources with their current status', async () => {
    await create(template({ Kept: note('two'), Gone: note('three') }));
    await update(template({ Kept: note('two', { Text: 'more' }) }));
    const { StackResources } = await cloudformation.describeStackResources({ StackName: name });
    const Kept = { LogicalResourceId: 'Kept', PhysicalResourceId: 'two', ResourceType: NOTE };
    expect(StackResources).toMatchObject([{ ...Kept, ResourceStatus: 'UPDATE_COMPLETE' }]);
    const of = (LogicalResourceId: string) =>
      cloudformation.describeStackResource({ StackName: name, LogicalResourceId });
    expect((await of('Kept')).StackResourceDetail).toMatchObject({ PhysicalResourceId: 'two' });
    expect((await errorOf(of('Other'))).message).toBe(`Resource Other does not exist for stack ${name}`);
    await remove();
    const deleted = { StackStatusFilter: ['DELETE_COMPLETE' as const] };
    const { StackSummaries: [last] = [] } = await cloudformation.listStacks(deleted);
    expect(last).toMatchObject({ StackName: name, DeletionTime: expect.any(Date) });
    const { StackResourceSummaries } = await cloudformation.listStackResources({ StackName: last?.StackId });
    expect(StackResourceSummaries?.map((it) => it.ResourceStatus)).toEqual(Array(2).fill('DELETE_COMPLETE'));
  });

  test('rolls back with the message of the handler, and can then only be deleted', async () => {
    const Second = note('five', { Text: 'fail' }, { DependsOn: 'First' });
    const stack = await create(template({ First: note('four'), Second }));
    expect(stack).toMatchObject({ StackStatus: 'ROLLBACK_COMPLETE' });
    expect(await stacks.reason(name, 'Second CREATE_FAILED')).toMatch(
      /^Resource handler returned message: "The text is fail" \(RequestToken: .{36}, HandlerErrorCode: InvalidRequest\)$/,
    );
    expect(await stacks.reason(name, `${name} ROLLBACK_IN_PROGRESS`)).toBe(
      'The following resource(s) failed to create: [Second]. Rollback requested by user.',
    );
    expect(await errorOf(update(template({ First: note('four', { Text: 'x' }) })))).toMatchObject({
      name: 'ValidationError',
      message: expect.stringMatching(/is in ROLLBACK_COMPLETE state and can not be updated\.$/),
    });
    expect(await remove()).toMatchObject(REMOVED);
  });

  test('that fails with DisableRollback keeps what was created, and can be updated', async () => {
    const second = (Text: string) => note(`${name}-2`, { Text }, { DependsOn: 'First' });
    const options = { DisableRollback: true };
    const stack = await create(template({ First: note(name), Second: second('fail') }), options);
    expect(stack).toMatchObject({
      StackStatus: 'CREATE_FAILED',
      StackStatusReason: 'The following resource(s) failed to create: [Second]. ',
      DisableRollback: true,
    });
    const First = note(name, { Text: 'b' });
    const failed = await update(template({ First, Second: second('fail') }), options);
    expect(failed.StackStatus).toBe('UPDATE_FAILED');
    const fixed = await update(template({ First, Second: second('a') }));
    expect(fixed).toMatchObject({ StackStatus: 'UPDATE_COMPLETE', DisableRollback: false });
    expect(await remove()).toMatchObject(REMOVED);
  });

  test('that does not exist cannot be updated, and its delete succeeds', async () => {
    const refused = await errorOf(update(template({ A: note('a') })));
    expect(refused).toMatchObject({ message: `Stack [${name}] does not exist` });
    await cloudformation.deleteStack({ StackName: name });
  });

  test.each(['a_b', '1a', '*', 'a*'])('cannot have the name %s', async (invalid) => {
    expect(await errorOf(stacks.create(invalid, template({ Note: note('a') })))).toEqual({
      name: 'ValidationError',
      message:
        `1 validation error detected: Value '${invalid}' at 'stackName' failed to satisfy constraint: Member must ` +
        'satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*',
      status: 400,
    });
  });

  test('cannot have an ARN as its name, which is another stack’s', async () => {
    const StackName = `arn:aws:cloudformation:${REGION}:111122223333:stack/other/1`;
    const TemplateBody = template({ Note: note('a') });
    const changeSet = { StackName, TemplateBody, ChangeSetName: 'c', ChangeSetType: 'CREATE' as const };
    for (const attempt of [
      stacks.create(StackName, TemplateBody),
      cloudformation.createChangeSet(changeSet),
    ]) {
      expect(await errorOf(attempt)).toMatchObject({
        name: 'ValidationError',
        message: expect.stringContaining("at 'stackName' failed to satisfy constraint"),
      });
    }
  });

  test('is created once, and not updated if nothing changes', async () => {
    const body = template({ Note: note('six') });
    await create(body);
    expect(await errorOf(create(body))).toMatchObject({ name: 'AlreadyExistsException' });
    expect(await errorOf(update(`${body}\n`))).toMatchObject({
      name: 'ValidationError',
      message: 'No updates are to be performed.',
    });
  });

  test('can use its previous template and parameters', async () => {
    const body = template(
      { Note: note('seven', { Text: { Ref: 'Text' } }) },
      { Parameters: { Text: { Type: 'String' }, Other: { Type: 'String', Default: 'o', NoEcho: true } } },
    );
    await create(body, { Parameters: [{ ParameterKey: 'Text', ParameterValue: 'a' }] });
    const Parameters = [
      { ParameterKey: 'Text', UsePreviousValue: true },
      { ParameterKey: 'Other', ParameterValue: 'p' },
    ];
    await cloudformation.updateStack({ StackName: name, UsePreviousTemplate: true, Parameters });
    expect((await stacks.settled(name)).Parameters).toEqual([
      { ParameterKey: 'Text', ParameterValue: 'a' },
      { ParameterKey: 'Other', ParameterValue: '****' },
    ]);
    const { TemplateBody } = await cloudformation.getTemplate({ StackName: name });
    expect(TemplateBody).toBe(body);
  });

  test('with IAM resources must be acknowledged', async () => {
    expect(await errorOf(create(ROLES_TEMPLATE))).toMatchObject({
      name: 'InsufficientCapabilitiesException',
      message: 'Requires capabilities : [CAPABILITY_IAM]',
    });
    const { StackStatus } = await create(ROLES_TEMPLATE, { Capabilities: ['CAPABILITY_IAM'] });
    expect(StackStatus).toBe('CREATE_COMPLETE');
    expect(await remove()).toMatchObject(REMOVED);
  });

  test('is refused with a member that is not supported, unless it is false', async () => {
    const body = template({ Note: note('eight') });
    expect(await errorOf(create(body, { RetainExceptOnCreate: true }))).toMatchObject({
      name: 'ValidationError',
      message: 'The local account does not support RetainExceptOnCreate',
    });
    await expect(create(body, { RetainExceptOnCreate: false })).resolves.toBeDefined();
  });

  test('that is protected is not deleted', async () => {
    await create(template({ Note: note(name) }), { EnableTerminationProtection: true });
    const { message } = await errorOf(remove());
    expect(message).toBe(`Stack [${name}] cannot be deleted while TerminationProtection is enabled`);
    await cloudformation.updateTerminationProtection({ StackName: name, EnableTerminationProtection: false });
    expect(await remove()).toMatchObject(REMOVED);
  });

  test('keeps resources with DeletionPolicy Retain', async () => {
    await create(template({ Kept: note('nine', {}, { DeletionPolicy: 'Retain' }) }));
    await remove();
    const again = await stacks.create(newName(), template({ Note: note('nine') }));
    expect(again.StackStatus).toBe('ROLLBACK_COMPLETE');
  });

  test('that cannot delete a resource can be deleted without it', async () => {
    await create(template({ Stays: note(name, { Text: 'stays' }) }));
    expect(await remove()).toMatchObject({
      StackStatus: 'DELETE_FAILED',
      StackStatusReason: 'The following resource(s) failed to delete: [Stays]. ',
    });
    const { StackId = '' } = await stacks.describe(name);
    await cloudformation.deleteStack({ StackName: name, RetainResources: ['Stays'] });
    expect(await stacks.settled(StackId)).toMatchObject(REMOVED);
  });
});

test('an update whose rollback failed can continue it, without the resources that are skipped', async () => {
  const body = (Text: string, more = {}) => template({ Note: note(name, { Text }), ...more });
  await create(body('a'));
  const version = account.cloudFormation(REGION).registry.version(NOTE);
  // The note no longer exists when the rollback reaches it.
  const fails = { Fails: note('x', { Text: 'fail', Delay: 1 }, { DependsOn: 'Note' }) };
  const updating = update(body('b', fails));
  while (!(await stacks.statuses(name)).includes('Note UPDATE_COMPLETE')) {
    await new Promise(setImmediate);
  }
  await version?.function.invoke({ action: 'DELETE', requestData: { resourceProperties: { Name: name } } });
  expect(await updating).toMatchObject({
    StackStatus: 'UPDATE_ROLLBACK_FAILED',
    StackStatusReason: 'The following resource(s) failed to update: [Note]. ',
  });
  await cloudformation.continueUpdateRollback({ StackName: name, ResourcesToSkip: ['Note'] });
  expect((await stacks.settled(name)).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
});

test('exports are imported by other stacks, belong to one stack, and cannot change while they are imported', async () => {
  const importer = newName();
  const exporting = (Value: string, of = name) =>
    template({ Note: note(of) }, { Outputs: { It: { Value, Export: { Name: `${name}-it` } } } });
  const importing = template({ Note: note(importer, { Text: { 'Fn::ImportValue': `${name}-it` } }) });
  expect((await stacks.create(importer, importing)).StackStatus).toBe('ROLLBACK_COMPLETE');
  await stacks.remove(importer);
  const { Outputs } = await create(exporting('value'));
  expect(Outputs?.[0]).toMatchObject({ ExportName: `${name}-it` });
  expect((await stacks.create(importer, importing)).StackStatus).toBe('CREATE_COMPLETE');
  expect((await update(exporting('other'))).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  const other = newName();
  await stacks.create(other, exporting('value', other));
  expect(await stacks.reason(other, `${other} ROLLBACK_IN_PROGRESS`)).toBe(
    `Export with name ${name}-it is already exported by another stack. Rollback requested by user.`,
  );
  expect(await remove()).toMatchObject({
    StackStatus: 'DELETE_FAILED',
    StackStatusReason: `Cannot delete export ${name}-it as it is in use by ${importer}.`,
  });
  await stacks.remove(importer);
  expect(await remove()).toMatchObject(REMOVED);
});

describe('a template', () => {
  test('is refused with the names of unknown types', async () => {
    const others = { B: { Type: 'AWS::EC2::Instance' }, C: { Type: 'Acme::No::Type' } };
    const TemplateBody = template({ A: note('a'), ...others });
    const message =
      'Template format error: Unrecognized resource types: [AWS::EC2::Instance, Acme::No::Type]';
    for (const refused of [create(TemplateBody), cloudformation.validateTemplate({ TemplateBody })]) {
      expect(await errorOf(refused)).toMatchObject({ name: 'ValidationError', message });
    }
  });

  test('is summarized with its parameters, capabilities and identifiers', async () => {
    const TemplateBody = template(
      { A: note('a'), R: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'r' } } },
      { Description: 'D', Parameters: { P: { Type: 'String', Default: 'p' } } },
    );
    const summary = await cloudformation.getTemplateSummary({ TemplateBody });
    expect(summary).toMatchObject({
      Description: 'D',
      Parameters: [{ ParameterKey: 'P', ParameterType: 'String', DefaultValue: 'p', NoEcho: false }],
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      ResourceTypes: [NOTE, 'AWS::IAM::Role'],
      ResourceIdentifierSummaries: [
        { ResourceType: NOTE, ResourceIdentifiers: ['Name'], LogicalResourceIds: ['A'] },
        { ResourceType: 'AWS::IAM::Role', ResourceIdentifiers: ['RoleName'], LogicalResourceIds: ['R'] },
      ],
    });
    expect(await cloudformation.validateTemplate({ TemplateBody })).toMatchObject({ Description: 'D' });
  });

  test('can be in Amazon S3', async () => {
    account.buckets.create('templates');
    account.buckets.put('templates', 'a/note.json', Buffer.from(template({ Note: note('in-s3') })));
    for (const url of [
      'https://templates.s3.eu-west-1.amazonaws.com/a/note.json',
      `${account.endpoint}/templates/a/note.json`,
    ]) {
      const summary = await cloudformation.getTemplateSummary({ TemplateURL: url });
      expect(summary.ResourceTypes).toEqual([NOTE]);
    }
  });
});
