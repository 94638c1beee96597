import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VirtualClock } from '../local/clock';
import { REGION, type SampleAccount, startSampleAccount } from '../local/sample-account';

/* The steps of docs/migrating.md, as far as a local account reaches. */

const IMPORT_TEMPLATE = readFileSync(join(__dirname, '../examples/import.yml'), 'utf8');

let sample: SampleAccount;

beforeAll(async () => {
  sample = await startSampleAccount({ clock: new VirtualClock() });
});

afterAll(() => sample.close());

const setting = () => sample.account.settings.get(REGION, sample.instanceRoleArn);
const importSetting = (stackName: string, Trunking: string) =>
  sample.cloudformation.import(
    stackName,
    IMPORT_TEMPLATE,
    [{ logicalId: 'RoleTrunking', identifier: { RoleArn: sample.instanceRoleArn } }],
    { RoleArn: sample.instanceRoleArn, Trunking },
  );
const operations = () => sample.account.calls.map(({ operation }) => operation);

test('without an explicit setting there is nothing to import', async () => {
  sample.account.settings.setAccountDefault(REGION, 'enabled');
  expect((await importSetting('nothing', 'enabled')).status).toBe('IMPORT_ROLLBACK_COMPLETE');
  sample.account.settings.setAccountDefault(REGION, undefined);
});

test('import reads by the identifier and writes nothing, whoever made the setting and with which value', async () => {
  // As a Lambda-backed resource makes it, in the role's own session; `on` is what the older API took.
  sample.account.settings.set(REGION, sample.instanceRoleArn, 'on');
  sample.account.calls.length = 0;
  expect((await importSetting('trunking', 'enabled')).status).toBe('IMPORT_COMPLETE');
  expect(operations()).not.toContain('PutAccountSetting');
  expect(setting()).toBe('on');
});

test('the imported stack is in sync, and shows drift when the old function writes once more', async () => {
  expect((await sample.cloudformation.detectDrift('trunking')).status).toBe('IN_SYNC');
  sample.account.settings.set(REGION, sample.instanceRoleArn, 'disabled');
  expect((await sample.cloudformation.detectDrift('trunking')).status).toBe('DRIFTED');
});

test('the imported stack updates the setting', async () => {
  const parameters = { RoleArn: sample.instanceRoleArn, Trunking: 'disabled' };
  expect((await sample.cloudformation.deploy('trunking', IMPORT_TEMPLATE, parameters)).status).toBe(
    'UPDATE_COMPLETE',
  );
  expect(setting()).toBe('disabled');
});

test('the imported stack leaves the setting where it is when it is deleted, until its policy is dropped', async () => {
  expect((await sample.cloudformation.deleteStack('trunking')).status).toBe('DELETE_COMPLETE');
  expect(setting()).toBe('disabled');
  await importSetting('again', 'disabled');
  const parameters = { RoleArn: sample.instanceRoleArn, Trunking: 'disabled' };
  const owned = IMPORT_TEMPLATE.replace('DeletionPolicy: Retain', 'DeletionPolicy: Delete');
  await sample.cloudformation.deploy('again', owned, parameters);
  expect((await sample.cloudformation.deleteStack('again')).status).toBe('DELETE_COMPLETE');
  expect(setting()).toBeUndefined();
});
