import {
  type Capability,
  type CloudFormationClient,
  ContinueUpdateRollbackCommand,
  CreateChangeSetCommand,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourceCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  GetTemplateSummaryCommand,
  ListStackResourcesCommand,
  ListStacksCommand,
  type Stack,
  UpdateStackCommand,
  UpdateTerminationProtectionCommand,
  ValidateTemplateCommand,
} from '@aws-sdk/client-cloudformation';
import { LocalAccount } from '../src/account';
import { type Clock, REAL_CLOCK } from '../src/clock';
import type { Credentials } from '../src/services/sts/store';
import { NOTE, registerNote } from '../src/testing/note-type';
import { clients, errorOf, newName, note, REGION, ROLES_TEMPLATE, template } from './support';

/* Stacks over HTTP, with the SDK's client and a small type that is registered. */

let account: LocalAccount;
let administrator: Credentials;
let cloudformation: CloudFormationClient;

beforeAll(async () => {
  account = await LocalAccount.start();
  administrator = account.administrator();
  cloudformation = clients(account, administrator).cloudformation;
  await registerNote(account);
});
afterAll(() => account.close());

const IAM: Capability[] = ['CAPABILITY_IAM'];

async function describe1(StackName: string): Promise<Stack> {
  const { Stacks } = await cloudformation.send(new DescribeStacksCommand({ StackName }));
  return Stacks?.[0] as Stack;
}

/** Asks until nothing is in progress any more. */
async function settled(StackName: string): Promise<Stack> {
  for (;;) {
    const stack = await describe1(StackName);
    if (!stack.StackStatus?.endsWith('_IN_PROGRESS')) {
      return stack;
    }
  }
}

async function create(StackName: string, TemplateBody: string, more = {}): Promise<Stack> {
  await cloudformation.send(new CreateStackCommand({ StackName, TemplateBody, ...more }));
  return settled(StackName);
}

async function update(StackName: string, TemplateBody: string, more = {}): Promise<Stack> {
  await cloudformation.send(new UpdateStackCommand({ StackName, TemplateBody, ...more }));
  return settled(StackName);
}

async function remove(StackName: string): Promise<Stack> {
  const { StackId } = await describe1(StackName);
  await cloudformation.send(new DeleteStackCommand({ StackName }));
  return settled(StackId ?? '');
}

/** Events in the order in which they happened. */
async function events(StackName: string): Promise<string[]> {
  const { StackEvents = [] } = await cloudformation.send(new DescribeStackEventsCommand({ StackName }));
  return StackEvents.map((it) => `${it.LogicalResourceId} ${it.ResourceStatus}`).reverse();
}

test('a create whose answer is lost can be repeated with its token, and creates one stack', async () => {
  const StackName = newName();
  account.faults.add({ operation: 'CreateStack', fault: { kind: 'drop', when: 'after' } });
  const body = template({ One: note(StackName) });
  const attempt = () => create(StackName, body, { ClientRequestToken: StackName });
  await expect(attempt()).rejects.toThrow('socket hang up');
  const stack = await attempt();
  expect(stack.StackStatus).toBe('CREATE_COMPLETE');
  const { StackSummaries = [] } = await cloudformation.send(new ListStacksCommand({}));
  expect(StackSummaries.filter((it) => it.StackName === StackName)).toHaveLength(1);
  const other = create(newName(), template({ One: note('x') }), { ClientRequestToken: StackName });
  expect(await errorOf(other)).toMatchObject({ name: 'TokenAlreadyExistsException' });
});

/** A clock on which DescribeStacks waits in vain (10 s) and nothing else that takes time ends. */
const STOPPED: Clock = {
  ...REAL_CLOCK,
  after: (milliseconds, act) => ([0, 10_000].includes(milliseconds) ? REAL_CLOCK.after(0, act) : () => {}),
};

