import { type Caller, retryWithin, ServiceError } from 'resource-runtime';
import type { RoleTrunking, Trunking } from '../resource';
import { findCallerIdentity } from '../role/caller-identity';
import { isServiceLinked, type RoleArn, toRoleArn } from '../role/role-arn';
import { findRole, listRoles } from '../role/roles';
import { namesCaller } from '../role/trust-policy';
import { findSetting } from './account-setting';
import { openSession } from './setting-session';

/** How many roles are read at the same time: a page takes seconds, at a low rate of calls. */
const CONCURRENCY = 8;

/** A page of the account's roles, without those whose trust policy does not name the handler. @throws ServiceError */
export async function findCandidates(
  handlerRole: Caller,
  marker: string | undefined,
): Promise<{ candidates: RoleArn[]; nextToken: string | undefined }> {
  const [identity, page] = await Promise.all([
    findCallerIdentity(handlerRole),
    listRoles(handlerRole, marker),
  ]);
  const candidates = page.roles
    .filter(({ arn, trustPolicy }) => !isServiceLinked(arn) && namesCaller(trustPolicy, identity))
    .map(({ arn }) => roleIn(identity.accountId, arn));
  return { candidates, nextToken: page.nextMarker };
}

/** A listed role. The handler assumes it, so its ARN is checked as one in a request is. @throws ServiceError */
function roleIn(accountId: string, arn: string): RoleArn {
  const role = toRoleArn(arn);
  if (role?.accountId !== accountId) {
    throw ServiceError.malformedResponse('iam:ListRoles');
  }
  return role;
}

/**
 * The settings of these roles, in the same order. A role that has not opted in, has no setting, or denies the handler is
 * left out. Only a role with the tag is assumed: the denied attempts would stand in the account's CloudTrail.
 *
 * @throws ServiceError for any other error: a role that is left out because of it would seem to have no setting.
 */
export async function findSettings(roles: readonly RoleArn[], handlerRole: Caller): Promise<RoleTrunking[]> {
  const found: RoleTrunking[][] = roles.map(() => []);
  const rest = [...roles.entries()].reverse();
  const readRest = async () => {
    for (let next = rest.pop(); next; next = rest.pop()) {
      const [index, role] = next;
      const trunking = await findSettingIfAllowed(role, handlerRole);
      found[index] = trunking === 'absent' ? [] : [{ role, trunking }];
    }
  };
  try {
    await Promise.all(Array.from({ length: CONCURRENCY }, readRest));
  } finally {
    // After a failure, the other workers stop.
    rest.length = 0;
  }
  return found.flat();
}

async function findSettingIfAllowed(role: RoleArn, handlerRole: Caller): Promise<Trunking | 'absent'> {
  const found = await retryWithin(handlerRole.deadline, () => findRole(handlerRole, role.name), isThrottled);
  if (found?.arn !== role.arn || !found.isManaged) {
    return 'absent';
  }
  try {
    return await findSetting(await openSession(handlerRole, role, 'ecs:ListAccountSettings'));
  } catch (error) {
    if (error instanceof ServiceError && error.kind === 'denied') {
      return 'absent';
    }
    throw error;
  }
}

/** IAM throttles more calls than a page of candidates has. Any other failure of a list is reported at once. */
function isThrottled({ kind }: ServiceError): boolean {
  return kind === 'throttled';
}
