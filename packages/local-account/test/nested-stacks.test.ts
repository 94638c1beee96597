import {
  type Capability,
  type CloudFormationClient,
  CreateChangeSetCommand,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { LocalAccount } from '../src/account';
import type { Credentials } from '../src/services/sts/store';
import { NOTE, registerNote } from '../src/testing/note-type';
import { clients, policy, REGION, role, template } from './support';

/* AWS::CloudFormation::Stack over HTTP. */

let account: LocalAccount;
let cloudformation: CloudFormationClient;

beforeEach(async () => {
  account = await LocalAccount.start();
  cloudformation = clients(account, account.administrator()).cloudformation;
  account.buckets.create('templates');
});
afterEach(() => account.close());

const Capabilities: Capability[] = ['CAPABILITY_NAMED_IAM'];
const nested = (key: string, Parameters: object = {}, attributes: object = {}) => ({
  Type: 'AWS::CloudFormation::Stack',
  Properties: { TemplateURL: `https://templates.s3.${REGION}.amazonaws.com/${key}`, Parameters },
  ...attributes,
});
/** A role by its name, which is an output. */
const CHILD = template(
  { Role: role({ Ref: 'Name' }, { Description: { Ref: 'Text' } }) },
  {
    Parameters: { Name: { Type: 'String' }, Text: { Type: 'String', Default: 'first' } },
    Outputs: { Name: { Value: { Ref: 'Role' } } },
  },
);
const MISSING = 'arn:aws:iam::aws:policy/Missing';

function upload(key: string, body: string): void {
  account.buckets.put('templates', key, Buffer.from(body));
}

async function stacks() {
  const { Stacks = [] } = await cloudformation.send(new DescribeStacksCommand({}));
  return Stacks;
}

/** Waits for the end of the stack `root`. @returns Its status, and those of the stacks in it by logical ID. */
async function statuses() {
  await cloudformation.send(new DescribeStacksCommand({ StackName: 'root' }));
  const named = (await stacks()).map(({ StackName = '', StackStatus }) => [
    StackName.split('-')[1] ?? 'root',
    StackStatus,
  ]);
  return Object.fromEntries(named);
}

async function create(Resources: object, caller: Credentials = account.administrator()) {
  const TemplateBody = template(Resources);
  const command = new CreateStackCommand({ StackName: 'root', TemplateBody, Capabilities });
  await clients(account, caller).cloudformation.send(command);
  return statuses();
}

async function update(Resources: object) {
  const TemplateBody = template(Resources);
  await cloudformation.send(new UpdateStackCommand({ StackName: 'root', TemplateBody, Capabilities }));
  return statuses();
}

/** What the events of a stack say about its resources, the oldest first. */
async function events(StackName = 'root') {
  const { StackEvents = [] } = await cloudformation.send(new DescribeStackEventsCommand({ StackName }));
  return StackEvents.reverse();
}

async function reasonOf(logicalId: string, status: string) {
  const all = await events();
  return all.find((it) => it.LogicalResourceId === logicalId && it.ResourceStatus === status)
    ?.ResourceStatusReason;
}

test('a nested stack gets parameters, gives outputs, and goes with its parent', async () => {
  upload('child', CHILD);
  const one = nested('child', { Name: 'one' });
  const two = nested('child', {
    Name: { 'Fn::Join': ['-', [{ 'Fn::GetAtt': ['One', 'Outputs.Name'] }, 'two']] },
  });
  expect(await create({ One: one, Two: two })).toEqual({
    root: 'CREATE_COMPLETE',
    One: 'CREATE_COMPLETE',
    Two: 'CREATE_COMPLETE',
  });
  expect(account.roles.get('one-two')).toBeDefined();
  const [child, , root] = await stacks();
  expect(child).toMatchObject({ ParentId: root?.StackId, RootId: root?.StackId });
  await cloudformation.send(new DeleteStackCommand({ StackName: 'root' }));
  await cloudformation.send(new DescribeStacksCommand({ StackName: root?.StackId }));
  expect(await stacks()).toEqual([]);
  expect(account.roles.get('one')).toBeUndefined();
});

test('its template is read when it is created, not with that of its parent', async () => {
  upload('user', template({ Note: { Type: NOTE, Properties: { Name: 'note' } } }));
  upload('child', CHILD);
  const Second = nested('user', {}, { DependsOn: 'First' });
  expect(await create({ First: nested('child', { Name: 'one' }), Second })).toEqual({
    root: 'ROLLBACK_COMPLETE',
  });
  expect(await reasonOf('Second', 'CREATE_FAILED')).toBe(
    `Template format error: Unrecognized resource types: [${NOTE}]`,
  );
  await cloudformation.send(new DeleteStackCommand({ StackName: 'root' }));
  await registerNote(account);
  expect(await create({ Second: nested('user') })).toEqual({
    root: 'CREATE_COMPLETE',
    Second: 'CREATE_COMPLETE',
  });
});

test('a failure in it is the reason of its parent, whose rollback deletes it', async () => {
  upload('child', CHILD);
  upload('failing', template({ Role: role('two', { ManagedPolicyArns: [MISSING] }) }));
  const First = nested('child', { Name: 'one' });
  expect(await create({ First, Second: nested('failing', {}, { DependsOn: 'First' }) })).toEqual({
    root: 'ROLLBACK_COMPLETE',
  });
  expect(await reasonOf('Second', 'CREATE_FAILED')).toMatch(
    /^Embedded stack arn:aws:cloudformation:.* was not successfully created: The following resource\(s\) failed to create: \[Role\]\. ?$/,
  );
  expect(account.roles.get('one')).toBeUndefined();
  expect(account.roles.get('two')).toBeUndefined();
});

test('an update reads its template again, and what does not change has no events', async () => {
  upload('child', CHILD);
  const resources = { One: nested('child', { Name: 'one' }), Two: nested('child', { Name: 'two' }) };
  await create(resources);
  upload('child', CHILD.replace('first', 'second'));
  expect(await update(resources)).toMatchObject({ One: 'UPDATE_COMPLETE', Two: 'UPDATE_COMPLETE' });
  expect(account.roles.get('one')).toMatchObject({ description: 'second' });
  expect(await update(resources)).toMatchObject({ root: 'UPDATE_COMPLETE' });
  const [Two] = await stacks();
  const own = (await events(Two?.StackId)).filter((it) => it.ResourceStatus === 'UPDATE_COMPLETE');
  expect(own).toHaveLength(2);
});

test('what an update of it replaces stays until the whole update has succeeded, and so can come back', async () => {
  upload('child', CHILD);
  upload('failing', template({ Role: role('bad', { ManagedPolicyArns: [MISSING] }) }));
  await create({ One: nested('child', { Name: 'one' }) });
  const before = account.roles.get('one');
  const One = nested('child', { Name: 'other' });
  expect(await update({ One, Bad: nested('failing', {}, { DependsOn: 'One' }) })).toEqual({
    root: 'UPDATE_ROLLBACK_COMPLETE',
    One: 'UPDATE_ROLLBACK_COMPLETE',
  });
  expect(account.roles.get('one')).toBe(before);
  expect(account.roles.get('other')).toBeUndefined();
  const [child] = await stacks();
  expect(child?.Outputs).toMatchObject([{ OutputKey: 'Name', OutputValue: 'one' }]);
  expect(await update({ One })).toEqual({ root: 'UPDATE_COMPLETE', One: 'UPDATE_COMPLETE' });
  expect(account.roles.get('one')).toBeUndefined();
});

test('an update of it that fails rolls back, and its parent with it', async () => {
  upload('child', CHILD);
  const One = nested('child', { Name: 'one' });
  await create({ One });
  upload('child', CHILD.replace('"Description"', `"ManagedPolicyArns":["${MISSING}"],"Description"`));
  expect(await update({ One })).toEqual({
    root: 'UPDATE_ROLLBACK_COMPLETE',
    One: 'UPDATE_ROLLBACK_COMPLETE',
  });
  expect(await reasonOf('One', 'UPDATE_FAILED')).toMatch(
    /was not successfully updated\. Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: The following resource\(s\) failed to update: \[Role\]\. ?$/,
  );
});

test('a nested stack that cannot be deleted keeps its parent', async () => {
  upload('child', template({ Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'kept' } } }));
  await create({ One: nested('child') });
  account.buckets.put('kept', 'object', Buffer.from(''));
  await cloudformation.send(new DeleteStackCommand({ StackName: 'root' }));
  expect(await statuses()).toEqual({ root: 'DELETE_FAILED', One: 'DELETE_FAILED' });
  expect(await reasonOf('One', 'DELETE_FAILED')).toMatch(
    /^Embedded stack .* was not successfully deleted: .*\[Bucket\]/,
  );
});

