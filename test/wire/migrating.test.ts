import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VirtualClock } from 'local-account';
import { REGION, ROLES_TEMPLATE, type SampleAccount, startSampleAccount } from '../harness/sample-account';

/* What docs/migrating.md and docs/troubleshooting.md describe, as far as a local account can show it. */

const ROOT = join(__dirname, '../..');
const IMPORT_TEMPLATE = readFileSync(join(ROOT, 'examples/import.yml'), 'utf8');
const TRUNKING_TEMPLATE = readFileSync(join(ROOT, 'examples/trunking.yml'), 'utf8');

let clock: VirtualClock;
let sample: SampleAccount;

async function start(): Promise<void> {
  clock = new VirtualClock();
  sample = await startSampleAccount({ clock });
}

const close = () => sample.close();

const setting = () => sample.trunking.get(REGION, sample.instanceRoleArn);
const importSetting = (stackName: string, Trunking: string) =>
  sample.cloudformation.import(
    stackName,
    IMPORT_TEMPLATE,
    { logicalId: 'RoleTrunking', identifier: { RoleArn: sample.instanceRoleArn } },
    { RoleArn: sample.instanceRoleArn, Trunking },
  );
const deploy = (Trunking: string) =>
  sample.cloudformation.deploy('trunking', TRUNKING_TEMPLATE, { RoleArn: sample.instanceRoleArn, Trunking });
const operations = () => sample.account.calls.map(({ operation }) => operation);

describe('import', () => {
  beforeEach(start);
  afterEach(close);

  /** Imports a setting that a Lambda-backed resource made in the role's own session. The older API accepted `on`. */
  async function importOld(): Promise<void> {
    sample.trunking.set(REGION, sample.instanceRoleArn, 'on');
    sample.account.calls.length = 0;
    expect((await importSetting('trunking', 'enabled')).status).toBe('IMPORT_COMPLETE');
  }

  test('without an explicit setting there is nothing to import', async () => {
    sample.trunking.set(REGION, sample.account.rootArn, 'enabled');
    expect((await importSetting('nothing', 'enabled')).status).toBe('IMPORT_ROLLBACK_COMPLETE');
    sample.trunking.delete(REGION, sample.account.rootArn);
  });

  test('import reads by the identifier and writes nothing, even if the setting was made with the value on', async () => {
    await importOld();
    expect(operations()).not.toContain('PutAccountSetting');
    expect(setting()).toBe('on');
  });

  test('the imported stack is in sync, and has drifted after the old function writes again', async () => {
    await importOld();
    expect((await sample.cloudformation.detectDrift('trunking')).status).toBe('IN_SYNC');
    sample.trunking.set(REGION, sample.instanceRoleArn, 'disabled');
    expect((await sample.cloudformation.detectDrift('trunking')).status).toBe('DRIFTED');
  });

  test('the imported stack updates the setting', async () => {
    await importOld();
    const parameters = { RoleArn: sample.instanceRoleArn, Trunking: 'disabled' };
    expect((await sample.cloudformation.deploy('trunking', IMPORT_TEMPLATE, parameters)).status).toBe(
      'UPDATE_COMPLETE',
    );
    expect(setting()).toBe('disabled');
  });

  test('deleting the imported stack keeps the setting, unless its deletion policy was changed to Delete', async () => {
    await importOld();
    expect((await sample.cloudformation.deleteStack('trunking')).status).toBe('DELETE_COMPLETE');
    expect(setting()).toBe('on');
    await importSetting('again', 'enabled');
    const parameters = { RoleArn: sample.instanceRoleArn, Trunking: 'disabled' };
    const owned = IMPORT_TEMPLATE.replace('DeletionPolicy: Retain', 'DeletionPolicy: Delete');
    await sample.cloudformation.deploy('again', owned, parameters);
    expect((await sample.cloudformation.deleteStack('again')).status).toBe('DELETE_COMPLETE');
    expect(setting()).toBeUndefined();
  });
});

/** The stack of the role, with the resource in it. */
const WITH_RESOURCE = ROLES_TEMPLATE.replace(
  '\nOutputs:',
  `
  RoleTrunking:
    Type: Custom::Ecs::RoleTrunking
    Properties:
      RoleArn: !GetAtt InstanceRole.Arn

Outputs:`,
);
const NOT_OPTED_IN = ROLES_TEMPLATE.replace('Value: managed', 'Value: unmanaged');

/** How often the delete of the resource has failed in a stack. */
const failedDeletes = (stackName: string) =>
  sample.cloudformation
    .stack(stackName)
    ?.events.filter((it) => it.LogicalResourceId === 'RoleTrunking' && it.ResourceStatus === 'DELETE_FAILED')
    .length;