describe('a stack', () => {
  test('is in progress first, reports its events, and is complete in the end', async () => {
    const name = newName();
    const body = template({ Note: note('one') }, { Outputs: { Name: { Value: { Ref: 'Note' } } } });
    const slow = await LocalAccount.start({ clock: STOPPED });
    const { cloudformation: stopped } = clients(slow, slow.administrator());
    await registerNote(slow);
    const delayed = template({ Note: note('one', { Delay: 1 }) });
    await stopped.send(new CreateStackCommand({ StackName: name, TemplateBody: delayed }));
    const { Stacks } = await stopped.send(new DescribeStacksCommand({ StackName: name }));
    expect(Stacks?.[0]).toMatchObject({ StackName: name, StackStatus: 'CREATE_IN_PROGRESS' });
    await slow.close();

    expect(await create(name, body)).toMatchObject({
      StackStatus: 'CREATE_COMPLETE',
      Outputs: [{ OutputKey: 'Name', OutputValue: 'one' }],
      StackId: expect.stringMatching(
        /^arn:aws:cloudformation:eu-west-1:111122223333:stack\/stack-\d+\/.{36}$/,
      ),
    });
    expect(await events(name)).toEqual([
      `${name} CREATE_IN_PROGRESS`,
      'Note CREATE_IN_PROGRESS',
      'Note CREATE_IN_PROGRESS',
      'Note CREATE_COMPLETE',
      `${name} CREATE_COMPLETE`,
    ]);
  });

  test('is deleted while it is created, without a further invocation of the create', async () => {
    const name = newName();
    const body = template({
      Note: note(name, { Delay: 1 }),
      Later: note(`${name}-2`, {}, { DependsOn: 'Note' }),
    });
    const { StackId } = await cloudformation.send(
      new CreateStackCommand({ StackName: name, TemplateBody: body }),
    );
    while ((await events(name)).length < 3) {}
    await cloudformation.send(new DeleteStackCommand({ StackName: name }));
    // A delete of a stack that is being deleted has no further effect.
    await cloudformation.send(new DeleteStackCommand({ StackName: name }));
    expect((await settled(StackId ?? '')).StackStatus).toBe('DELETE_COMPLETE');
    expect(await events(StackId ?? '')).toEqual([
      `${name} CREATE_IN_PROGRESS`,
      'Note CREATE_IN_PROGRESS',
      'Note CREATE_IN_PROGRESS',
      `${name} DELETE_IN_PROGRESS`,
      'Note CREATE_FAILED',
      'Note DELETE_IN_PROGRESS',
      'Note DELETE_COMPLETE',
      `${name} DELETE_COMPLETE`,
    ]);
    const { StackEvents = [] } = await cloudformation.send(
      new DescribeStackEventsCommand({ StackName: StackId }),
    );
    expect(StackEvents.find((it) => it.ResourceStatus === 'CREATE_FAILED')?.ResourceStatusReason).toBe(
      'Resource creation cancelled',
    );
    // What was canceled does not exist: another stack can create it.
    expect((await create(newName(), template({ Note: note(name) }))).StackStatus).toBe('CREATE_COMPLETE');
  });

  test('lists its resources with their current status', async () => {
    const name = newName();
    await create(name, template({ Kept: note('two'), Gone: note('three') }));
    await update(name, template({ Kept: note('two', { Text: 'more' }) }));
    const { StackResources } = await cloudformation.send(
      new DescribeStackResourcesCommand({ StackName: name }),
    );
    expect(StackResources).toMatchObject([
      {
        LogicalResourceId: 'Kept',
        PhysicalResourceId: 'two',
        ResourceType: NOTE,
        ResourceStatus: 'UPDATE_COMPLETE',
      },
    ]);
    const of = (LogicalResourceId: string) =>
      cloudformation.send(new DescribeStackResourceCommand({ StackName: name, LogicalResourceId }));
    expect((await of('Kept')).StackResourceDetail).toMatchObject({ PhysicalResourceId: 'two' });
    expect(await errorOf(of('Other'))).toMatchObject({
      message: `Resource Other does not exist for stack ${name}`,
    });
    await remove(name);
    const { StackSummaries = [] } = await cloudformation.send(
      new ListStacksCommand({ StackStatusFilter: ['DELETE_COMPLETE'] }),
    );
    expect(StackSummaries[0]).toMatchObject({ StackName: name, DeletionTime: expect.any(Date) });
    const { StackResourceSummaries } = await cloudformation.send(
      new ListStackResourcesCommand({ StackName: StackSummaries[0]?.StackId }),
    );
    expect(StackResourceSummaries?.map((it) => it.ResourceStatus)).toEqual([
      'DELETE_COMPLETE',
      'DELETE_COMPLETE',
    ]);
  });

  test('rolls back with the message of the handler, and can then only be deleted', async () => {
    const name = newName();
    const stack = await create(
      name,
      template({ First: note('four'), Second: note('five', { Text: 'fail' }, { DependsOn: 'First' }) }),
    );
    expect(stack).toMatchObject({ StackStatus: 'ROLLBACK_COMPLETE' });
    const { StackEvents = [] } = await cloudformation.send(
      new DescribeStackEventsCommand({ StackName: name }),
    );
    const reasons = Object.fromEntries(
      StackEvents.map((it) => [`${it.LogicalResourceId} ${it.ResourceStatus}`, it.ResourceStatusReason]),
    );
    expect(reasons['Second CREATE_FAILED']).toMatch(
      /^Resource handler returned message: "The text is fail" \(RequestToken: .{36}, HandlerErrorCode: InvalidRequest\)$/,
    );
    expect(reasons[`${name} ROLLBACK_IN_PROGRESS`]).toBe(
      'The following resource(s) failed to create: [Second]. Rollback requested by user.',
    );
    expect(await errorOf(update(name, template({ First: note('four', { Text: 'x' }) })))).toMatchObject({
      name: 'ValidationError',
      message: expect.stringMatching(/is in ROLLBACK_COMPLETE state and can not be updated\.$/),
    });
    expect((await remove(name)).StackStatus).toBe('DELETE_COMPLETE');
  });

  test('that fails with DisableRollback keeps what was created, and can be updated', async () => {
    const name = newName();
    const second = (Text: string) => note(`${name}-2`, { Text }, { DependsOn: 'First' });
    const options = { DisableRollback: true };
    const stack = await create(name, template({ First: note(name), Second: second('fail') }), options);
    expect(stack).toMatchObject({
      StackStatus: 'CREATE_FAILED',
      StackStatusReason: 'The following resource(s) failed to create: [Second]. ',
      DisableRollback: true,
    });
    const First = note(name, { Text: 'b' });
    const failed = await update(name, template({ First, Second: second('fail') }), options);
    expect(failed.StackStatus).toBe('UPDATE_FAILED');
    const fixed = await update(name, template({ First, Second: second('a') }));
    expect(fixed).toMatchObject({ StackStatus: 'UPDATE_COMPLETE', DisableRollback: false });
    expect((await remove(name)).StackStatus).toBe('DELETE_COMPLETE');
  });

  test('that does not exist is reported as CloudFormation reports it', async () => {
    expect(await errorOf(describe1('nothing'))).toEqual({
      name: 'ValidationError',
      message: 'Stack with id nothing does not exist',
      status: 400,
    });
    expect(await errorOf(update('nothing', template({ A: note('a') })))).toMatchObject({
      message: 'Stack [nothing] does not exist',
    });
    await cloudformation.send(new DeleteStackCommand({ StackName: 'nothing' }));
  });

  test.each(['a_b', '1a', '*', 'a*'])('cannot have the name %s', async (name) => {
    expect(await errorOf(create(name, template({ Note: note('a') })))).toEqual({
      name: 'ValidationError',
      message:
        `1 validation error detected: Value '${name}' at 'stackName' failed to satisfy constraint: Member must ` +
        'satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*',
      status: 400,
    });
  });

  test('cannot have an ARN as its name, which is another stack’s', async () => {
    const arn = `arn:aws:cloudformation:${REGION}:111122223333:stack/other/1`;
    for (const attempt of [
      () => create(arn, template({ Note: note('a') })),
      () =>
        cloudformation.send(
          new CreateChangeSetCommand({
            StackName: arn,
            ChangeSetName: 'c',
            ChangeSetType: 'CREATE',
            TemplateBody: template({ Note: note('a') }),
          }),
        ),
    ]) {
      expect(await errorOf(attempt())).toMatchObject({
        name: 'ValidationError',
        message: expect.stringContaining("at 'stackName' failed to satisfy constraint"),
      });
    }
  });

  test('is created once, and not updated if nothing changes', async () => {
    const name = newName();
    const body = template({ Note: note('six') });
    await create(name, body);
    expect(await errorOf(create(name, body))).toMatchObject({ name: 'AlreadyExistsException' });
    expect(await errorOf(update(name, `${body}\n`))).toMatchObject({
      name: 'ValidationError',
      message: 'No updates are to be performed.',
    });
  });

  test('can use its previous template and parameters', async () => {
    const name = newName();
    const body = template(
      { Note: note('seven', { Text: { Ref: 'Text' } }) },
      { Parameters: { Text: { Type: 'String' }, Other: { Type: 'String', Default: 'o', NoEcho: true } } },
    );
    const values = (...Parameters: object[]) => ({ Parameters });
    await create(name, body, values({ ParameterKey: 'Text', ParameterValue: 'a' }));
    await cloudformation.send(
      new UpdateStackCommand({
        StackName: name,
        UsePreviousTemplate: true,
        Parameters: [
          { ParameterKey: 'Text', UsePreviousValue: true },
          { ParameterKey: 'Other', ParameterValue: 'p' },
        ],
      }),
    );
    expect((await settled(name)).Parameters).toEqual([
      { ParameterKey: 'Text', ParameterValue: 'a' },
      { ParameterKey: 'Other', ParameterValue: '****' },
    ]);
    const { TemplateBody } = await cloudformation.send(new GetTemplateCommand({ StackName: name }));
    expect(TemplateBody).toBe(body);
  });

  test('with IAM resources must be acknowledged', async () => {
    expect(await errorOf(create(newName(), ROLES_TEMPLATE))).toMatchObject({
      name: 'InsufficientCapabilitiesException',
      message: 'Requires capabilities : [CAPABILITY_IAM]',
    });
    const name = newName();
    expect((await create(name, ROLES_TEMPLATE, { Capabilities: IAM })).StackStatus).toBe('CREATE_COMPLETE');
    expect((await remove(name)).StackStatus).toBe('DELETE_COMPLETE');
  });

  test('is refused with a member that is not supported, unless it is false', async () => {
    const name = newName();
    const body = template({ Note: note('eight') });
    expect(await errorOf(create(name, body, { RetainExceptOnCreate: true }))).toMatchObject({
      name: 'ValidationError',
      message: 'The local account does not support RetainExceptOnCreate',
    });
    await expect(create(name, body, { RetainExceptOnCreate: false })).resolves.toBeDefined();
  });

  test('that is protected is not deleted', async () => {
    const name = newName();
    await create(name, template({ Note: note(name) }), { EnableTerminationProtection: true });
    expect(await errorOf(remove(name))).toMatchObject({
      message: `Stack [${name}] cannot be deleted while TerminationProtection is enabled`,
    });
    await cloudformation.send(
      new UpdateTerminationProtectionCommand({ StackName: name, EnableTerminationProtection: false }),
    );
    expect((await remove(name)).StackStatus).toBe('DELETE_COMPLETE');
  });

  test('keeps resources with DeletionPolicy Retain', async () => {
    const name = newName();
    await create(name, template({ Kept: note('nine', {}, { DeletionPolicy: 'Retain' }) }));
    await remove(name);
    const again = await create(newName(), template({ Note: note('nine') }));
    expect(again.StackStatus).toBe('ROLLBACK_COMPLETE');
  });

  test('that cannot delete a resource can be deleted without it', async () => {
    const name = newName();
    await create(name, template({ Stays: note(name, { Text: 'stays' }) }));
    expect(await remove(name)).toMatchObject({
      StackStatus: 'DELETE_FAILED',
      StackStatusReason: 'The following resource(s) failed to delete: [Stays]. ',
    });
    const { StackId = '' } = await describe1(name);
    await cloudformation.send(new DeleteStackCommand({ StackName: name, RetainResources: ['Stays'] }));
    expect((await settled(StackId)).StackStatus).toBe('DELETE_COMPLETE');
  });
});

