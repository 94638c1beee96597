import { AwsError, type Caller } from 'resource-runtime';
import type { RoleTrunking } from '../resource';
import { type CallerIdentity, findCallerIdentity } from '../role/caller-identity';
import { isServiceLinked, type RoleArn, toRoleArn } from '../role/role-arn';
import { findRoleArn, listRoles } from '../role/roles';
import { couldTrust, dependsOnPrincipalArn } from '../role/trust-policy';
import { findSetting } from './account-setting';
import { openSession } from './setting-session';

/** How many roles are read at the same time: a page takes seconds, at a low rate of calls. */
const CONCURRENCY = 8;

/** A page of the account's roles, without those whose trust policy does not trust the handler. @throws AwsError */
export async function findCandidates(
  handler: Caller,
  marker: string | undefined,
): Promise<{ candidates: RoleArn[]; nextToken: string | undefined }> {
  const [identity, page] = await Promise.all([findCallerIdentity(handler), listRoles(handler, marker)]);
  const possible = page.roles.filter(
    ({ arn, trustPolicy }) => !isServiceLinked(arn) && couldTrust(trustPolicy, identity),
  );
  const known = possible.some(({ trustPolicy }) => dependsOnPrincipalArn(trustPolicy))
    ? await withPrincipalArn(handler, identity)
    : identity;
  const candidates = possible
    .filter(({ trustPolicy }) => couldTrust(trustPolicy, known))
    .map(({ arn }) => roleIn(identity.accountId, arn));
  return { candidates, nextToken: page.nextMarker };
}

/** A listed role. The handler assumes it, so its ARN is checked as one in a request is. @throws AwsError */
function roleIn(accountId: string, arn: string): RoleArn {
  const role = toRoleArn(arn);
  if (role?.accountId !== accountId) {
    throw AwsError.malformedResponse('iam:ListRoles');
  }
  return role;
}

/** The identity with its role's ARN. If IAM does not return it, the handler tries to assume a few more roles. */
async function withPrincipalArn(handler: Caller, identity: CallerIdentity): Promise<CallerIdentity> {
  if (identity.kind !== 'role') {
    return identity;
  }
  try {
    return { ...identity, principalArn: await findRoleArn(handler, identity.name) };
  } catch (error) {
    if (error instanceof AwsError) {
      return identity;
    }
    throw error;
  }
}

/**
 * The settings of these roles, in the same order. A role that has no setting, or that denies the handler, is left out.
 *
 * @throws AwsError for any other error: a role that is left out because of it would seem to have no setting.
 */
export async function findSettings(roles: readonly RoleArn[], handler: Caller): Promise<RoleTrunking[]> {
  const found: RoleTrunking[][] = roles.map(() => []);
  const rest = [...roles.entries()].reverse();
  const readRest = async () => {
    for (let next = rest.pop(); next; next = rest.pop()) {
      const [index, role] = next;
      const trunking = await findSettingIfAllowed(role, handler);
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

async function findSettingIfAllowed(role: RoleArn, handler: Caller) {
  try {
    return await findSetting(await openSession(handler, role, 'ecs:ListAccountSettings'));
  } catch (error) {
    if (error instanceof AwsError && error.kind === 'denied') {
      return 'absent';
    }
    throw error;
  }
}
