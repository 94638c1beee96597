import {
  deleteSetting,
  deleteUnlistedSetting,
  findSetting,
  putSetting,
  type Trunking,
} from './account-setting';
import type { Caller } from './aws';
import { type Journal, waitForList } from './callback-context';
import { entrypointOf } from './entrypoint';
import { AlreadyExists, NotFound, NotStabilized } from './errors';
import { findCandidates, findSettings } from './listing';
import { isListed, patiently } from './patience';
import { inProgress, listed, type Progress, type RoleTrunking, success } from './progress';
import type { Desired, Filter, Input } from './request';
import type { RoleArn } from './role-arn';
import { assumeRole } from './role-session';
import { testEntrypointOf } from './test-entrypoint';

const LIST = 'ecs:ListAccountSettings';
const PUT = 'ecs:PutAccountSetting';
const DELETE = 'ecs:DeleteAccountSetting';

/*
 * The five operations. `handler` is the handler role as caller; `session` is the instance role, assumed by the
 * handler role for the named actions only. They do not catch: failures.ts turns what is thrown into an answer.
 */

/**
 * Two steps, so that CloudFormation has the identifier before anything changes, and only of a setting that
 * create itself makes: what it was given an identifier of, it deletes in a rollback. The first step therefore
 * waits within its invocation. The second one does not look again: a setting that exists by then can be this
 * create's own, made by an invocation whose answer was lost. (Or another's since: then the last put wins.)
 */
async function create({ role, trunking }: Desired, journal: Journal, handler: Caller): Promise<Progress> {
  if (journal.context.checked) {
    return change({ role, trunking }, journal, await assumeRole(handler, role, LIST, PUT));
  }
  const existing = await patiently(handler, async () => findSetting(await assumeRole(handler, role, LIST)));
  if (existing !== 'absent') {
    throw new AlreadyExists(role.arn, handler.region, existing);
  }
  journal.note({ checked: true });
  const next = { delaySeconds: 0, context: journal.context };
  return inProgress({ role, trunking }, next, 'The role has no explicit setting yet.');
}

async function read(role: RoleArn, handler: Caller): Promise<Progress> {
  const trunking = await findSetting(await assumeRole(handler, role, LIST));
  if (trunking === 'absent') {
    throw new NotFound(role.arn, handler.region);
  }
  return success({ role, trunking });
}

async function update({ role, trunking }: Desired, journal: Journal, handler: Caller): Promise<Progress> {
  const session = await assumeRole(handler, role, LIST, PUT);
  if (!journal.context.written && (await findSetting(session)) === 'absent') {
    throw new NotFound(role.arn, handler.region);
  }
  return change({ role, trunking }, journal, session);
}

/** An empty list is not trusted, since it may be late: the delete is made all the same. */
async function remove(role: RoleArn, journal: Journal, handler: Caller): Promise<Progress> {
  const session = await assumeRole(handler, role, LIST, DELETE);
  if (!journal.context.checked) {
    if ((await findSetting(session)) === 'absent') {
      await deleteUnlistedSetting(session);
      throw new NotFound(role.arn, handler.region);
    }
    journal.note({ checked: true });
  }
  if (!journal.context.written) {
    await deleteSetting(session);
    journal.note({ written: true });
  }
  return stabilize({ role }, 'absent', journal, session);
}

/** Puts the value, unless an invocation before this one did. */
async function change({ role, trunking }: Desired, journal: Journal, session: Caller): Promise<Progress> {
  if (!journal.context.written) {
    await putSetting(session, trunking);
    journal.note({ written: true });
  }
  return stabilize({ role, trunking }, trunking, journal, session);
}

/** Answers `SUCCESS` once ECS lists the change (handler contract, "stabilization"). */
async function stabilize(
  resource: RoleTrunking,
  value: Trunking | 'absent',
  journal: Journal,
  session: Caller,
): Promise<Progress> {
  if (await isListed(session, value)) {
    return success(value === 'absent' ? undefined : resource);
  }
  const wait = waitForList(journal.context);
  if (!wait) {
    throw new NotStabilized(resource.role.arn, session.region, value);
  }
  return inProgress(
    resource,
    wait,
    `ECS does not list the change yet; looking again in ${wait.delaySeconds} s.`,
  );
}

async function list(
  filter: Filter | 'nothing',
  marker: string | undefined,
  handler: Caller,
): Promise<Progress> {
  if (filter === 'nothing') {
    return listed([], undefined);
  }
  const { candidates, nextToken } = filter.role
    ? { candidates: [filter.role], nextToken: undefined }
    : await findCandidates(handler, marker);
  const resources = await findSettings(candidates, handler);
  const wanted = filter.trunking;
  return listed(wanted ? resources.filter(({ trunking }) => trunking === wanted) : resources, nextToken);
}

function operate(input: Input, journal: Journal, handler: Caller): Promise<Progress> {
  switch (input.action) {
    case 'CREATE':
      return create(input.desired, journal, handler);
    case 'READ':
      return read(input.role, handler);
    case 'UPDATE':
      return update(input.desired, journal, handler);
    case 'DELETE':
      return remove(input.role, journal, handler);
    case 'LIST':
      return list(input.filter, input.nextToken, handler);
  }
}

/** What CloudFormation invokes. */
export const entrypoint = entrypointOf(operate);

/** What `sam local invoke TestEntrypoint` invokes, with the shorter event of the CLI's own tests. */
export const testEntrypoint = testEntrypointOf(entrypoint);