describe('permissions in the same stack as the resource', () => {
  beforeAll(start);
  afterAll(close);
  beforeEach(async () => {
    expect((await sample.cloudformation.deploy('roles', WITH_RESOURCE)).status).toBe('UPDATE_COMPLETE');
    expect(setting()).toBe('enabled');
  });

  test('leave nothing behind when they are removed in a separate update after the resource', async () => {
    expect((await sample.cloudformation.deploy('roles', ROLES_TEMPLATE)).status).toBe('UPDATE_COMPLETE');
    expect((await sample.cloudformation.deploy('roles', NOT_OPTED_IN)).status).toBe('UPDATE_COMPLETE');
    expect(setting()).toBeUndefined();
    expect(failedDeletes('roles')).toBe(0);
  });

  test('leave the setting behind when they are removed with the resource; it can be imported and deleted', async () => {
    expect((await sample.cloudformation.deploy('roles', NOT_OPTED_IN)).status).toBe('UPDATE_COMPLETE');
    expect(failedDeletes('roles')).toBe(3);
    expect(setting()).toBe('enabled');

    sample.account.roles.update(sample.instanceRoleArn.split('/').at(-1) ?? '', {
      tags: { 'ecs-role-trunking': 'managed' },
    });
    expect((await importSetting('rescue', 'enabled')).status).toBe('IMPORT_COMPLETE');
    const owned = IMPORT_TEMPLATE.replace('DeletionPolicy: Retain', 'DeletionPolicy: Delete');
    await sample.cloudformation.deploy('rescue', owned, { RoleArn: sample.instanceRoleArn });
    expect((await sample.cloudformation.deleteStack('rescue')).status).toBe('DELETE_COMPLETE');
    expect(setting()).toBeUndefined();
  });
});

describe('a role that is not opted in, or no longer', () => {
  beforeEach(start);
  afterEach(close);

  test('fails a create within a minute, and its stack rolls back without a delete', async () => {
    await sample.cloudformation.deploy('roles', NOT_OPTED_IN);
    const begin = clock.now();
    const stack = await deploy('enabled');
    expect(clock.now() - begin).toBeLessThan(60_000);
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(stack.reason).toMatch(
      /^Resource handler returned message: "sts:AssumeRole is denied on .*HandlerErrorCode: AccessDenied/,
    );
    expect(stack.events.filter(({ ResourceStatus }) => ResourceStatus.startsWith('DELETE'))).toEqual([]);
  });

  test('fails an update and its rollback, and a delete of the stack', async () => {
    await deploy('enabled');
    await sample.cloudformation.deploy('roles', NOT_OPTED_IN);
    expect((await sample.cloudformation.deleteStack('trunking')).status).toBe('DELETE_FAILED');
    await sample.cloudformation.deploy('roles', ROLES_TEMPLATE);
    expect((await sample.cloudformation.deleteStack('trunking')).status).toBe('DELETE_COMPLETE');
    await deploy('enabled');
    await sample.cloudformation.deploy('roles', NOT_OPTED_IN);
    expect((await deploy('disabled')).status).toBe('UPDATE_ROLLBACK_FAILED');
  });

  test('fails a create and its rollback where it allows only the list', async () => {
    await sample.cloudformation.deploy(
      'roles',
      ROLES_TEMPLATE.replace(/ +- ecs:PutAccountSetting\n/, '').replace(
        'ecs:DeleteAccountSetting',
        'ecs:ListClusters',
      ),
    );
    expect((await deploy('enabled')).status).toBe('ROLLBACK_FAILED');
  });
});

describe('drift without a drift-aware change set', () => {
  beforeEach(async () => {
    await start();
    await deploy('enabled');
  });
  afterEach(close);

  test('is not repaired by the same template, which CloudFormation refuses', async () => {
    sample.trunking.set(REGION, sample.instanceRoleArn, 'disabled');
    await expect(deploy('enabled')).rejects.toThrow('No updates are to be performed');
  });

  test('of the value is repaired by an update to the current value and one to the wanted value', async () => {
    sample.trunking.set(REGION, sample.instanceRoleArn, 'disabled');
    expect((await deploy('disabled')).status).toBe('UPDATE_COMPLETE');
    expect((await deploy('enabled')).status).toBe('UPDATE_COMPLETE');
    expect(setting()).toBe('enabled');
    expect((await sample.cloudformation.detectDrift('trunking')).status).toBe('IN_SYNC');
  });

  test('by deletion fails an update, and is repaired by removing the resource and adding it again', async () => {
    sample.trunking.delete(REGION, sample.instanceRoleArn);
    const failed = await deploy('disabled');
    expect(failed.reason).toMatch(/HandlerErrorCode: NotFound/);
    await sample.cloudformation.deploy('roles', WITH_RESOURCE);
    sample.trunking.delete(REGION, sample.instanceRoleArn);
    await sample.cloudformation.deploy('roles', ROLES_TEMPLATE);
    await sample.cloudformation.deploy('roles', WITH_RESOURCE);
    expect(setting()).toBe('enabled');
  });
});

describe('the pages', () => {
  const troubleshooting = readFileSync(join(ROOT, 'docs/troubleshooting.md'), 'utf8');

  test('the headings in docs/troubleshooting.md are messages of the handlers', async () => {
    await start();
    await sample.cloudformation.deploy('roles', NOT_OPTED_IN);
    const properties = { RoleArn: sample.instanceRoleArn };
    const denied = await sample.cloudformation.run('CREATE', { properties });
    await sample.cloudformation.deploy('roles', ROLES_TEMPLATE);
    sample.trunking.set(REGION, sample.instanceRoleArn, 'enabled');
    const existing = await sample.cloudformation.run('CREATE', { properties });
    await close();
    const headings = [...troubleshooting.matchAll(/^## `(\w+)`: (.+?)(?: …)?$/gm)];
    for (const { final } of [denied, existing]) {
      const heading = headings.find(([, code]) => code === final.errorCode);
      expect(final.message).toContain(heading?.[2]);
    }
  });
});
