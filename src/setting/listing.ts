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

/** Those roles of one page of the account's roles whose trust policy names the handler. @throws ServiceError */
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
    .map(({ arn }) => checkedRole(identity.accountId, arn));
  return { candidates, nextToken: page.nextMarker };
}

/** The ARN of a listed role, parsed as strictly as one in a template: the handler will assume it. @throws ServiceError */
function checkedRole(accountId: string, arn: string): RoleArn {
  const role = toRoleArn(arn);
  if (role?.accountId !== accountId) {
    throw ServiceError.malformedResponse('iam:ListRoles');
  }
  return role;
}

/**
 * The settings of these roles, in the same order. A role that has not opted in, has no setting, or denies the handler is
 * left out. Roles without the tag are not assumed: each denied attempt would stand in the account's CloudTrail.
 *
 * @throws ServiceError for any other error: a role that is left out because of it would seem to have no setting.
 */
export async function findSettings(roles: readonly RoleArn[], handlerRole: Caller): Promise<RoleTrunking[]> {
  const settings = new Map<RoleArn, Trunking>();
  // All loops take from this generator. An error closes it, so that the others end as well.
  const rest = (function* () {
    yield* roles;
  })();
  const readSome = async () => {
    for (const role of rest) {
      const trunking = await findSettingIfAllowed(role, handlerRole);
      if (trunking !== 'absent') {
        settings.set(role, trunking);
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, readSome));
  return roles.flatMap((role) => {
    const trunking = settings.get(role);
    return trunking === undefined ? [] : [{ role, trunking }];
  });
}

async function findSettingIfAllowed(role: RoleArn, handlerRole: Caller): Promise<Trunking | 'absent'> {
  const found = await retryWithin(handlerRole.deadline, () => findRole(handlerRole, role.name), isThrottled);
  if (found?.arn !== role.arn || !found.hasOptInTag) {
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
