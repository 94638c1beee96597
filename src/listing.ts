import { findSetting } from './account-setting';
import type { Caller } from './aws';
import { AwsError } from './aws-error';
import type { RoleTrunking } from './progress';
import { isServiceLinked, parseRoleArn, type RoleArn } from './role-arn';
import { assumeRole, findIdentity, type Identity } from './role-session';
import { findRoleArn, listRoles } from './roles';
import { couldTrust, dependsOnPrincipalArn } from './trust-policy';

/** How many roles are read at a time: a page of them takes seconds, and ECS is not flooded. */
const CONCURRENCY = 8;

/** A page of the account's roles, less those whose trust policy cannot let the handler assume them. @throws AwsError */
export async function findCandidates(
  handler: Caller,
  marker: string | undefined,
): Promise<{ candidates: RoleArn[]; nextToken: string | undefined }> {
  const [identity, { roles, nextMarker }] = await Promise.all([
    findIdentity(handler),
    listRoles(handler, marker),
  ]);
  const possible = roles.filter(
    ({ arn, trustPolicy }) => !isServiceLinked(arn) && couldTrust(trustPolicy, identity),
  );
  const known = possible.some(({ trustPolicy }) => dependsOnPrincipalArn(trustPolicy))
    ? await withPrincipalArn(handler, identity)
    : identity;
  const candidates = possible
    .filter(({ trustPolicy }) => couldTrust(trustPolicy, known))
    .map(({ arn }) => parseRoleArn(arn));
  return { candidates, nextToken: nextMarker };
}

/** The identity with its role's ARN. Where IAM does not say, STS is asked about a few roles more. */
async function withPrincipalArn(handler: Caller, identity: Identity): Promise<Identity> {
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
 * The settings of these roles, in their order. A role without one, or that denies the handler, is left out.
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
