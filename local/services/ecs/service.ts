import type { Service } from '../../gateway/service';
import {
  deleteAccountSetting,
  type EcsState,
  listAccountSettings,
  putAccountSetting,
  putAccountSettingDefault,
} from './operations';

/** Amazon ECS: the account settings of the calling principal, and the account defaults (ECS API reference). */
export function ecsService(state: EcsState): Service {
  return {
    name: 'ecs',
    actionPrefix: 'ecs',
    operations: {
      PutAccountSetting: (request) => putAccountSetting(request, state),
      PutAccountSettingDefault: (request) => putAccountSettingDefault(request, state),
      DeleteAccountSetting: (request) => deleteAccountSetting(request, state),
      ListAccountSettings: (request) => listAccountSettings(request, state),
    },
  };
}
