import {
  type Caller,
  createEntrypoint,
  createTestEntrypoint,
  inProgress,
  listed,
  nextWait,
  type ProgressEvent,
  type ResourceRequest,
  type ResourceType,
  retryWithin,
  type Steps,
  success,
  waitUntilShown,
} from 'resource-runtime';
import { version } from '../package.json';
import { isWorthRetrying } from './errors/denial';
import { explain } from './errors/explain';
import { AlreadyExists, NotFound, NothingToUpdate, NotStabilized } from './errors/resource-errors';
import { ResourceModel } from './models';
import { type Filter, parseDesired, parseFilter, parseIdentifier } from './properties';
import { type Identifier, type RoleTrunking, toModel } from './resource';
import { accountIdIn } from './role/role-arn';
import { deleteSetting, findSetting, putSetting } from './setting/account-setting';
import { findCandidates, findSettings } from './setting/listing';
import { openSession } from './setting/setting-session';

/** The resource type: the five operations, and how the runtime reads and describes what they are about. */
const roleTrunking: ResourceType<Identifier, RoleTrunking, Filter> = {
  typeName: ResourceModel.TYPE_NAME,
  version,
  operations: { create, read, update, delete: remove, list },
  parse: { desired: parseDesired, identifier: parseIdentifier, filter: parseFilter },
  toModel,
  subjectOf: (target) => (target !== 'nothing' && target.role ? { roleArn: target.role.arn } : {}),
  explain,
};

/** What CloudFormation invokes. */
export const entrypoint = createEntrypoint(roleTrunking);

/**
 * What `sam local invoke TestEntrypoint` invokes, with the shorter event of the CLI's own tests. That event can lack the
 * account ID, which is then the one in RoleArn.
 */
export const testEntrypoint = createTestEntrypoint(entrypoint, ({ RoleArn }) => accountIdIn(RoleArn));

const LIST_SETTINGS = 'ecs:ListAccountSettings';
const PUT_SETTING = 'ecs:PutAccountSetting';
const DELETE_SETTING = 'ecs:DeleteAccountSetting';

/*
 * The five operations. `handlerRole` is the handler role as caller; `session` is the instance role, assumed by the handler
 * role for the named actions only. The operations do not catch errors: the runtime reports them.
 */

/**
 * A create takes two invocations. The first only looks: if the role has no setting, it returns the identifier. The second
 * puts the value. So CloudFormation has the identifier before anything changes, and never that of a setting that
 * somebody else made, which a rollback would delete. An operation without an identifier cannot be in progress, so the
 * first step waits within its invocation. The second step does not look again: a setting that exists by then can be this
 * create's own, made by an invocation whose response was lost. (If it is another principal's, the last put wins.)
 */
async function create(
  resource: RoleTrunking,
  { handlerRole, steps }: ResourceRequest,
): Promise<ProgressEvent> {
  const { role } = resource;
  // An invocation before this one has seen that the role has no setting.
  if (steps.isIdentified) {
    return change(resource, await openSession(handlerRole, role, LIST_SETTINGS, PUT_SETTING), steps);
  }
  const look = async () => findSetting(await openSession(handlerRole, role, LIST_SETTINGS));
  const existing = await retryWithin(handlerRole.deadline, look, (error) =>
    isWorthRetrying(error, role, handlerRole),
  );
  if (existing !== 'absent') {
    throw new AlreadyExists(role.arn, handlerRole.region, existing);
  }
  const model = toModel(resource);
  steps.identify(model);
  const next = { delaySeconds: 0, context: steps.context };
  return inProgress(model, next, 'The role has no explicit setting yet.');
}

async function read({ role }: Identifier, { handlerRole }: ResourceRequest): Promise<ProgressEvent> {
  const trunking = await findSetting(await openSession(handlerRole, role, LIST_SETTINGS));
  if (trunking === 'absent') {
    throw new NotFound(role.arn, handlerRole.region);
  }
  return success(toModel({ role, trunking }));
}

async function update(
  resource: RoleTrunking,
  { handlerRole, steps }: ResourceRequest,
): Promise<ProgressEvent> {
  const { role } = resource;
  const session = await openSession(handlerRole, role, LIST_SETTINGS, PUT_SETTING);
  if (!steps.isWritten && (await findSetting(session)) === 'absent') {
    throw new NothingToUpdate(role.arn, handlerRole.region);
  }
  return change(resource, session, steps);
}

async function remove({ role }: Identifier, { handlerRole, steps }: ResourceRequest): Promise<ProgressEvent> {
  const session = await openSession(handlerRole, role, LIST_SETTINGS, DELETE_SETTING);
  if (!steps.isIdentified) {
    if ((await findSetting(session)) === 'absent') {
      // The handler contract asks for NotFound. ECS's list can lag, so this deletes what is not listed yet.
      await deleteSetting(session);
      throw new NotFound(role.arn, handlerRole.region);
    }
    steps.identify(toModel({ role }));
  }
  if (!steps.isWritten) {
    await deleteSetting(session);
    steps.markWritten();
  }
  return stabilize({ role }, session, steps);
}

async function list(
  filter: Filter,
  { handlerRole, nextToken: marker }: ResourceRequest,
): Promise<ProgressEvent> {
  if (filter === 'nothing') {
    return listed([]);
  }
  const { candidates, nextToken } = filter.role
    ? { candidates: [filter.role], nextToken: undefined }
    : await findCandidates(handlerRole, marker);
  const resources = await findSettings(candidates, handlerRole);
  const wanted = resources.filter(
    ({ trunking }) => filter.trunking === undefined || trunking === filter.trunking,
  );
  return listed(wanted.map(toModel), nextToken);
}

/** Puts the value, unless an earlier invocation has done it. */
async function change(resource: RoleTrunking, session: Caller, steps: Steps): Promise<ProgressEvent> {
  if (!steps.isWritten) {
    await putSetting(session, resource.trunking);
    steps.markWritten();
  }
  return stabilize(resource, session, steps);
}

/**
 * Returns `SUCCESS` when ECS lists the change (handler contract, "stabilization").
 *
 * @param resource Without `trunking`, the change is a delete: its `SUCCESS` has no model.
 */
async function stabilize(
  resource: Identifier & Partial<RoleTrunking>,
  session: Caller,
  steps: Steps,
): Promise<ProgressEvent> {
  const { role, trunking } = resource;
  const isListed = async () => (await findSetting(session)) === (trunking ?? 'absent');
  if (await waitUntilShown(session.deadline, isListed)) {
    return success(trunking && toModel(resource));
  }
  const wait = nextWait(steps.context, 'polls');
  if (!wait) {
    throw new NotStabilized(role.arn, session.region, trunking);
  }
  const message = `ECS does not list the change yet. Looking again in ${wait.delaySeconds} s.`;
  return inProgress(toModel(resource), wait, message);
}
