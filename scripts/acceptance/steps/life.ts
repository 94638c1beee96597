/** The steps create, read, drift, update, replace and delete: what a stack does with one resource. */
import { change, list, read } from '../cloud-control';
import { detectDrift } from '../drift';
import { expectEqual } from '../expect';
import type { Run } from '../run';
import { deleteStack, deploy, update } from '../stacks';
import { rolesOf } from './roles';

const IN_SYNC = { stack: 'IN_SYNC', resources: [{ status: 'IN_SYNC', differences: [] }] };

export async function create(run: Run): Promise<void> {
  const { first } = await rolesOf(run);
  const outputs = await deploy(run, trunking(run, first, 'enabled'));
  expectEqual('what Ref returns', outputs.RoleArn, first);
  await expectSetting(run, first, 'enabled');
}

export async function readAndList(run: Run): Promise<void> {
  const { first, second, notOptedIn } = await rolesOf(run);
  await expectSetting(run, first, 'enabled');
  expectEqual('the resource of another role', await read(run, second), undefined);
  const listed = await list(run);
  expectEqual(
    "which of this run's roles are listed",
    [first, second, notOptedIn].filter((roleArn) => listed.includes(roleArn)),
    [first],
  );
}

export async function drift(run: Run): Promise<void> {
  const { first } = await rolesOf(run);
  const stackName = run.names.stacks.trunking;
  expectEqual('drift before', await detectDrift(run, stackName), IN_SYNC);
  await change(run, first, 'disabled');
  expectEqual('drift after a change behind its back', await detectDrift(run, stackName), {
    stack: 'DRIFTED',
    resources: [{ status: 'MODIFIED', differences: ['/Trunking enabled disabled'] }],
  });
  run.transcript.say('   drift: MODIFIED, /Trunking is disabled, not enabled');
  await change(run, first, 'enabled');
  expectEqual('drift after changing it back', await detectDrift(run, stackName), IN_SYNC);
}

export async function updateValue(run: Run): Promise<void> {
  const { first } = await rolesOf(run);
  await update(run, trunking(run, first, 'disabled'));
  await expectSetting(run, first, 'disabled');
}

export async function replace(run: Run): Promise<void> {
  const { first, second } = await rolesOf(run);
  await update(run, trunking(run, second, 'disabled'));
  await expectSetting(run, second, 'disabled');
  expectEqual('the setting of the role before', await read(run, first), undefined);
}

/** The imported resource has `DeletionPolicy: Retain`: without it first, the setting would stay. */
export async function deleteIt(run: Run): Promise<void> {
  const { second } = await rolesOf(run);
  await update(run, trunking(run, second, 'disabled'));
  await deleteStack(run, run.names.stacks.trunking);
  expectEqual('the setting afterwards', await read(run, second), undefined);
  const listed = await list(run);
  const ours = Object.values(await rolesOf(run)).filter((roleArn) => listed.includes(roleArn));
  expectEqual("which of this run's roles are listed", ours, []);
}

/** The stack that goes through all steps. */
export function trunking({ names, templates }: Run, roleArn: string, value: 'enabled' | 'disabled') {
  return {
    name: names.stacks.trunking,
    template: templates.trunking,
    parameters: { RoleArn: roleArn, Trunking: value },
  };
}

/** @throws StepFailed where Cloud Control reads something else. */
export async function expectSetting(run: Run, roleArn: string, value: string): Promise<void> {
  const expected = { RoleArn: roleArn, Trunking: value };
  expectEqual('what Cloud Control reads', await read(run, roleArn), expected);
  run.transcript.say(`   Cloud Control reads ${value}`);
}
