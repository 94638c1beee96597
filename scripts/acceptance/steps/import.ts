import { detectDrift } from '../drift';
import { expectEqual } from '../expect';
import type { Run } from '../run';
import { deleteStack, importInto, update } from '../stacks';
import { expectSetting, trunking } from './life';
import { rolesOf } from './roles';

/** The step import: the setting outlives its stack, and comes under a new one. */
export async function retainAndImport(run: Run): Promise<void> {
  const { second } = await rolesOf(run);
  const { names, templates } = run;
  const stack = trunking(run, second, 'disabled');
  await update(run, { ...stack, template: templates.retained });
  await deleteStack(run, stack.name);
  await expectSetting(run, second, 'disabled');
  await importInto(
    run,
    { ...stack, template: templates.imported },
    {
      LogicalResourceId: 'RoleTrunking',
      ResourceType: names.typeName,
      ResourceIdentifier: { RoleArn: second },
    },
  );
  await expectSetting(run, second, 'disabled');
  expectEqual('drift after the import', (await detectDrift(run, stack.name)).stack, 'IN_SYNC');
}
