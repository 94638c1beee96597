import { ApiError } from '../../gateway/errors';
import { integer, optionalString, requiredString } from '../../gateway/parameters';
import type { ApiRequest, Operation, Output } from '../../gateway/service';
import { inlinePolicy, type Role } from './roles';
import { type IamState, onRole } from './state';

/** IAM's operations that read roles (IAM API reference). */
export function roleReads(state: IamState): Record<string, Operation> {
  return {
    GetRole: onRole(state, (role) => ({
      Role: { ...describeRole(role), Tags: tagsOf(role), RoleLastUsed: {} },
    })),
    ListRoles: (request) => listRoles(request, state),
    ListRoleTags: onRole(state, (role) => ({ Tags: tagsOf(role), IsTruncated: false })),
    GetRolePolicy: onRole(state, (role, { parameters }) => {
      const { name, document } = inlinePolicy(role, requiredString(parameters, 'PolicyName'));
      return { RoleName: role.roleName, PolicyName: name, PolicyDocument: urlEncoded(document) };
    }),
    ListRolePolicies: onRole(state, ({ inlinePolicies }) => ({
      PolicyNames: inlinePolicies.map(({ name }) => name),
      IsTruncated: false,
    })),
    ListAttachedRolePolicies: onRole(state, ({ managedPolicyArns }) => ({
      AttachedPolicies: managedPolicyArns.map((PolicyArn) => ({
        PolicyName: PolicyArn.slice(PolicyArn.lastIndexOf('/') + 1),
        PolicyArn,
      })),
      IsTruncated: false,
    })),
  };
}

async function listRoles(request: ApiRequest, { identity, roles, authorize }: IamState): Promise<Output> {
  const { parameters } = request;
  const maxItems = integer(parameters, 'MaxItems', { default: 100, min: 1, max: 1000 });
  const pathPrefix = optionalString(parameters, 'PathPrefix') ?? '/';
  const after = readMarker(optionalString(parameters, 'Marker'));
  const resourceName = `arn:${identity.partition}:iam::${identity.accountId}:role${pathPrefix}`;
  await authorize(request, { action: 'iam:ListRoles', resourceName });
  const rest = roles.list().filter((role) => role.path.startsWith(pathPrefix) && role.roleName > after);
  const page = rest.slice(0, maxItems);
  const last = page.at(-1);
  const isTruncated = rest.length > page.length;
  return {
    // ListRoles leaves tags out.
    Roles: page.map(describeRole),
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

/** A role as IAM returns it, without its tags. */
export function describeRole(role: Role): Record<string, unknown> {
  return {
    Path: role.path,
    RoleName: role.roleName,
    RoleId: role.roleId,
    Arn: role.arn,
    CreateDate: role.createDate,
    AssumeRolePolicyDocument: urlEncoded(role.assumeRolePolicyDocument),
    Description: role.description,
    MaxSessionDuration: role.maxSessionDuration,
  };
}

function tagsOf({ tags }: Role): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** IAM URL-encodes policies by RFC 3986, which reserves five characters that encodeURIComponent leaves. */
function urlEncoded(document: object): string {
  return encodeURIComponent(JSON.stringify(document)).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
