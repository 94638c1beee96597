import type { CloudFormation } from '@aws-sdk/client-cloudformation';
import type { LocalAccount } from '../src/account';
import type { Credentials } from '../src/services/sts/store';
import { NOTE, registerNote } from '../src/testing/note-type';
import { allow, clients, NAMED_IAM, note, role, type StackApi, start, template, userWith } from './support';

/* AWS::CloudFormation::Stack over HTTP. */

let account: LocalAccount;
let cloudformation: CloudFormation;
let stacks: StackApi;

beforeEach(async () => {
  ({ account, cloudformation, stacks } = await start());
  account.buckets.create('templates');
  upload('child', CHILD);
});
afterEach(() => account.close());

const nested = (key: string, Parameters: object = {}, attributes: object = {}) => ({
  Type: 'AWS::CloudFormation::Stack',
  Properties: { TemplateURL: `https://templates.s3.amazonaws.com/${key}`, Parameters },
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
const ONE = nested('child', { Name: 'one' });
const MISSING = 'arn:aws:iam::aws:policy/Missing';
const ROLLED_BACK = { root: 'ROLLBACK_COMPLETE' };
const UPDATE_ROLLED_BACK = { root: 'UPDATE_ROLLBACK_COMPLETE', One: 'UPDATE_ROLLBACK_COMPLETE' };

function upload(key: string, body: string): void {
  account.buckets.put('templates', key, Buffer.from(body));
}

/** The root stack and the stacks in it, the newest first. */
async function all() {
  const { Stacks = [] } = await cloudformation.describeStacks();
  return Stacks;
}

/** The status of the stack `root`, and those of the stacks in it by logical ID. */
async function statuses() {
  const named = (await all()).map((it) => [it.StackName?.split('-')[1] ?? 'root', it.StackStatus]);
  return Object.fromEntries(named);
}

async function create(Resources: object, caller: Credentials = account.administrator()) {
  const TemplateBody = template(Resources);
  await clients(account, caller).cloudformation.createStack({
    StackName: 'root',
    TemplateBody,
    ...NAMED_IAM,
  });
  await stacks.settled('root');
  return statuses();
}

async function update(Resources: object) {
  await stacks.update('root', template(Resources), NAMED_IAM);
  return statuses();
}

const reasonOf = (status: string) => stacks.reason('root', status);

test('a nested stack gets parameters, gives outputs, and goes with its parent', async () => {
  const two = nested('child', {
    Name: { 'Fn::Join': ['-', [{ 'Fn::GetAtt': ['One', 'Outputs.Name'] }, 'two']] },
  });
  const created = { root: 'CREATE_COMPLETE', One: 'CREATE_COMPLETE', Two: 'CREATE_COMPLETE' };
  expect(await create({ One: ONE, Two: two })).toEqual(created);
  expect(account.roles.get('one-two')).toBeDefined();
  const [child, , root] = await all();
  expect(child).toMatchObject({ ParentId: root?.StackId, RootId: root?.StackId });
  await stacks.remove('root');
  expect(await all()).toEqual([]);
  expect(account.roles.get('one')).toBeUndefined();
});

test('its template is read when it is created, not with that of its parent', async () => {
  upload('user', template({ Note: note('note') }));
  const Second = nested('user', {}, { DependsOn: 'First' });
  expect(await create({ First: ONE, Second })).toEqual(ROLLED_BACK);
  expect(await reasonOf('Second CREATE_FAILED')).toBe(
    `Template format error: Unrecognized resource types: [${NOTE}]`,
  );
  await stacks.remove('root');
  await registerNote(account);
  expect(await create({ Second: nested('user') })).toEqual({
    root: 'CREATE_COMPLETE',
    Second: 'CREATE_COMPLETE',
  });
});

test('a failure in it is the reason of its parent, whose rollback deletes it', async () => {
  upload('failing', template({ Role: role('two', { ManagedPolicyArns: [MISSING] }) }));
  expect(await create({ First: ONE, Second: nested('failing', {}, { DependsOn: 'First' }) })).toEqual(
    ROLLED_BACK,
  );
  expect(await reasonOf('Second CREATE_FAILED')).toMatch(
    /^Embedded stack arn:aws:cloudformation:.* was not successfully created: The following resource\(s\) failed to create: \[Role\]\. ?$/,
  );
  expect(account.roles.get('one')).toBeUndefined();
  expect(account.roles.get('two')).toBeUndefined();
});

test('an update reads its template again, and what does not change has no events', async () => {
  const resources = { One: ONE, Two: nested('child', { Name: 'two' }) };
  await create(resources);
  upload('child', CHILD.replace('first', 'second'));
  expect(await update(resources)).toMatchObject({ One: 'UPDATE_COMPLETE', Two: 'UPDATE_COMPLETE' });
  expect(account.roles.get('one')).toMatchObject({ description: 'second' });
  expect(await update(resources)).toMatchObject({ root: 'UPDATE_COMPLETE' });
  const [Two] = await all();
  const own = (await stacks.events(Two?.StackId ?? '')).filter(
    (it) => it.ResourceStatus === 'UPDATE_COMPLETE',
  );
  expect(own).toHaveLength(2);
});

test('what an update of it replaces stays until the whole update has succeeded, and so can come back', async () => {
  upload('failing', template({ Role: role('bad', { ManagedPolicyArns: [MISSING] }) }));
  await create({ One: ONE });
  const before = account.roles.get('one');
  const One = nested('child', { Name: 'other' });
  expect(await update({ One, Bad: nested('failing', {}, { DependsOn: 'One' }) })).toEqual(UPDATE_ROLLED_BACK);
  expect(account.roles.get('one')).toBe(before);
  expect(account.roles.get('other')).toBeUndefined();
  const [child] = await all();
  expect(child?.Outputs).toMatchObject([{ OutputKey: 'Name', OutputValue: 'one' }]);
  expect(await update({ One })).toEqual({ root: 'UPDATE_COMPLETE', One: 'UPDATE_COMPLETE' });
  expect(account.roles.get('one')).toBeUndefined();
});

test('an update of it that fails rolls back, and its parent with it', async () => {
  await create({ One: ONE });
  upload('child', CHILD.replace('"Description"', `"ManagedPolicyArns":["${MISSING}"],"Description"`));
  expect(await update({ One: ONE })).toEqual(UPDATE_ROLLED_BACK);
  expect(await reasonOf('One UPDATE_FAILED')).toMatch(
    /was not successfully updated\. Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: The following resource\(s\) failed to update: \[Role\]\. ?$/,
  );
});

test('a nested stack that cannot be deleted keeps its parent', async () => {
  upload('child', template({ Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'kept' } } }));
  await create({ One: nested('child') });
  account.buckets.put('kept', 'object', Buffer.from(''));
  await stacks.remove('root');
  expect(await statuses()).toEqual({ root: 'DELETE_FAILED', One: 'DELETE_FAILED' });
  expect(await reasonOf('One DELETE_FAILED')).toMatch(
    /^Embedded stack .* was not successfully deleted: .*\[Bucket\]/,
  );
});

