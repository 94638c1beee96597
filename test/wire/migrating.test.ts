import { VirtualClock } from 'local-account';
import { textOf } from '../harness/project-files';
import { ROLES_TEMPLATE, type SampleAccount, startSampleAccount } from '../harness/sample-account';

/* What docs/migrating.md and docs/troubleshooting.md describe, as far as a local account can show it. */

const IMPORT_TEMPLATE = textOf('examples/import.yml');
/** The same, after its deletion policy was changed to Delete. */
const OWNING_TEMPLATE = IMPORT_TEMPLATE.replace('DeletionPolicy: Retain', 'DeletionPolicy: Delete');
const TRUNKING_TEMPLATE = textOf('examples/trunking.yml');

let clock: VirtualClock;
let sample: SampleAccount;

async function start(): Promise<void> {
  clock = new VirtualClock();
  sample = await startSampleAccount({ clock });
}

const close = () => sample.close();

const setting = () => sample.setting();
const importSetting = (stackName: string, Trunking: string) =>
  sample.cloudformation.import(
    stackName,
    IMPORT_TEMPLATE,
    { logicalId: 'RoleTrunking', identifier: { RoleArn: sample.instanceRoleArn } },
    { RoleArn: sample.instanceRoleArn, Trunking },
  );
const deploy = (Trunking: string, stackName = 'trunking', template = TRUNKING_TEMPLATE) =>
  sample.cloudformation.deploy(stackName, template, { RoleArn: sample.instanceRoleArn, Trunking });
const deployRoles = (template: string) => sample.cloudformation.deploy('roles', template);
const deleteStack = async (stackName: string) => (await sample.cloudformation.deleteStack(stackName)).status;
const driftStatus = async () => (await sample.cloudformation.detectDrift('trunking')).status;
const operations = () => sample.account.calls.map(({ operation }) => operation);

describe('import', () => {
  beforeEach(start);
  afterEach(close);

  /** Imports a setting that a Lambda-backed resource made in the role's own session. The older API accepted `on`. */
  async function importOld(): Promise<void> {
    sample.setSetting('on');
    sample.account.calls.length = 0;
    expect((await importSetting('trunking', 'enabled')).status).toBe('IMPORT_COMPLETE');
  }

  test('without an explicit setting there is nothing to import', async () => {
    sample.setSetting('enabled', sample.account.rootArn);
    expect((await importSetting('nothing', 'enabled')).status).toBe('IMPORT_ROLLBACK_COMPLETE');
    sample.setSetting(undefined, sample.account.rootArn);
  });

  test('import reads by the identifier and writes nothing, even if the setting was made with the value on', async () => {
    await importOld();
    expect(operations()).not.toContain('PutAccountSetting');
    expect(setting()).toBe('on');
  });

  test('the imported stack is in sync, and has drifted after the old function writes again', async () => {
    await importOld();
    expect(await driftStatus()).toBe('IN_SYNC');
    sample.setSetting('disabled');
    expect(await driftStatus()).toBe('DRIFTED');
  });

  test('the imported stack updates the setting', async () => {
    await importOld();
    const { status } = await deploy('disabled', 'trunking', IMPORT_TEMPLATE);
    expect(status).toBe('UPDATE_COMPLETE');
    expect(setting()).toBe('disabled');
  });

  test('deleting the imported stack keeps the setting, unless its deletion policy was changed to Delete', async () => {
    await importOld();
    expect(await deleteStack('trunking')).toBe('DELETE_COMPLETE');
    expect(setting()).toBe('on');
    await importSetting('again', 'enabled');
    await deploy('disabled', 'again', OWNING_TEMPLATE);
    expect(await deleteStack('again')).toBe('DELETE_COMPLETE');
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
    expect((await deployRoles(WITH_RESOURCE)).status).toBe('UPDATE_COMPLETE');
    expect(setting()).toBe('enabled');
  });

  test('leave nothing behind when they are removed in a separate update after the resource', async () => {
    expect((await deployRoles(ROLES_TEMPLATE)).status).toBe('UPDATE_COMPLETE');
    expect((await deployRoles(NOT_OPTED_IN)).status).toBe('UPDATE_COMPLETE');
    expect(setting()).toBeUndefined();
    expect(failedDeletes('roles')).toBe(0);
  });

  test('leave the setting behind when they are removed with the resource; it can be imported and deleted', async () => {
    expect((await deployRoles(NOT_OPTED_IN)).status).toBe('UPDATE_COMPLETE');
    expect(failedDeletes('roles')).toBe(3);
    expect(setting()).toBe('enabled');

    const { name } = sample.role(sample.instanceRoleArn);
    sample.account.roles.update(name, { tags: { 'ecs-role-trunking': 'managed' } });
    expect((await importSetting('rescue', 'enabled')).status).toBe('IMPORT_COMPLETE');
    await deploy('enabled', 'rescue', OWNING_TEMPLATE);
    expect(await deleteStack('rescue')).toBe('DELETE_COMPLETE');
    expect(setting()).toBeUndefined();
  });
});

