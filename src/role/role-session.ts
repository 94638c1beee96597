import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { type Caller, call, clientConfiguration, parseCredentials, ServiceError } from 'resource-runtime';
import type { RoleArn } from './role-arn';

/**
 * The name of every session in which a role's setting is read or changed. examples/roles.yml requires it twice. The
 * instance role allows the ECS actions in sessions of this name alone, so that no instance can change the setting. The
 * handler role may assume roles under this name alone.
 */
export const ROLE_SESSION_NAME = 'EcsRoleTrunking';

/** The shortest session that STS gives, in seconds (API reference, AssumeRole, DurationSeconds). */
const DURATION_SECONDS = 900;

/**
 * Assumes a role for what the session policy allows, whatever else the role may do.
 *
 * @param sessionPolicy A policy document.
 * @returns The role itself as caller, in the same Region and with the same deadline.
 * @throws ServiceError
 */
export async function assumeRole(handlerRole: Caller, role: RoleArn, sessionPolicy: object): Promise<Caller> {
  const sts = new STSClient(clientConfiguration(handlerRole));
  const command = new AssumeRoleCommand({
    RoleArn: role.arn,
    RoleSessionName: ROLE_SESSION_NAME,
    DurationSeconds: DURATION_SECONDS,
    Policy: JSON.stringify(sessionPolicy),
  });
  const { Credentials } = await call(handlerRole, 'sts:AssumeRole', (options) => sts.send(command, options));
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials ?? {};
  handlerRole.secrets.add(AccessKeyId, SecretAccessKey, SessionToken);
  const credentials = parseCredentials({
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
  });
  if (!credentials) {
    throw ServiceError.malformedResponse('sts:AssumeRole');
  }
  return { ...handlerRole, credentials };
}
