/** The steps already-exists and not-opted-in: a create that is refused, and a stack that rolls back completely. */
import { paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { list } from '../cloud-control';
import { expectEqual, expectMatch } from '../expect';
import type { Run } from '../run';
import { createStack, deleteStack, expectStatus } from '../stacks';
import { expectSetting, trunking } from './life';
import { rolesOf } from './roles';

export async function alreadyExists(run: Run): Promise<void> {
  const { second } = await rolesOf(run);
  await expectRefusal(run, run.names.stacks.second, second, 'AlreadyExists');
  await expectSetting(run, second, 'disabled');
}

export async function notOptedIn(run: Run): Promise<void> {
  const roles = await rolesOf(run);
  await expectRefusal(run, run.names.stacks.notOptedIn, roles.notOptedIn, 'AccessDenied');
  const listed = await list(run);
  expectEqual('whether the role is listed', listed.includes(roles.notOptedIn), false);
}

/** Creates a stack that must fail with an error code, and removes what is left of it. */
async function expectRefusal(run: Run, name: string, roleArn: string, errorCode: string): Promise<void> {
  const outcome = await createStack(run, { ...trunking(run, roleArn, 'enabled'), name });
  expectStatus(name, outcome, 'ROLLBACK_COMPLETE');
  const failed = outcome.events.find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED');
  const reason = failed?.ResourceStatusReason ?? '';
  expectMatch('the reason why the create failed', reason, new RegExp(`HandlerErrorCode: ${errorCode}\\)`));
  run.transcript.say(`   ${reason}`);
  expectEqual(`what is left in the stack ${name}`, await remaining(run, name), []);
  await deleteStack(run, name);
}

/**
 * The resources of a stack that are there. Whether one that could not be created ends as failed or as deleted is not
 * documented.
 */
async function remaining(run: Run, StackName: string): Promise<string[]> {
  const found: string[] = [];
  for await (const page of paginateListStackResources({ client: run.aws.cloudformation }, { StackName })) {
    for (const { LogicalResourceId, ResourceStatus } of page.StackResourceSummaries ?? []) {
      if (ResourceStatus !== 'DELETE_COMPLETE' && ResourceStatus !== 'CREATE_FAILED') {
        found.push(`${LogicalResourceId} ${ResourceStatus}`);
      }
    }
  }
  return found;
}