test.each([
  ['cloudformation:CreateStack', /not authorized to perform: cloudformation:CreateStack .*root-One-/],
  ['s3:GetObject', /S3 error: Access Denied/],
])('the caller needs %s for it', async (denied, message) => {
  const NotResource = 'arn:aws:cloudformation:*:*:stack/root/*';
  const user = userWith(account, 'user', allow('*'), { Effect: 'Deny', Action: denied, NotResource });
  expect(await create({ One: ONE }, user)).toEqual(ROLLED_BACK);
  expect(await reasonOf('One CREATE_FAILED')).toMatch(message);
});

describe('a change set', () => {
  async function changeSet(
    Resources: object,
    IncludeNestedStacks: boolean,
    ChangeSetType: 'CREATE' | 'UPDATE',
  ) {
    const [ChangeSetName, TemplateBody] = [`include-${IncludeNestedStacks}`, template(Resources)];
    const input = { StackName: 'root', ChangeSetName, TemplateBody, IncludeNestedStacks, ...NAMED_IAM };
    await cloudformation.createChangeSet({ ...input, ChangeSetType });
    return cloudformation.describeChangeSet({ StackName: 'root', ChangeSetName });
  }

  test('that includes nested stacks fails where their templates have a type that is not registered yet', async () => {
    upload('user', template({ Note: note('note') }));
    const resources = { One: nested('user') };
    expect(await changeSet(resources, false, 'CREATE')).toMatchObject({ Status: 'CREATE_COMPLETE' });
    expect(await changeSet(resources, true, 'CREATE')).toMatchObject({
      Status: 'FAILED',
      StatusReason: `Template format error: Unrecognized resource types: [${NOTE}]`,
    });
  });

  test('that includes nested stacks knows which of them change; another one changes each, perhaps', async () => {
    const resources = { One: ONE };
    await create(resources);
    expect(await changeSet(resources, true, 'UPDATE')).toMatchObject({ Status: 'FAILED', Changes: [] });
    const { Changes } = await changeSet(resources, false, 'UPDATE');
    const Details = [{ ChangeSource: 'Automatic' }];
    const change = { Action: 'Modify', LogicalResourceId: 'One', Details };
    expect(Changes).toMatchObject([{ ResourceChange: change }]);
  });
});
