import {
  DeleteAccountSettingCommand,
  ECSClient,
  ListAccountSettingsCommand,
  PutAccountSettingCommand,
} from '@aws-sdk/client-ecs';
import { type Caller, call, clientConfiguration, ServiceError } from 'resource-runtime';
import type { Trunking } from '../resource';

/** The account setting that this resource type manages. */
export const SETTING_NAME = 'awsvpcTrunking';

/** ECS also takes and returns `on` and `off` (API reference, PutAccountSetting). */
const TRUNKING = new Map<string | undefined, Trunking>([
  ['enabled', 'enabled'],
  ['on', 'enabled'],
  ['disabled', 'disabled'],
  ['off', 'disabled'],
]);

/*
 * `session` is the role itself as caller. No call names a principal: ECS then uses the caller. Only the root user can
 * name another principal (API reference, principalArn).
 */

/**
 * The role's explicit setting in the Region. A value that the role inherits from the account default is `absent`:
 * without `effectiveSettings`, ECS lists explicit settings only.
 *
 * @throws ServiceError
 */
export async function findSetting(session: Caller): Promise<Trunking | 'absent'> {
  const ecs = new ECSClient(clientConfiguration(session));
  const command = new ListAccountSettingsCommand({ name: SETTING_NAME, effectiveSettings: false });
  const { settings } = await call(session, 'ecs:ListAccountSettings', (options) =>
    ecs.send(command, options),
  );
  if (!Array.isArray(settings) || !settings.every((it) => typeof it?.name === 'string')) {
    throw ServiceError.malformedResponse('ecs:ListAccountSettings');
  }
  const setting = settings.find(({ name }) => name === SETTING_NAME);
  if (!setting) {
    return 'absent';
  }
  const trunking = TRUNKING.get(setting.value);
  if (!trunking) {
    throw ServiceError.malformedResponse('ecs:ListAccountSettings');
  }
  return trunking;
}

/** Creates the setting, or replaces its value. @throws ServiceError */
export async function putSetting(session: Caller, value: Trunking): Promise<void> {
  const ecs = new ECSClient(clientConfiguration(session));
  const command = new PutAccountSettingCommand({ name: SETTING_NAME, value });
  const { setting } = await call(session, 'ecs:PutAccountSetting', (options) => ecs.send(command, options));
  if (TRUNKING.get(setting?.value) !== value) {
    throw ServiceError.malformedResponse('ecs:PutAccountSetting');
  }
}

/**
 * Removes the setting, so that the account default applies to the role. The `setting` in the response is optional (API
 * reference, DeleteAccountSetting) and is not read. How ECS responds if there is nothing to delete is not documented, so
 * `InvalidParameterException` is accepted too: an earlier attempt whose response was lost can have removed the setting.
 * Only a list shows that it is gone.
 *
 * @throws ServiceError
 */
export async function deleteSetting(session: Caller): Promise<void> {
  const ecs = new ECSClient(clientConfiguration(session));
  const command = new DeleteAccountSettingCommand({ name: SETTING_NAME });
  try {
    await call(session, 'ecs:DeleteAccountSetting', (options) => ecs.send(command, options));
  } catch (error) {
    if (!(error instanceof ServiceError) || error.kind !== 'invalid-parameter') {
      throw error;
    }
  }
}
