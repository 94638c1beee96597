import { findSetting } from './account-setting';
import type { Caller } from './aws';
import { AwsError } from './aws-error';
import type { RoleTrunking } from './progress';
import { isServiceLinked, parseRoleArn, type RoleArn } from './role-arn';
import { assumeRole, findIdentity } from './role-session';
import { listRoles } from './roles';
import { mayLetIn } from './trust-policy';

/** How many roles are read at a time: a page of them takes seconds, and ECS is not flooded. */
const CONCURRENCY = 8;

/** A page of the account's roles, less those whose trust policy cannot let the handler in. @throws AwsError */
export async function findCandidates(
  handler: Caller,
  marker: string | undefined,
): Promise<{ candidates: RoleArn[]; nextToken: string | undefined }> {
  const [identity, { roles, nextMarker }] = await Promise.all([
    findIdentity(handler),
    listRoles(handler, marker),
  ]);
  const candidates = roles
    .filter(({ arn, trustPolicy }) => !isServiceLinked(arn) && mayLetIn(trustPolicy, identity))
    .map(({ arn }) => parseRoleArn(arn));
  return { candidates, nextToken: nextMarker };
}

/**
 * The settings of these roles, in their order. A role without one, or that does not let the handler in, is
 * left out.
 *
 * @throws AwsError for anything else: a role left out for want of an answer would seem to have no setting.
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
    // After a failure the others need not go on.
    rest.length = 0;
  }
  return found.flat();
}

async function findSettingIfAllowed(role: RoleArn, handler: Caller) {
  try {
    return await findSetting(await assumeRole(handler, role, 'ecs:ListAccountSettings'));
  } catch (error) {
    if (error instanceof AwsError && error.kind === 'denied') {
      return 'absent';
    }
    throw error;
  }
}
