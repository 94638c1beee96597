import type { Caller } from 'resource-runtime';
import type { RoleArn } from '../role/role-arn';
import { assumeRole } from '../role/role-session';
import { SETTING_NAME } from './account-setting';

/** The ECS actions that a session can allow. */
export type SettingAction = 'ecs:ListAccountSettings' | 'ecs:PutAccountSetting' | 'ecs:DeleteAccountSetting';

/**
 * A session of a role that allows these actions on its own setting, and no others.
 *
 * @returns The role itself as caller.
 * @throws ServiceError
 */
export function openSession(
  handlerRole: Caller,
  role: RoleArn,
  ...actions: [SettingAction, ...SettingAction[]]
): Promise<Caller> {
  return assumeRole(handlerRole, role, { Version: '2012-10-17', Statement: actions.map(statementFor) });
}

/**
 * `ecs:ListAccountSettings` has no condition key; the others are limited to the one setting (service authorization
 * reference, Amazon ECS).
 */
function statementFor(action: SettingAction): object {
  const statement = { Effect: 'Allow', Action: action, Resource: '*' };
  return action === 'ecs:ListAccountSettings'
    ? statement
    : { ...statement, Condition: { StringEquals: { 'ecs:account-setting': SETTING_NAME } } };
}
