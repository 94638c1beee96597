import type {
  CloudFormation,
  CreateChangeSetCommandInput,
  DescribeChangeSetCommandOutput,
} from '@aws-sdk/client-cloudformation';
import type { LocalAccount } from '../src/account';
import { NOTE, registerNote } from '../src/testing/note-type';
import { errorOf, newName, note, REGION, type StackApi, start, template } from './support';

/* Change sets, import and drift over HTTP. */

let account: LocalAccount;
let cloudformation: CloudFormation;
let stacks: StackApi;
/** The stack of the test. */
let StackName: string;

beforeAll(async () => {
  ({ account, cloudformation, stacks } = await start());
  await registerNote(account);
});
beforeEach(() => {
  StackName = newName();
});
afterAll(() => account.close());

const retained = { DeletionPolicy: 'Retain' };
/** A template with one note, which has the name of the stack. */
const oneNote = (properties: object = {}, attributes: object = {}) =>
  template({ Note: note(StackName, properties, attributes) });

/** Calls the type's handlers without CloudFormation, as someone else who changes a note. */
async function write(action: 'CREATE' | 'UPDATE' | 'DELETE', properties: object): Promise<void> {
  const version = account.cloudFormation(REGION).registry.version(NOTE);
  await version?.function.invoke({ action, requestData: { resourceProperties: properties } });
}

async function changeSet(
  TemplateBody: string,
  input: Partial<CreateChangeSetCommandInput> = {},
  ChangeSetName = 'it',
) {
  await cloudformation.createChangeSet({ StackName, ChangeSetName, TemplateBody, ...input });
  return cloudformation.describeChangeSet({ StackName, ChangeSetName });
}

async function execute(input: { ChangeSetName?: string; DisableRollback?: boolean } = {}) {
  await cloudformation.executeChangeSet({ StackName, ChangeSetName: 'it', ...input });
  return status();
}

const status = async () => (await stacks.describe(StackName)).StackStatus;
async function create(body: string): Promise<void> {
  expect(await stacks.create(StackName, body)).toMatchObject({ StackStatus: 'CREATE_COMPLETE' });
}

const changesOf = ({ Changes = [] }: DescribeChangeSetCommandOutput) =>
  Changes.map(({ ResourceChange }) => ResourceChange);

async function detectDrift() {
  const { StackDriftDetectionId } = await cloudformation.detectStackDrift({ StackName });
  return cloudformation.describeStackDriftDetectionStatus({ StackDriftDetectionId });
}

