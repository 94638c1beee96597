import type { AccountState, ApiRequest, Service } from './account-state';
import { authorize } from './authorize';
import { ApiError } from './errors';
import { integer, optionalString, requiredString } from './parameters';
import type { Output, Parameters } from './wire';

/** Amazon ECS: the account settings of the calling principal (ECS API reference). */
export const ecs: Service = {
  PutAccountSetting: putAccountSetting,
  DeleteAccountSetting: deleteAccountSetting,
  ListAccountSettings: listAccountSettings,
};

/**
 * The settings known here with what the service takes where nobody set them (ECS developer guide,
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

async function putAccountSetting(request: ApiRequest, account: AccountState): Promise<Output> {
  const name = settingName(request.parameters);
  const value = requiredString(request.parameters, 'value', INVALID);
  await authorizeChange(request, account, name);
  if (!VALUES.includes(value)) throw new ApiError(INVALID, `Invalid value for setting ${name}: ${value}`);
  const principalArn = principalOf(request, account);
  account.settings.set(request.region, principalArn, value, name);
  return { setting: { name, value, principalArn, type: 'user' } };
}

async function deleteAccountSetting(request: ApiRequest, account: AccountState): Promise<Output> {
  const name = settingName(request.parameters);
  await authorizeChange(request, account, name);
  const principalArn = principalOf(request, account);
  const { settings } = account;
  const value = settings.get(request.region, principalArn, name);
  if (value === undefined && settings.refusesToDeleteNothing) {
    throw new ApiError(INVALID, `${principalArn} has no setting ${name}`);
  }
  settings.delete(request.region, principalArn, name);
  if (settings.answersWithoutSetting) {
    return {};
  }
  // By default, deleting what is not set succeeds with what is in effect.
  const setting = value === undefined ? effective(request.region, principalArn, name, account) : undefined;
  return { setting: setting ?? { name, value, principalArn, type: 'user' } };
}

async function listAccountSettings(request: ApiRequest, account: AccountState): Promise<Output> {
  const { parameters, region } = request;
  const only = parameters.name === undefined ? undefined : settingName(parameters);
  const value = optionalString(parameters, 'value', INVALID);
  if (value !== undefined && only === undefined) {
    throw new ApiError(INVALID, 'You must specify an account setting name to use this parameter.');
  }
  const pageSize = integer(parameters, 'maxResults', { default: 10, min: 1, max: 10 }, INVALID);
  const nextToken = optionalString(parameters, 'nextToken', INVALID);
  await authorize(request, { action: 'ecs:ListAccountSettings' }, account);
  const principalArn = principalOf(request, account);
  const settings = (only === undefined ? Object.keys(SERVICE_DEFAULTS) : [only]).flatMap((name) => {
    const explicit = account.settings.listed(region, principalArn, name);
    if (explicit !== undefined) return [{ name, value: explicit, principalArn, type: 'user' }];
    return parameters.effectiveSettings === true ? [effective(region, principalArn, name, account)] : [];
  });
  const matching = settings.filter((setting) => value === undefined || setting.value === value);
  const start = nextToken === undefined ? 0 : Number(Buffer.from(nextToken, 'base64').toString());
  if (!Number.isInteger(start) || start < 0) throw new ApiError(INVALID, 'Invalid token');
  const end = start + pageSize;
  return {
    settings: matching.slice(start, end),
    ...(end < matching.length ? { nextToken: Buffer.from(String(end)).toString('base64') } : {}),
  };
}

/** Root's value, else the service's own; both are reported as root's. */
function effective(region: string, principalArn: string, name: string, account: AccountState) {
  const rootArn = `arn:${account.partition}:iam::${account.accountId}:root`;
  const own = account.settings.get(region, principalArn, name);
  if (own !== undefined) return { name, value: own, principalArn, type: 'user' };
  const value = account.settings.get(region, rootArn, name) ?? SERVICE_DEFAULTS[name] ?? 'disabled';
  return { name, value, principalArn: rootArn, type: 'user' };
}

function authorizeChange(request: ApiRequest, account: AccountState, name: string): Promise<void> {
  const context = { 'ecs:account-setting': name };
  return authorize(request, { action: `ecs:${request.operation}`, context }, account);
}

function settingName(parameters: Parameters): string {
  const name = requiredString(parameters, 'name', INVALID);
  if (name in SERVICE_DEFAULTS) return name;
  throw new ApiError(INVALID, `The local account does not know the account setting ${name}`);
}

/** The caller's own principal: only root may name another, and nobody signs in as root here. */
function principalOf({ caller, parameters }: ApiRequest, account: AccountState): string {
  const named = optionalString(parameters, 'principalArn', INVALID);
  if (named === undefined || named === caller.principalArn) return caller.principalArn;
  const root = `arn:${account.partition}:iam::${account.accountId}:root`;
  throw new ApiError(
    'AccessDenied',
    `Only ${root} may name the principal ${named}; the caller is ${caller.arn}`,
    403,
  );
}
