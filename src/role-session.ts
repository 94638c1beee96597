import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type Caller, call, clientConfiguration } from './aws';
import { AwsError } from './aws-error';
import type { RoleArn } from './role-arn';

/**
 * The name of every session in which a role's setting is read or made. The policies of examples/roles.yml
 * ask for it: on the role so that no instance can change the setting, on the handler role so that it can
 * have no other session.
 */
export const ROLE_SESSION_NAME = 'EcsRoleTrunking';

/** The ECS actions that a session may be for. */
export type SettingAction = 'ecs:ListAccountSettings' | 'ecs:PutAccountSetting' | 'ecs:DeleteAccountSetting';

/** The shortest session that STS gives, in seconds (API reference, AssumeRole, DurationSeconds). */
const DURATION_SECONDS = 900;

/**
 * Assumes a role for these actions and no others, whatever else the role may do.
 *
 * @returns The role itself as caller, in the same Region and time.
 * @throws AwsError
 */
export async function assumeRole(
  handler: Caller,
  role: RoleArn,
  ...actions: SettingAction[]
): Promise<Caller> {
  const sts = new STSClient(clientConfiguration(handler));
  const command = new AssumeRoleCommand({
    RoleArn: role.arn,
    RoleSessionName: ROLE_SESSION_NAME,
    DurationSeconds: DURATION_SECONDS,
    Policy: JSON.stringify(sessionPolicy(actions)),
  });
  const { Credentials } = await call(handler, 'sts:AssumeRole', (options) => sts.send(command, options));
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken) {
    throw AwsError.malformedAnswer('sts:AssumeRole');
  }
  handler.secrets.add(AccessKeyId, SecretAccessKey, SessionToken);
  return {
    ...handler,
    credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
  };
}

/** Whom `sts:GetCallerIdentity` finds. CloudFormation runs the handlers as a role's session; a tester may be a user. */
export interface Identity {
  readonly accountId: string;
  /** The session's ARN, or the user's. */
  readonly arn: string;
  readonly kind: 'role' | 'user' | 'other';
  /** The role's or the user's name, without a path. */
  readonly name: string;
  /** What `aws:PrincipalArn` is: the role's or the user's ARN with its path. A session's ARN does not have the path. */
  readonly principalArn?: string | undefined;
}

/** Whom the handler runs as. @throws AwsError */
export async function findIdentity(handler: Caller): Promise<Identity> {
  const sts = new STSClient(clientConfiguration(handler));
  const { Arn: arn = '' } = await call(handler, 'sts:GetCallerIdentity', (options) =>
    sts.send(new GetCallerIdentityCommand({}), options),
  );
  const [, , , , accountId, resource = ''] = arn.split(':');
  if (!accountId) {
    throw AwsError.malformedAnswer('sts:GetCallerIdentity');
  }
  const [kind, ...names] = resource.split('/');
  switch (kind) {
    case 'assumed-role':
      return { accountId, arn, kind: 'role', name: names[0] ?? '' };
    case 'user':
      return { accountId, arn, kind: 'user', name: names.at(-1) ?? '', principalArn: arn };
    default:
      return { accountId, arn, kind: 'other', name: resource };
  }
}

/**
 * `ecs:ListAccountSettings` knows no condition key; the others are held to the one setting (service
 * authorization reference, Amazon ECS).
 */
function sessionPolicy(actions: readonly SettingAction[]) {
  return {
    Version: '2012-10-17',
    Statement: actions.map((action) => ({
      Effect: 'Allow',
      Action: action,
      Resource: '*',
      ...(action === 'ecs:ListAccountSettings'
        ? {}
        : { Condition: { StringEquals: { 'ecs:account-setting': 'awsvpcTrunking' } } }),
    })),
  };
}
