import type { AccountState, ApiRequest, Service } from './account-state';
import { authorize, resourceTags } from './authorize';
import { ApiError } from './errors';
import { roleChanges } from './iam-role-changes';
import { integer, optionalString, requiredString } from './parameters';
import type { Role } from './roles';
import type { Output } from './wire';

/** AWS IAM: `GetRole` and `ListRoles` (IAM API reference). */
export const iam: Service = { GetRole: getRole, ListRoles: listRoles, ...roleChanges };

async function getRole(request: ApiRequest, account: AccountState): Promise<Output> {
  const roleName = requiredString(request.parameters, 'RoleName');
  const role = account.roles.get(roleName);
  const resource = role?.arn ?? `arn:${account.partition}:iam::${account.accountId}:role/${roleName}`;
  const context = role ? resourceTags(role) : {};
  await authorize(
    request,
    { action: 'iam:GetRole', resource, context, resourceName: `role ${roleName}` },
    account,
  );
  if (!role) throw new ApiError('NoSuchEntity', `The role with name ${roleName} cannot be found.`, 404);
  const tags = Object.entries(role.tags).map(([Key, Value]) => ({ Key, Value }));
  return { Role: { ...describe(role), Tags: tags, RoleLastUsed: {} } };
}

async function listRoles(request: ApiRequest, account: AccountState): Promise<Output> {
  const { parameters } = request;
  const maxItems = integer(parameters, 'MaxItems', { default: 100, min: 1, max: 1000 });
  const pathPrefix = optionalString(parameters, 'PathPrefix') ?? '/';
  const after = readMarker(optionalString(parameters, 'Marker'));
  const resourceName = `arn:${account.partition}:iam::${account.accountId}:role${pathPrefix}`;
  await authorize(request, { action: 'iam:ListRoles', resourceName }, account);
  const rest = account.roles
    .list()
    .filter((role) => role.path.startsWith(pathPrefix) && role.roleName > after);
  const page = rest.slice(0, maxItems);
  const last = page.at(-1);
  const isTruncated = rest.length > page.length;
  return {
    // Without tags: ListRoles leaves them out.
    Roles: page.map(describe),
    IsTruncated: isTruncated,
    ...(isTruncated && last ? { Marker: markerAfter(last.roleName) } : {}),
  };
}

const MARKER = 'roles after ';

function markerAfter(roleName: string): string {
  return Buffer.from(`${MARKER}${roleName}`).toString('base64');
}

/**
 * The name that a page begins after.
 * @throws ApiError ValidationError for a marker that no page ended with.
 */
function readMarker(marker: string | undefined): string {
  if (marker === undefined) {
    return '';
  }
  const text = Buffer.from(marker, 'base64').toString('utf8');
  const roleName = text.slice(MARKER.length);
  if (markerAfter(roleName) !== marker) {
    throw new ApiError('ValidationError', 'Invalid Marker.');
  }
  return roleName;
}

function describe(role: Role): Record<string, unknown> {
  return {
    Path: role.path,
    RoleName: role.roleName,
    RoleId: role.roleId,
    Arn: role.arn,
    CreateDate: role.createDate,
    AssumeRolePolicyDocument: rfc3986(JSON.stringify(role.assumeRolePolicyDocument)),
    Description: role.description,
    MaxSessionDuration: role.maxSessionDuration,
  };
}

/** IAM URL-encodes policies by RFC 3986, which reserves five characters that encodeURIComponent leaves. */
function rfc3986(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
