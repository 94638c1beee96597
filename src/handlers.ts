import { deleteSetting, findSetting, putSetting } from './account-setting';
import type { Caller } from './aws';
import type { CallbackContext } from './callback-context';
import { entrypointOf } from './entrypoint';
import { AlreadyExists, NotFound } from './errors';
import { findCandidates, findSettings } from './listing';
import { inProgress, listed, type Progress, success } from './progress';
import type { Desired, Filter, Input } from './request';
import type { RoleArn } from './role-arn';
import { assumeRole } from './role-session';
import { testEntrypointOf } from './test-entrypoint';

/*
 * The five operations. `handler` is the handler role as caller; `session` is the instance role, assumed by
 * it for the named actions alone. They do not catch: failures.ts turns what is thrown into an answer.
 */

/**
 * Two steps, so that CloudFormation holds the identifier before anything changes: it would not delete what
 * it does not hold. The second step does not look again: a setting that is there by then may be this
 * create's own, made by an invocation whose answer was lost. (Or another's since: then the last put wins.)
 */
async function create(
  { role, trunking }: Desired,
  context: CallbackContext,
  handler: Caller,
): Promise<Progress> {
  if (context.checked) {
    const session = await assumeRole(handler, role, 'ecs:PutAccountSetting');
    await putSetting(session, trunking);
    return success({ role, trunking });
  }
  const session = await assumeRole(handler, role, 'ecs:ListAccountSettings');
  const existing = await findSetting(session);
  if (existing !== 'absent') {
    throw new AlreadyExists(role, handler.region, existing);
  }
  const next = { delaySeconds: 0, context: { ...context, checked: true, throttles: 0 } };
  return inProgress({ role, trunking }, next, 'The role has no setting of its own yet.');
}

async function read(role: RoleArn, handler: Caller): Promise<Progress> {
  const session = await assumeRole(handler, role, 'ecs:ListAccountSettings');
  const trunking = await findSetting(session);
  if (trunking === 'absent') {
    throw new NotFound(role, handler.region);
  }
  return success({ role, trunking });
}

async function update({ role, trunking }: Desired, handler: Caller): Promise<Progress> {
  const session = await assumeRole(handler, role, 'ecs:ListAccountSettings', 'ecs:PutAccountSetting');
  if ((await findSetting(session)) === 'absent') {
    throw new NotFound(role, handler.region);
  }
  await putSetting(session, trunking);
  return success({ role, trunking });
}

async function remove(role: RoleArn, handler: Caller): Promise<Progress> {
  const session = await assumeRole(handler, role, 'ecs:ListAccountSettings', 'ecs:DeleteAccountSetting');
  if ((await findSetting(session)) === 'absent') {
    throw new NotFound(role, handler.region);
  }
  await deleteSetting(session);
  return success();
}

async function list(filter: Filter, marker: string | undefined, handler: Caller): Promise<Progress> {
  const { candidates, nextToken } = filter.role
    ? { candidates: [filter.role], nextToken: undefined }
    : await findCandidates(handler, marker);
  const resources = await findSettings(candidates, handler);
  const wanted = filter.trunking;
  return listed(wanted ? resources.filter(({ trunking }) => trunking === wanted) : resources, nextToken);
}

function operate(input: Input, handler: Caller): Promise<Progress> {
  switch (input.action) {
    case 'CREATE':
      return create(input.desired, input.context, handler);
    case 'READ':
      return read(input.role, handler);
    case 'UPDATE':
      return update(input.desired, handler);
    case 'DELETE':
      return remove(input.role, handler);
    case 'LIST':
      return list(input.filter, input.nextToken, handler);
  }
}

/** What CloudFormation invokes. */
export const entrypoint = entrypointOf(operate);

/** What `sam local invoke TestEntrypoint` invokes, with the shorter event of the CLI's own tests. */
export const testEntrypoint = testEntrypointOf(entrypoint);
