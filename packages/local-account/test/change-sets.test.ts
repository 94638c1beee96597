import {
  type CloudFormationClient,
  CreateChangeSetCommand,
  type CreateChangeSetCommandInput,
  CreateStackCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  type DescribeChangeSetCommandOutput,
  DescribeStackDriftDetectionStatusCommand,
  DescribeStackEventsCommand,
  DescribeStackResourceDriftsCommand,
  DescribeStacksCommand,
  DetectStackDriftCommand,
  ExecuteChangeSetCommand,
  ListChangeSetsCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { LocalAccount } from '../src/account';
import { NOTE, registerNote } from '../src/testing/note-type';
import { clients, errorOf, newName, note, REGION, template } from './support';

/* Change sets, import and drift over HTTP. */

let account: LocalAccount;
let cloudformation: CloudFormationClient;

beforeAll(async () => {
  account = await LocalAccount.start();
  cloudformation = clients(account, account.administrator()).cloudformation;
  await registerNote(account);
});
afterAll(() => account.close());

const retained = { DeletionPolicy: 'Retain' };

/** Calls the type's handlers without CloudFormation, as someone else who changes a note. */
async function write(action: 'CREATE' | 'UPDATE' | 'DELETE', properties: object): Promise<void> {
  const version = account.cloudFormation(REGION).registry.version(NOTE);
  await version?.function.invoke({ action, requestData: { resourceProperties: properties } });
}

async function changeSet(
  StackName: string,
  TemplateBody: string,
  input: Partial<CreateChangeSetCommandInput> = {},
  ChangeSetName = 'it',
) {
  await cloudformation.send(new CreateChangeSetCommand({ StackName, ChangeSetName, TemplateBody, ...input }));
  return cloudformation.send(new DescribeChangeSetCommand({ StackName, ChangeSetName }));
}

async function status(StackName: string) {
  const { Stacks } = await cloudformation.send(new DescribeStacksCommand({ StackName }));
  return Stacks?.[0]?.StackStatus;
}

async function execute(StackName: string, ChangeSetName = 'it') {
  await cloudformation.send(new ExecuteChangeSetCommand({ StackName, ChangeSetName }));
  return status(StackName);
}

async function create(StackName: string, TemplateBody: string) {
  await cloudformation.send(new CreateStackCommand({ StackName, TemplateBody }));
  expect(await status(StackName)).toBe('CREATE_COMPLETE');
}

describe('a change set', () => {
  test('shows the properties before and after, if asked for', async () => {
    const name = newName();
    await create(name, template({ Changed: note(`${name}-1`), Removed: note(`${name}-2`) }));
    const resources = { Changed: note(`${name}-1`, { Text: 'new' }), Added: note(`${name}-3`) };
    const { Changes: plain } = await changeSet(name, template(resources));
    expect(JSON.stringify(plain)).not.toContain('Context');
    const ask = { StackName: name, ChangeSetName: 'it', IncludePropertyValues: true };
    const { Changes = [] } = await cloudformation.send(new DescribeChangeSetCommand(ask));
    const properties = (text: string | undefined) => text && JSON.parse(text).Properties;
    expect(
      Changes.map(({ ResourceChange: it }) => [properties(it?.BeforeContext), properties(it?.AfterContext)]),
    ).toEqual([
      [{ Name: `${name}-1` }, { Name: `${name}-1`, Text: 'new' }],
      [undefined, { Name: `${name}-3` }],
      [{ Name: `${name}-2` }, undefined],
    ]);
  });

  test('can be executed without a rollback', async () => {
    const StackName = newName();
    await create(StackName, template({ Note: note(StackName) }));
    await changeSet(StackName, template({ Note: note(StackName, { Text: 'fail' }) }));
    const input = { StackName, ChangeSetName: 'it', DisableRollback: true };
    await cloudformation.send(new ExecuteChangeSetCommand(input));
    expect(await status(StackName)).toBe('UPDATE_FAILED');
  });

  test('creates a stack, which is under review until then', async () => {
    const name = newName();
    const { Status, ExecutionStatus, Changes } = await changeSet(name, template({ Note: note(name) }), {
      ChangeSetType: 'CREATE',
    });
    expect([Status, ExecutionStatus]).toEqual(['CREATE_COMPLETE', 'AVAILABLE']);
    expect(Changes).toMatchObject([{ ResourceChange: { Action: 'Add', LogicalResourceId: 'Note' } }]);
    expect(await status(name)).toBe('REVIEW_IN_PROGRESS');
    expect(await execute(name)).toBe('CREATE_COMPLETE');
  });

  test('is obsolete after another operation on its stack', async () => {
    const name = newName();
    await create(name, template({ Note: note(name) }));
    await changeSet(name, template({ Note: note(name, { Text: 'one' }) }));
    const other = template({ Note: note(name, { Text: 'two' }) });
    await cloudformation.send(new UpdateStackCommand({ StackName: name, TemplateBody: other }));
    expect(await status(name)).toBe('UPDATE_COMPLETE');
    expect(await errorOf(execute(name))).toMatchObject({
      name: 'InvalidChangeSetStatusException',
      message: expect.stringContaining('[OBSOLETE]'),
    });
  });

  test('must create its stack before UpdateStack can change it', async () => {
    const name = newName();
    await changeSet(name, template({ Note: note(name) }), { ChangeSetType: 'CREATE' });
    const update = new UpdateStackCommand({ StackName: name, TemplateBody: template({ Note: note(name) }) });
    expect(await errorOf(cloudformation.send(update))).toMatchObject({ name: 'ValidationError' });
  });

  test('reports what an update adds, modifies, replaces and removes', async () => {
    const name = newName();
    const both = { Changed: note(`${name}-1`), Replaced: note(`${name}-2`), Removed: note(`${name}-3`) };
    await create(name, template(both));
    const { Changes = [] } = await changeSet(
      name,
      template({
        Changed: note(`${name}-1`, { Text: 'new' }),
        Replaced: note(`${name}-4`),
        Added: note(`${name}-5`, { Text: { 'Fn::GetAtt': ['Replaced', 'Name'] } }),
      }),
    );
    expect(
      Changes.map(({ ResourceChange: it }) => [it?.LogicalResourceId, it?.Action, it?.Replacement]),
    ).toEqual([
      ['Changed', 'Modify', 'False'],
      ['Replaced', 'Modify', 'True'],
      ['Added', 'Add', undefined],
      ['Removed', 'Remove', undefined],
    ]);
    expect(await execute(name)).toBe('UPDATE_COMPLETE');
  });

  test('without changes fails with the words that the AWS CLI looks for', async () => {
    const name = newName();
    await create(name, template({ Note: note(name) }));
    expect(await changeSet(name, template({ Note: note(name) }))).toMatchObject({
      Status: 'FAILED',
      ExecutionStatus: 'UNAVAILABLE',
      StatusReason: expect.stringMatching(/^The submitted information didn't contain changes\./),
    });
    const executing = cloudformation.send(
      new ExecuteChangeSetCommand({ StackName: name, ChangeSetName: 'it' }),
    );
    expect(await errorOf(executing)).toMatchObject({ name: 'InvalidChangeSetStatusException' });
  });

  test('is refused for a stack that was rolled back', async () => {
    const name = newName();
    const TemplateBody = template({ Note: note(name, { Text: 'fail' }) });
    await cloudformation.send(new CreateStackCommand({ StackName: name, TemplateBody }));
    expect(await status(name)).toBe('ROLLBACK_COMPLETE');
    expect(await errorOf(changeSet(name, template({ Note: note(name) })))).toMatchObject({
      message: expect.stringMatching(/is in ROLLBACK_COMPLETE state and can not be updated\.$/),
    });
  });

  test('can be listed and deleted, and is deleted when another one is executed', async () => {
    const name = newName();
    await create(name, template({ Note: note(name) }));
    const text = (Text: string) => template({ Note: note(name, { Text }) });
    await changeSet(name, text('a'), {}, 'a');
    await changeSet(name, text('b'), {}, 'b');
    await changeSet(name, text('c'), {}, 'c');
    await cloudformation.send(new DeleteChangeSetCommand({ StackName: name, ChangeSetName: 'a' }));
    const names = async () => {
      const { Summaries = [] } = await cloudformation.send(new ListChangeSetsCommand({ StackName: name }));
      return Summaries.map(({ ChangeSetName, ExecutionStatus }) => `${ChangeSetName} ${ExecutionStatus}`);
    };
    expect(await names()).toEqual(['b AVAILABLE', 'c AVAILABLE']);
    await execute(name, 'b');
    expect(await names()).toEqual([]);
    const executed = new DescribeChangeSetCommand({ StackName: name, ChangeSetName: 'b' });
    expect((await cloudformation.send(executed)).ExecutionStatus).toBe('EXECUTE_COMPLETE');
    expect(await errorOf(changeSet(name, text('d'), { ChangeSetType: 'CREATE' }))).toMatchObject({
      message: `Stack [${name}] already exists and cannot be created again with the changeSet [it].`,
    });
    const missing = cloudformation.send(
      new DescribeChangeSetCommand({ StackName: name, ChangeSetName: 'c' }),
    );
    expect(await errorOf(missing)).toMatchObject({ name: 'ChangeSetNotFoundException', status: 404 });
  });
});

describe('an import', () => {
  const target = (Name: string) => ({
    ChangeSetType: 'IMPORT' as const,
    ResourcesToImport: [{ ResourceType: NOTE, LogicalResourceId: 'Note', ResourceIdentifier: { Name } }],
  });

  test('adds an existing resource to a new stack', async () => {
    const name = newName();
    await write('CREATE', { Name: name, Text: 'by hand' });
    const body = template({ Note: note(name, { Text: 'by hand' }, retained) });
    const { Changes } = await changeSet(name, body, target(name));
    expect(Changes).toMatchObject([{ ResourceChange: { Action: 'Import', LogicalResourceId: 'Note' } }]);
    expect(await execute(name)).toBe('IMPORT_COMPLETE');
    const { StackEvents = [] } = await cloudformation.send(
      new DescribeStackEventsCommand({ StackName: name }),
    );
    expect(StackEvents.map((it) => `${it.LogicalResourceId} ${it.ResourceStatus}`).reverse()).toEqual([
      `${name} REVIEW_IN_PROGRESS`,
      `${name} IMPORT_IN_PROGRESS`,
      'Note IMPORT_IN_PROGRESS',
      'Note IMPORT_COMPLETE',
      `${name} IMPORT_COMPLETE`,
    ]);
  });

  test('of a missing resource is rolled back', async () => {
    const name = newName();
    await changeSet(name, template({ Note: note(name, {}, retained) }), target(name));
    expect(await execute(name)).toBe('IMPORT_ROLLBACK_COMPLETE');
  });

  test.each([
    ['without a deletion policy', { Note: note('a') }, {}, /\[Note\] must have DeletionPolicy attribute/],
    [
      'that adds something else',
      { Note: note('a', {}, retained), Other: note('b') },
      {},
      /\[Other\] is missing/,
    ],
    [
      'that adds outputs',
      { Note: note('a', {}, retained) },
      { Outputs: { O: { Value: 'x' } } },
      /\[Outputs\]/,
    ],
  ])('%s is refused', async (_, resources, more, message) => {
    const creating = changeSet(newName(), template(resources, more), target('a'));
    expect(await errorOf(creating)).toMatchObject({
      name: 'ValidationError',
      message: expect.stringMatching(message),
    });
  });

  test('that changes another resource is refused', async () => {
    const name = newName();
    await create(name, template({ Kept: note(`${name}-kept`) }));
    const body = template({ Kept: note(`${name}-kept`, { Text: 'x' }), Note: note(name, {}, retained) });
    expect(await errorOf(changeSet(name, body, target(name)))).toMatchObject({
      message: expect.stringMatching(/^You have modified resources \[Kept\] in your template/),
    });
  });

  test('is automatic with ImportExistingResources, for retained resources with literal names', async () => {
    const name = newName();
    const [there, missing, deleted] = [`${name}-1`, `${name}-2`, `${name}-3`];
    await write('CREATE', { Name: there });
    const resources = {
      There: note(there, {}, retained),
      Missing: note(missing, {}, retained),
      Deleted: note(deleted),
    };
    const { Changes = [] } = await changeSet(name, template(resources), {
      ChangeSetType: 'CREATE',
      ImportExistingResources: true,
    });
    expect(Changes.map(({ ResourceChange }) => ResourceChange?.Action)).toEqual(['Import', 'Add', 'Add']);
    expect(await execute(name)).toBe('CREATE_COMPLETE');
  });
});

describe('drift detection', () => {
  async function detect(StackName: string) {
    const { StackDriftDetectionId } = await cloudformation.send(new DetectStackDriftCommand({ StackName }));
    return cloudformation.send(new DescribeStackDriftDetectionStatusCommand({ StackDriftDetectionId }));
  }

  test('reports what was changed and what was deleted', async () => {
    const name = newName();
    const resources = {
      Same: note(`${name}-1`),
      Changed: note(`${name}-2`, { Text: 'a' }),
      Gone: note(`${name}-3`),
    };
    await create(name, template(resources));
    expect(await detect(name)).toMatchObject({
      DetectionStatus: 'DETECTION_COMPLETE',
      StackDriftStatus: 'IN_SYNC',
      DriftedStackResourceCount: 0,
    });
    await write('UPDATE', { Name: `${name}-2`, Text: 'b' });
    await write('DELETE', { Name: `${name}-3` });
    expect(await detect(name)).toMatchObject({ StackDriftStatus: 'DRIFTED', DriftedStackResourceCount: 2 });
    const { StackResourceDrifts } = await cloudformation.send(
      new DescribeStackResourceDriftsCommand({
        StackName: name,
        StackResourceDriftStatusFilters: ['MODIFIED', 'DELETED'],
      }),
    );
    expect(StackResourceDrifts).toMatchObject([
      {
        LogicalResourceId: 'Changed',
        StackResourceDriftStatus: 'MODIFIED',
        PropertyDifferences: [
          { PropertyPath: '/Text', ExpectedValue: 'a', ActualValue: 'b', DifferenceType: 'NOT_EQUAL' },
        ],
      },
      { LogicalResourceId: 'Gone', StackResourceDriftStatus: 'DELETED' },
    ]);
    await write('UPDATE', { Name: `${name}-2`, Text: 'a' });
    const { Stacks } = await cloudformation.send(new DescribeStacksCommand({ StackName: name }));
    expect(Stacks?.[0]?.DriftInformation?.StackDriftStatus).toBe('DRIFTED');
    await cloudformation.send(new DeleteStackCommand({ StackName: name }));
  });
});

describe('a change set that reverts drift', () => {
  const DeploymentMode = 'REVERT_DRIFT' as const;
  const changeOf = ({ Changes = [] }: DescribeChangeSetCommandOutput) =>
    Changes.map(({ ResourceChange }) => ResourceChange);
  const textOf = async (name: string) => {
    const drifts = new DescribeStackResourceDriftsCommand({ StackName: name });
    const { StackDriftDetectionId } = await cloudformation.send(
      new DetectStackDriftCommand({ StackName: name }),
    );
    await cloudformation.send(new DescribeStackDriftDetectionStatusCommand({ StackDriftDetectionId }));
    const { StackResourceDrifts: [it] = [] } = await cloudformation.send(drifts);
    return it?.ActualProperties && JSON.parse(it.ActualProperties).Text;
  };

  test('shows what differs and puts the value of the template', async () => {
    const name = newName();
    const body = template({ Note: note(name, { Text: 'old' }) });
    await create(name, body);
    await write('UPDATE', { Name: name, Text: 'other' });
    const described = await changeSet(name, body, { DeploymentMode });
    expect(described).toMatchObject({ DeploymentMode, StackDriftStatus: 'DRIFTED' });
    expect(changeOf(described)).toMatchObject([{ Action: 'Modify', ResourceDriftStatus: 'MODIFIED' }]);
    expect(await execute(name)).toBe('UPDATE_COMPLETE');
    expect(await textOf(name)).toBe('old');
  });

  test('creates what was deleted', async () => {
    const name = newName();
    const body = template({ Note: note(name, { Text: 'old' }) });
    await create(name, body);
    await write('DELETE', { Name: name });
    const described = await changeSet(name, body, { DeploymentMode });
    expect(changeOf(described)).toMatchObject([{ Action: 'Add', ResourceDriftStatus: 'DELETED' }]);
    expect(await execute(name)).toBe('UPDATE_COMPLETE');
    expect(await textOf(name)).toBe('old');
  });

  test('changes only the stack where the new template has the actual value', async () => {
    const name = newName();
    await create(name, template({ Note: note(name, { Text: 'old' }) }));
    await write('UPDATE', { Name: name, Text: 'other' });
    const described = await changeSet(name, template({ Note: note(name, { Text: 'other' }) }), {
      DeploymentMode,
    });
    expect(changeOf(described)).toMatchObject([{ Action: 'SyncWithActual' }]);
    expect(await execute(name)).toBe('UPDATE_COMPLETE');
    expect(await textOf(name)).toBe('other');
  });

  test('rolls back to the actual value', async () => {
    const name = newName();
    await create(name, template({ Note: note(name, { Text: 'old' }) }));
    await write('UPDATE', { Name: name, Text: 'other' });
    await write('CREATE', { Name: `${name}-taken` });
    const Taken = note(`${name}-taken`, {}, { DependsOn: 'Note' });
    await changeSet(name, template({ Note: note(name, { Text: 'old' }), Taken }), { DeploymentMode });
    expect(await execute(name)).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await textOf(name)).toBe('other');
  });

  test('fails where nothing differs', async () => {
    const name = newName();
    const body = template({ Note: note(name, { Text: 'old' }) });
    await create(name, body);
    expect(await changeSet(name, body, { DeploymentMode })).toMatchObject({
      Status: 'FAILED',
      StackDriftStatus: 'IN_SYNC',
    });
  });
});

test('deleting a change set that the stack does not have succeeds, as the CDK expects', async () => {
  const name = newName();
  await create(name, template({ Note: note(name) }));
  await cloudformation.send(new DeleteChangeSetCommand({ StackName: name, ChangeSetName: 'none' }));
});