describe('a change set', () => {
  test('shows the properties before and after, if asked for', async () => {
    const [one, two, three] = [`${StackName}-1`, `${StackName}-2`, `${StackName}-3`];
    await create(template({ Changed: note(one), Removed: note(two) }));
    const resources = { Changed: note(one, { Text: 'new' }), Added: note(three) };
    const { Changes: plain } = await changeSet(template(resources));
    expect(JSON.stringify(plain)).not.toContain('Context');
    const ask = { StackName, ChangeSetName: 'it', IncludePropertyValues: true };
    const changes = changesOf(await cloudformation.describeChangeSet(ask));
    const properties = (text: string | undefined) => text && JSON.parse(text).Properties;
    expect(changes.map((it) => [properties(it?.BeforeContext), properties(it?.AfterContext)])).toEqual([
      [{ Name: one }, { Name: one, Text: 'new' }],
      [undefined, { Name: three }],
      [{ Name: two }, undefined],
    ]);
  });

  test('can be executed without a rollback', async () => {
    await create(oneNote());
    await changeSet(oneNote({ Text: 'fail' }));
    expect(await execute({ DisableRollback: true })).toBe('UPDATE_FAILED');
  });

  test('creates a stack, which is under review until then', async () => {
    const { Status, ExecutionStatus, Changes } = await changeSet(oneNote(), { ChangeSetType: 'CREATE' });
    expect([Status, ExecutionStatus]).toEqual(['CREATE_COMPLETE', 'AVAILABLE']);
    expect(Changes).toMatchObject([{ ResourceChange: { Action: 'Add', LogicalResourceId: 'Note' } }]);
    expect(await status()).toBe('REVIEW_IN_PROGRESS');
    expect(await execute()).toBe('CREATE_COMPLETE');
  });

  test('is obsolete after another operation on its stack', async () => {
    await create(oneNote());
    await changeSet(oneNote({ Text: 'one' }));
    const { StackStatus } = await stacks.update(StackName, oneNote({ Text: 'two' }));
    expect(StackStatus).toBe('UPDATE_COMPLETE');
    expect(await errorOf(execute())).toMatchObject({
      name: 'InvalidChangeSetStatusException',
      message: expect.stringContaining('[OBSOLETE]'),
    });
  });

  test('must create its stack before UpdateStack can change it', async () => {
    await changeSet(oneNote(), { ChangeSetType: 'CREATE' });
    expect(await errorOf(stacks.update(StackName, oneNote()))).toMatchObject({ name: 'ValidationError' });
  });

  test('reports what an update adds, modifies, replaces and removes', async () => {
    const named = (number: number, properties = {}) => note(`${StackName}-${number}`, properties);
    await create(template({ Changed: named(1), Replaced: named(2), Removed: named(3) }));
    const resources = {
      Changed: named(1, { Text: 'new' }),
      Replaced: named(4),
      Added: named(5, { Text: { 'Fn::GetAtt': ['Replaced', 'Name'] } }),
    };
    const changes = changesOf(await changeSet(template(resources)));
    expect(changes.map((it) => [it?.LogicalResourceId, it?.Action, it?.Replacement])).toEqual([
      ['Changed', 'Modify', 'False'],
      ['Replaced', 'Modify', 'True'],
      ['Added', 'Add', undefined],
      ['Removed', 'Remove', undefined],
    ]);
    expect(await execute()).toBe('UPDATE_COMPLETE');
  });

  test('without changes fails with the words that the AWS CLI looks for', async () => {
    await create(oneNote());
    expect(await changeSet(oneNote())).toMatchObject({
      Status: 'FAILED',
      ExecutionStatus: 'UNAVAILABLE',
      StatusReason: expect.stringMatching(/^The submitted information didn't contain changes\./),
    });
    expect(await errorOf(execute())).toMatchObject({ name: 'InvalidChangeSetStatusException' });
  });

  test('is refused for a stack that was rolled back', async () => {
    const { StackStatus } = await stacks.create(StackName, oneNote({ Text: 'fail' }));
    expect(StackStatus).toBe('ROLLBACK_COMPLETE');
    const { message } = await errorOf(changeSet(oneNote()));
    expect(message).toMatch(/is in ROLLBACK_COMPLETE state and can not be updated\.$/);
  });

  test('can be listed and deleted, and is deleted when another one is executed', async () => {
    await create(oneNote());
    for (const Text of ['a', 'b', 'c']) {
      await changeSet(oneNote({ Text }), {}, Text);
    }
    await cloudformation.deleteChangeSet({ StackName, ChangeSetName: 'a' });
    const names = async () => {
      const { Summaries = [] } = await cloudformation.listChangeSets({ StackName });
      return Summaries.map(({ ChangeSetName, ExecutionStatus }) => `${ChangeSetName} ${ExecutionStatus}`);
    };
    expect(await names()).toEqual(['b AVAILABLE', 'c AVAILABLE']);
    await execute({ ChangeSetName: 'b' });
    expect(await names()).toEqual([]);
    const describe = (ChangeSetName: string) =>
      cloudformation.describeChangeSet({ StackName, ChangeSetName });
    expect((await describe('b')).ExecutionStatus).toBe('EXECUTE_COMPLETE');
    expect(await errorOf(changeSet(oneNote({ Text: 'd' }), { ChangeSetType: 'CREATE' }))).toMatchObject({
      message: `Stack [${StackName}] already exists and cannot be created again with the changeSet [it].`,
    });
    expect(await errorOf(describe('c'))).toMatchObject({ name: 'ChangeSetNotFoundException', status: 404 });
  });
});

describe('an import', () => {
  const target = (Name: string) => ({
    ChangeSetType: 'IMPORT' as const,
    ResourcesToImport: [{ ResourceType: NOTE, LogicalResourceId: 'Note', ResourceIdentifier: { Name } }],
  });

  test('adds an existing resource to a new stack', async () => {
    await write('CREATE', { Name: StackName, Text: 'by hand' });
    const { Changes } = await changeSet(oneNote({ Text: 'by hand' }, retained), target(StackName));
    expect(Changes).toMatchObject([{ ResourceChange: { Action: 'Import', LogicalResourceId: 'Note' } }]);
    expect(await execute()).toBe('IMPORT_COMPLETE');
    expect(await stacks.statuses(StackName)).toEqual([
      `${StackName} REVIEW_IN_PROGRESS`,
      `${StackName} IMPORT_IN_PROGRESS`,
      'Note IMPORT_IN_PROGRESS',
      'Note IMPORT_COMPLETE',
      `${StackName} IMPORT_COMPLETE`,
    ]);
  });

  test('of a missing resource is rolled back', async () => {
    await changeSet(oneNote({}, retained), target(StackName));
    expect(await execute()).toBe('IMPORT_ROLLBACK_COMPLETE');
  });

  const Note = note('a', {}, retained);

  test.each([
    ['without a deletion policy', { Note: note('a') }, {}, /\[Note\] must have DeletionPolicy attribute/],
    ['that adds something else', { Note, Other: note('b') }, {}, /\[Other\] is missing/],
    ['that adds outputs', { Note }, { Outputs: { O: { Value: 'x' } } }, /\[Outputs\]/],
  ])('%s is refused', async (_, resources, more, message) => {
    const refused = await errorOf(changeSet(template(resources, more), target('a')));
    expect(refused).toMatchObject({ name: 'ValidationError', message: expect.stringMatching(message) });
  });

  test('that changes another resource is refused', async () => {
    const kept = (properties = {}) => note(`${StackName}-kept`, properties);
    await create(template({ Kept: kept() }));
    const body = template({ Kept: kept({ Text: 'x' }), Note: note(StackName, {}, retained) });
    const { message } = await errorOf(changeSet(body, target(StackName)));
    expect(message).toMatch(/^You have modified resources \[Kept\] in your template/);
  });

  test('is automatic with ImportExistingResources, for retained resources with literal names', async () => {
    await write('CREATE', { Name: `${StackName}-1` });
    const resources = {
      There: note(`${StackName}-1`, {}, retained),
      Missing: note(`${StackName}-2`, {}, retained),
      Deleted: note(`${StackName}-3`),
    };
    const input = { ChangeSetType: 'CREATE' as const, ImportExistingResources: true };
    const changes = changesOf(await changeSet(template(resources), input));
    expect(changes.map((it) => it?.Action)).toEqual(['Import', 'Add', 'Add']);
    expect(await execute()).toBe('CREATE_COMPLETE');
  });
});

test('drift detection reports what was changed and what was deleted', async () => {
  const [same, changed, gone] = [`${StackName}-1`, `${StackName}-2`, `${StackName}-3`];
  await create(template({ Same: note(same), Changed: note(changed, { Text: 'a' }), Gone: note(gone) }));
  expect(await detectDrift()).toMatchObject({
    DetectionStatus: 'DETECTION_COMPLETE',
    StackDriftStatus: 'IN_SYNC',
    DriftedStackResourceCount: 0,
  });
  await write('UPDATE', { Name: changed, Text: 'b' });
  await write('DELETE', { Name: gone });
  expect(await detectDrift()).toMatchObject({ StackDriftStatus: 'DRIFTED', DriftedStackResourceCount: 2 });
  const { StackResourceDrifts } = await cloudformation.describeStackResourceDrifts({
    StackName,
    StackResourceDriftStatusFilters: ['MODIFIED', 'DELETED'],
  });
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
  await write('UPDATE', { Name: changed, Text: 'a' });
  const { DriftInformation } = await stacks.describe(StackName);
  expect(DriftInformation?.StackDriftStatus).toBe('DRIFTED');
});

describe('a change set that reverts drift', () => {
  const DeploymentMode = 'REVERT_DRIFT' as const;
  const actualText = async () => {
    await detectDrift();
    const { StackResourceDrifts: [it] = [] } = await cloudformation.describeStackResourceDrifts({
      StackName,
    });
    return it?.ActualProperties && JSON.parse(it.ActualProperties).Text;
  };
  beforeEach(() => create(oneNote({ Text: 'old' })));

  test.each([
    [
      'puts the value of the template',
      'UPDATE',
      'old',
      { Action: 'Modify', ResourceDriftStatus: 'MODIFIED' },
    ],
    ['creates what was deleted', 'DELETE', 'old', { Action: 'Add', ResourceDriftStatus: 'DELETED' }],
    [
      'changes only the stack if the template has the actual value',
      'UPDATE',
      'other',
      { Action: 'SyncWithActual' },
    ],
  ] as const)('%s', async (_, action, Text, change) => {
    await write(action, { Name: StackName, Text: 'other' });
    const described = await changeSet(oneNote({ Text }), { DeploymentMode });
    expect(described).toMatchObject({ DeploymentMode, StackDriftStatus: 'DRIFTED' });
    expect(changesOf(described)).toMatchObject([change]);
    expect(await execute()).toBe('UPDATE_COMPLETE');
    expect(await actualText()).toBe(Text);
  });

  test('rolls back to the actual value', async () => {
    await write('UPDATE', { Name: StackName, Text: 'other' });
    await write('CREATE', { Name: `${StackName}-taken` });
    const Taken = note(`${StackName}-taken`, {}, { DependsOn: 'Note' });
    await changeSet(template({ Note: note(StackName, { Text: 'old' }), Taken }), { DeploymentMode });
    expect(await execute()).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await actualText()).toBe('other');
  });

  test('fails where nothing differs', async () => {
    const described = await changeSet(oneNote({ Text: 'old' }), { DeploymentMode });
    expect(described).toMatchObject({ Status: 'FAILED', StackDriftStatus: 'IN_SYNC' });
  });
});

test('deleting a change set that the stack does not have succeeds, as the CDK expects', async () => {
  await create(oneNote());
  await cloudformation.deleteChangeSet({ StackName, ChangeSetName: 'none' });
});