test.each([
  ['cloudformation:CreateStack', /not authorized to perform: cloudformation:CreateStack .*root-One-/],
  ['s3:GetObject', /S3 error: Access Denied/],
])('the caller needs %s for it', async (denied, message) => {
  upload('child', CHILD);
  const document = policy(
    { Effect: 'Allow', Action: '*', Resource: '*' },
    {
      Effect: 'Deny',
      Action: denied,
      NotResource: `arn:aws:cloudformation:${REGION}:${account.accountId}:stack/root/*`,
    },
  );
  const user = account.createUser('user', [{ name: 'Own', document }]);
  expect(await create({ One: nested('child', { Name: 'one' }) }, user)).toEqual({
    root: 'ROLLBACK_COMPLETE',
  });
  expect(await reasonOf('One', 'CREATE_FAILED')).toMatch(message);
});

describe('a change set', () => {
  async function changeSet(
    Resources: object,
    IncludeNestedStacks: boolean,
    ChangeSetType: 'CREATE' | 'UPDATE',
  ) {
    const [ChangeSetName, TemplateBody] = [`include-${IncludeNestedStacks}`, template(Resources)];
    const input = { StackName: 'root', ChangeSetName, TemplateBody, Capabilities, IncludeNestedStacks };
    await cloudformation.send(new CreateChangeSetCommand({ ...input, ChangeSetType }));
    return cloudformation.send(new DescribeChangeSetCommand({ StackName: 'root', ChangeSetName }));
  }

  test('that includes nested stacks fails where their templates have a type that is not registered yet', async () => {
    upload('user', template({ Note: { Type: NOTE, Properties: { Name: 'note' } } }));
    const resources = { One: nested('user') };
    expect(await changeSet(resources, false, 'CREATE')).toMatchObject({ Status: 'CREATE_COMPLETE' });
    expect(await changeSet(resources, true, 'CREATE')).toMatchObject({
      Status: 'FAILED',
      StatusReason: `Template format error: Unrecognized resource types: [${NOTE}]`,
    });
  });

  test('that includes nested stacks knows which of them change; another one changes each, perhaps', async () => {
    upload('child', CHILD);
    const resources = { One: nested('child', { Name: 'one' }) };
    await create(resources);
    expect(await changeSet(resources, true, 'UPDATE')).toMatchObject({ Status: 'FAILED', Changes: [] });
    const { Changes } = await changeSet(resources, false, 'UPDATE');
    const Details = [{ ChangeSource: 'Automatic' }];
    expect(Changes).toMatchObject([
      { ResourceChange: { Action: 'Modify', LogicalResourceId: 'One', Details } },
    ]);
  });
});