describe('a role that is not opted in, or no longer', () => {
  beforeEach(start);
  afterEach(close);

  test('fails a create within a minute, and its stack rolls back without a delete', async () => {
    await deployRoles(NOT_OPTED_IN);
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
    await deployRoles(NOT_OPTED_IN);
    expect(await deleteStack('trunking')).toBe('DELETE_FAILED');
    await deployRoles(ROLES_TEMPLATE);
    expect(await deleteStack('trunking')).toBe('DELETE_COMPLETE');
    await deploy('enabled');
    await deployRoles(NOT_OPTED_IN);
    expect((await deploy('disabled')).status).toBe('UPDATE_ROLLBACK_FAILED');
  });

  test('fails a create and its rollback where it allows only the list', async () => {
    const withoutPut = ROLES_TEMPLATE.replace(/ +- ecs:PutAccountSetting\n/, '');
    await deployRoles(withoutPut.replace('ecs:DeleteAccountSetting', 'ecs:ListClusters'));
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
    sample.setSetting('disabled');
    await expect(deploy('enabled')).rejects.toThrow('No updates are to be performed');
  });

  test('of the value is repaired by an update to the current value and one to the wanted value', async () => {
    sample.setSetting('disabled');
    expect((await deploy('disabled')).status).toBe('UPDATE_COMPLETE');
    expect((await deploy('enabled')).status).toBe('UPDATE_COMPLETE');
    expect(setting()).toBe('enabled');
    expect(await driftStatus()).toBe('IN_SYNC');
  });

  test('by deletion fails an update, and is repaired by removing the resource and adding it again', async () => {
    sample.setSetting(undefined);
    const failed = await deploy('disabled');
    expect(failed.reason).toMatch(/HandlerErrorCode: NotFound/);
    await deployRoles(WITH_RESOURCE);
    sample.setSetting(undefined);
    await deployRoles(ROLES_TEMPLATE);
    await deployRoles(WITH_RESOURCE);
    expect(setting()).toBe('enabled');
  });
});

describe('the pages', () => {
  test('the headings in docs/troubleshooting.md are messages of the handlers', async () => {
    await start();
    await deployRoles(NOT_OPTED_IN);
    const properties = { RoleArn: sample.instanceRoleArn };
    const denied = await sample.cloudformation.run('CREATE', { properties });
    await deployRoles(ROLES_TEMPLATE);
    sample.setSetting('enabled');
    const existing = await sample.cloudformation.run('CREATE', { properties });
    await close();
    const headings = [...textOf('docs/troubleshooting.md').matchAll(/^## `(\w+)`: (.+?)(?: …)?$/gm)];
    for (const { final } of [denied, existing]) {
      const heading = headings.find(([, code]) => code === final.errorCode);
      expect(final.message).toContain(heading?.[2]);
    }
  });
});
