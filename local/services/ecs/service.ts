import type { Service } from '../../gateway/service';
import { deleteAccountSetting, type EcsState, listAccountSettings, putAccountSetting } from './operations';

/** Amazon ECS: the account settings of the calling principal (ECS API reference). */
export function ecsService(state: EcsState): Service {
  return {
    name: 'ecs',
    actionPrefix: 'ecs',
    operations: {
      PutAccountSetting: (request) => putAccountSetting(request, state),
      DeleteAccountSetting: (request) => deleteAccountSetting(request, state),
      ListAccountSettings: (request) => listAccountSettings(request, state),
    },
  };
}
