import type { AccountIdentity } from '../../account-identity';
import { ApiError } from '../../gateway/errors';
import { integer, optionalString, requiredString } from '../../gateway/parameters';
import type { ApiRequest, Authorize, Output, Parameters } from '../../gateway/service';
import type { Settings } from './store';

/** What the operations of ECS work with. */
export interface EcsState {
  readonly identity: AccountIdentity;
  readonly settings: Settings;
  readonly authorize: Authorize;
}

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
const INVALID = 'InvalidParameterException';

/** `PutAccountSetting` (ECS API reference). */
export async function putAccountSetting(request: ApiRequest, state: EcsState): Promise<Output> {
  const name = settingName(request.parameters);
  const value = settingValue(request.parameters, name);
  await authorizeChange(request, state, name);
  const principalArn = principalOf(request, state);
  state.settings.set(request.region, principalArn, value, name);
  return { setting: { name, value, principalArn, type: 'user' } };
}

/** `PutAccountSettingDefault` (ECS API reference): root's value, which applies where a principal has none. */
export async function putAccountSettingDefault(request: ApiRequest, state: EcsState): Promise<Output> {
  const name = settingName(request.parameters);
  const value = settingValue(request.parameters, name);
  await authorizeChange(request, state, name);
  const principalArn = rootArn(state);
  state.settings.set(request.region, principalArn, value, name);
  return { setting: { name, value, principalArn, type: 'user' } };
}

/** `DeleteAccountSetting` (ECS API reference). */
export async function deleteAccountSetting(request: ApiRequest, state: EcsState): Promise<Output> {
  const name = settingName(request.parameters);
  await authorizeChange(request, state, name);
  const principalArn = principalOf(request, state);
  const { settings } = state;
  const value = settings.get(request.region, principalArn, name);
  if (value === undefined && settings.refusesToDeleteNothing) {
    throw new ApiError(INVALID, `${principalArn} has no setting ${name}`);
  }
  settings.delete(request.region, principalArn, name);
  if (settings.answersWithoutSetting) {
    return {};
  }
  // By default, deleting a setting that is not set succeeds and returns the value in effect.
  const setting = value === undefined ? effective(request.region, principalArn, name, state) : undefined;
  return { setting: setting ?? { name, value, principalArn, type: 'user' } };
}

/** `ListAccountSettings` (ECS API reference). */
export async function listAccountSettings(request: ApiRequest, state: EcsState): Promise<Output> {
  const { parameters, region } = request;
  const only = parameters.name === undefined ? undefined : settingName(parameters);
  const value = optionalString(parameters, 'value', INVALID);
  if (value !== undefined && only === undefined) {
    throw new ApiError(INVALID, 'You must specify an account setting name to use this parameter.');
  }
  const pageSize = integer(parameters, 'maxResults', { default: 10, min: 1, max: 10 }, INVALID);
  const nextToken = optionalString(parameters, 'nextToken', INVALID);
  await state.authorize(request, { action: 'ecs:ListAccountSettings' });
  const principalArn = principalOf(request, state);
  const settings = (only === undefined ? Object.keys(SERVICE_DEFAULTS) : [only]).flatMap((name) => {
    const explicit = state.settings.listed(region, principalArn, name);
    if (explicit !== undefined) {
      return [{ name, value: explicit, principalArn, type: 'user' }];
    }
    return parameters.effectiveSettings === true ? [effective(region, principalArn, name, state)] : [];
  });
  const matching = settings.filter((setting) => value === undefined || setting.value === value);
  const start = nextToken === undefined ? 0 : Number(Buffer.from(nextToken, 'base64').toString());
  if (!Number.isInteger(start) || start < 0) {
    throw new ApiError(INVALID, 'Invalid token');
  }
  const end = start + pageSize;
  return {
    settings: matching.slice(start, end),
    ...(end < matching.length ? { nextToken: Buffer.from(String(end)).toString('base64') } : {}),
  };
}

/** Root's value, or the service's default; both are reported as root's. */
function effective(region: string, principalArn: string, name: string, state: EcsState) {
  const root = rootArn(state);
  const own = state.settings.get(region, principalArn, name);
  if (own !== undefined) {
    return { name, value: own, principalArn, type: 'user' };
  }
  const value = state.settings.get(region, root, name) ?? SERVICE_DEFAULTS[name] ?? 'disabled';
  return { name, value, principalArn: root, type: 'user' };
}

function authorizeChange(request: ApiRequest, state: EcsState, name: string): Promise<void> {
  const context = { 'ecs:account-setting': name };
  return state.authorize(request, { action: `ecs:${request.operation}`, context });
}

function settingName(parameters: Parameters): string {
  const name = requiredString(parameters, 'name', INVALID);
  if (name in SERVICE_DEFAULTS) {
    return name;
  }
  throw new ApiError(INVALID, `The local account does not support the account setting ${name}`);
}

function settingValue(parameters: Parameters, name: string): string {
  const value = requiredString(parameters, 'value', INVALID);
  if (VALUES.includes(value)) {
    return value;
  }
  throw new ApiError(INVALID, `Invalid value for setting ${name}: ${value}`);
}

function rootArn({ identity }: EcsState): string {
  return `arn:${identity.partition}:iam::${identity.accountId}:root`;
}

/** The calling principal: only root can name another, and no caller here is root. */
function principalOf({ caller, parameters }: ApiRequest, state: EcsState): string {
  const named = optionalString(parameters, 'principalArn', INVALID);
  if (named === undefined || named === caller.principalArn) {
    return caller.principalArn;
  }
  const root = rootArn(state);
  throw new ApiError(
    'AccessDenied',
    `Only ${root} may name the principal ${named}; the caller is ${caller.arn}`,
    403,
  );
}