describe('an update', () => {
  test('whose rollback failed can continue it, without the resources that are skipped', async () => {
    const name = newName();
    const body = (Text: string, more = {}) => template({ Note: note(name, { Text }), ...more });
    await create(name, body('a'));
    const versions = account.cloudFormation(REGION).registry.versions(NOTE);
    // The note no longer exists when the rollback reaches it.
    const fails = { Fails: note('x', { Text: 'fail', Delay: 1 }, { DependsOn: 'Note' }) };
    const updating = update(name, body('b', fails));
    for (const { function: handlers } of versions) {
      while (!(await events(name)).includes('Note UPDATE_COMPLETE')) {
        await new Promise(setImmediate);
      }
      await handlers.invoke({ action: 'DELETE', requestData: { resourceProperties: { Name: name } } });
    }
    expect(await updating).toMatchObject({
      StackStatus: 'UPDATE_ROLLBACK_FAILED',
      StackStatusReason: 'The following resource(s) failed to update: [Note]. ',
    });
    await cloudformation.send(
      new ContinueUpdateRollbackCommand({ StackName: name, ResourcesToSkip: ['Note'] }),
    );
    expect((await settled(name)).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  });
});

describe('exports', () => {
  const exporting = (name: string, value: string) =>
    template({ Note: note(name) }, { Outputs: { It: { Value: value, Export: { Name: `${name}-it` } } } });

  test('are imported by other stacks, and cannot change while they are', async () => {
    const [exporter, importer] = [newName(), newName()];
    const importing = template({ Note: note(importer, { Text: { 'Fn::ImportValue': `${exporter}-it` } }) });
    expect((await create(importer, importing)).StackStatus).toBe('ROLLBACK_COMPLETE');
    await remove(importer);
    const { Outputs } = await create(exporter, exporting(exporter, 'value'));
    expect(Outputs?.[0]).toMatchObject({ ExportName: `${exporter}-it` });
    expect((await create(importer, importing)).StackStatus).toBe('CREATE_COMPLETE');
    expect((await update(exporter, exporting(exporter, 'other'))).StackStatus).toBe(
      'UPDATE_ROLLBACK_COMPLETE',
    );
    expect(await remove(exporter)).toMatchObject({
      StackStatus: 'DELETE_FAILED',
      StackStatusReason: `Cannot delete export ${exporter}-it as it is in use by ${importer}.`,
    });
    await remove(importer);
    expect((await remove(exporter)).StackStatus).toBe('DELETE_COMPLETE');
  });
});

describe('a template', () => {
  test('is refused with the names of unknown types', async () => {
    const TemplateBody = template({
      A: note('a'),
      B: { Type: 'AWS::EC2::Instance' },
      C: { Type: 'Acme::No::Type' },
    });
    const message =
      'Template format error: Unrecognized resource types: [AWS::EC2::Instance, Acme::No::Type]';
    expect(await errorOf(create(newName(), TemplateBody))).toMatchObject({
      name: 'ValidationError',
      message,
    });
    const validation = cloudformation.send(new ValidateTemplateCommand({ TemplateBody }));
    expect(await errorOf(validation)).toMatchObject({ name: 'ValidationError', message });
  });

  test('is summarized with its parameters, capabilities and identifiers', async () => {
    const TemplateBody = template(
      { A: note('a'), R: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'r' } } },
      { Description: 'D', Parameters: { P: { Type: 'String', Default: 'p' } } },
    );
    const summary = await cloudformation.send(new GetTemplateSummaryCommand({ TemplateBody }));
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
    expect(await cloudformation.send(new ValidateTemplateCommand({ TemplateBody }))).toMatchObject({
      Description: 'D',
    });
  });

  test('can be in Amazon S3', async () => {
    account.buckets.create('templates');
    account.buckets.put('templates', 'a/note.json', Buffer.from(template({ Note: note('in-s3') })));
    for (const url of [
      'https://templates.s3.eu-west-1.amazonaws.com/a/note.json',
      `${account.endpoint}/templates/a/note.json`,
    ]) {
      const summary = await cloudformation.send(new GetTemplateSummaryCommand({ TemplateURL: url }));
      expect(summary.ResourceTypes).toEqual([NOTE]);
    }
  });
});

describe('who acts', () => {
  test('needs permission for the operation', async () => {
    const { cloudformation: denied } = clients(account, account.createUser('Nobody'));
    expect(await errorOf(denied.send(new DescribeStacksCommand({})))).toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('cloudformation:DescribeStacks'),
    });
  });

  test('can be a service role, which must trust CloudFormation', async () => {
    const TemplateBody = template({ Note: note('by-role') });
    const RoleARN = 'arn:aws:iam::111122223333:role/missing';
    expect(await errorOf(create(newName(), TemplateBody, { RoleARN }))).toMatchObject({
      name: 'ValidationError',
      message: `Role ${RoleARN} is invalid or cannot be assumed`,
    });
  });
});
