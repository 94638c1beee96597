import { findSetting } from './account-setting';
import type { Caller } from './aws';
import { AwsError } from './aws-error';
import type { RoleTrunking } from './progress';
import { parseRoleArn, type RoleArn } from './role-arn';
import { assumeRole, findHandlerRole } from './role-session';
import { listRoles } from './roles';
import { mayLetIn } from './trust-policy';

/** How many roles are read at a time: a page of them takes seconds, and ECS is not flooded. */
const CONCURRENCY = 8;

const SERVICE_LINKED = ':role/aws-service-role/';

/** A page of the account's roles, less those whose trust policy cannot let the handler in. @throws AwsError */
export async function findCandidates(
  handler: Caller,
  marker: string | undefined,
): Promise<{ candidates: RoleArn[]; nextToken: string | undefined }> {
  const [handlerRole, { roles, nextMarker }] = await Promise.all([
    findHandlerRole(handler),
    listRoles(handler, marker),
  ]);
  const candidates = roles
    .filter(
      ({ arn, trustPolicy }) =>
        !arn.includes(SERVICE_LINKED) && handlerRole && mayLetIn(trustPolicy, handlerRole),
    )
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
  const rest = roles.entries();
  const readRest = async () => {
    for (const [index, role] of rest) {
      const trunking = await findSettingIfAllowed(role, handler);
      found[index] = trunking === 'absent' ? [] : [{ role, trunking }];
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, readRest));
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
