import { ApiError, invalid } from '../../gateway/errors';
import { optionalString, page, requiredString } from '../../gateway/parameters';
import type { AccountWith, ApiRequest, Output, Parameters, Service } from '../../gateway/service';
import model from './model.json';

type EcsAccount = AccountWith<'settings' | 'rootArn'>;

/**
 * The settings that the local account supports, with the service's defaults (ECS developer guide,
 * "ecs-account-settings").
 */
const SERVICE_DEFAULTS: Readonly<Record<string, string>> = {
  serviceLongArnFormat: 'enabled',
  taskLongArnFormat: 'enabled',
  containerInstanceLongArnFormat: 'enabled',
  awsvpcTrunking: 'disabled',
  containerInsights: 'disabled',
};
const VALUES = ['enabled', 'disabled', 'on', 'off'];

/** Amazon ECS: the account settings of the calling principal, and the account defaults (ECS API reference). */
export const ecs: Service<'settings' | 'rootArn'> = {
  name: 'ecs',
  model,
  validationError: 'InvalidParameterException',
  operations: {
    PutAccountSetting: putAccountSetting,
    PutAccountSettingDefault: putAccountSetting,
    DeleteAccountSetting: deleteAccountSetting,
    ListAccountSettings: listAccountSettings,
  },
};

/** The default is root's value, which applies where a principal has none. */
async function putAccountSetting(request: ApiRequest, account: EcsAccount): Promise<Output> {
  const { operation, parameters, region } = request;
  const name = settingName(parameters);
  const value = requiredString(parameters, 'value');
  if (!VALUES.includes(value)) {
    throw invalid(`Invalid value for setting ${name}: ${value}`);
  }
  await authorizeChange(request, account, name);
  const isDefault = operation === 'PutAccountSettingDefault';
  const principalArn = isDefault ? account.rootArn : principalOf(request, account);
  account.settings.set(region, principalArn, name, value);
  return { setting: settingMembers(name, value, principalArn) };
}

async function deleteAccountSetting(request: ApiRequest, account: EcsAccount): Promise<Output> {
  const { settings } = account;
  const { region, parameters } = request;
  const name = settingName(parameters);
  await authorizeChange(request, account, name);
  const principalArn = principalOf(request, account);
  const value = settings.get(region, principalArn, name);
  if (value === undefined && settings.refusesToDeleteNothing) {
    throw invalid(`${principalArn} has no setting ${name}`);
  }
  settings.delete(region, principalArn, name);
  if (settings.answersWithoutSetting) {
    return {};
  }
  // By default, deleting a setting that is not set succeeds and returns the value in effect.
  const inEffect = () => accountDefault(name, settings.get(region, account.rootArn, name), account);
  return { setting: value === undefined ? inEffect() : settingMembers(name, value, principalArn) };
}

async function listAccountSettings(request: ApiRequest, account: EcsAccount): Promise<Output> {
  const { parameters, region } = request;
  const value = optionalString(parameters, 'value');
  if (value !== undefined && parameters.name === undefined) {
    throw invalid('You must specify an account setting name to use this parameter.');
  }
  const names = parameters.name === undefined ? Object.keys(SERVICE_DEFAULTS) : [settingName(parameters)];
  await account.authorize(request, { action: 'ecs:ListAccountSettings' });
  const principalArn = principalOf(request, account);
  const listed = (principal: string, name: string) => account.settings.listed(region, principal, name);
  const settings = names.flatMap((name) => {
    const own = listed(principalArn, name);
    if (own === undefined && parameters.effectiveSettings !== true) {
      return [];
    }
    return own === undefined
      ? accountDefault(name, listed(account.rootArn, name), account)
      : settingMembers(name, own, principalArn);
  });
  const matching = settings.filter((setting) => setting.value === (value ?? setting.value));
  return page(parameters, 'settings', matching, { name: 'maxResults', default: 10 });
}

/** Root's value, or the service's default, which is reported as root's. */
function accountDefault(name: string, root: string | undefined, { rootArn }: EcsAccount) {
  return settingMembers(name, root ?? SERVICE_DEFAULTS[name] ?? 'disabled', rootArn);
}

function settingMembers(name: string, value: string, principalArn: string) {
  return { name, value, principalArn, type: 'user' };
}

function authorizeChange(request: ApiRequest, { authorize }: EcsAccount, name: string): Promise<void> {
  const context = { 'ecs:account-setting': name };
  return authorize(request, { action: `ecs:${request.operation}`, context });
}

function settingName(parameters: Parameters): string {
  const name = requiredString(parameters, 'name');
  if (Object.hasOwn(SERVICE_DEFAULTS, name)) {
    return name;
  }
  throw invalid(`The local account does not support the account setting ${name}`);
}

/** The calling principal: only root can name another, and no caller here is root. */
function principalOf({ caller, parameters }: ApiRequest, { rootArn }: EcsAccount): string {
  const named = optionalString(parameters, 'principalArn') ?? caller.principalArn;
  if (named !== caller.principalArn) {
    const message = `Only ${rootArn} may name the principal ${named}; the caller is ${caller.arn}`;
    throw new ApiError('AccessDenied', message);
  }
  return named;
}
