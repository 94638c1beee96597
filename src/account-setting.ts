import {
  DeleteAccountSettingCommand,
  ECSClient,
  ListAccountSettingsCommand,
  PutAccountSettingCommand,
} from '@aws-sdk/client-ecs';
import { type Caller, call, clientConfiguration } from './aws';
import { AwsError } from './aws-error';

/** The value of a role's own `awsvpcTrunking` setting. */
export type Trunking = 'enabled' | 'disabled';

const NAME = 'awsvpcTrunking';

/** ECS also takes and returns `on` and `off` (API reference, PutAccountSetting). */
const TRUNKING = new Map<string | undefined, Trunking>([
  ['enabled', 'enabled'],
  ['on', 'enabled'],
  ['disabled', 'disabled'],
  ['off', 'disabled'],
]);

/*
 * All three name no principal: ECS then takes the caller, which is the role itself. Naming another principal
 * takes the root user (API reference, principalArn).
 */

/**
 * The setting that the role has of its own in the Region. One inherited from the account default is `absent`:
 * without `effectiveSettings`, ECS lists explicit settings only.
 *
 * @throws AwsError
 */
export async function findSetting(role: Caller): Promise<Trunking | 'absent'> {
  const ecs = new ECSClient(clientConfiguration(role));
  const command = new ListAccountSettingsCommand({ name: NAME, effectiveSettings: false });
  const { settings } = await call(role, 'ecs:ListAccountSettings', (options) => ecs.send(command, options));
  if (!settings?.every((it) => typeof it?.name === 'string')) {
    throw AwsError.malformedAnswer('ecs:ListAccountSettings');
  }
  const setting = settings.find(({ name }) => name === NAME);
  if (!setting) {
    return 'absent';
  }
  const trunking = TRUNKING.get(setting.value);
  if (!trunking) {
    throw AwsError.malformedAnswer('ecs:ListAccountSettings');
  }
  return trunking;
}

/** Makes the setting, or replaces its value. @throws AwsError */
export async function putSetting(role: Caller, value: Trunking): Promise<void> {
  const ecs = new ECSClient(clientConfiguration(role));
  const command = new PutAccountSettingCommand({ name: NAME, value });
  const { setting } = await call(role, 'ecs:PutAccountSetting', (options) => ecs.send(command, options));
  if (TRUNKING.get(setting?.value) !== value) {
    throw AwsError.malformedAnswer('ecs:PutAccountSetting');
  }
}

/**
 * Removes the setting, so that the account default applies to the role. The answer's `setting` is optional (API
 * reference, DeleteAccountSetting) and is not read.
 *
 * @throws AwsError
 */
export async function deleteSetting(role: Caller): Promise<void> {
  const ecs = new ECSClient(clientConfiguration(role));
  const command = new DeleteAccountSettingCommand({ name: NAME });
  await call(role, 'ecs:DeleteAccountSetting', (options) => ecs.send(command, options));
}

/**
 * As {@link deleteSetting}, where ECS lists no setting: its lists may be late. How ECS answers where there is
 * nothing to remove is not documented, so a refusal is an answer too.
 *
 * @throws AwsError
 */
export async function deleteUnlistedSetting(role: Caller): Promise<void> {
  try {
    await deleteSetting(role);
  } catch (error) {
    if (!(error instanceof AwsError) || error.kind !== 'invalid-parameter') {
      throw error;
    }
  }
}
