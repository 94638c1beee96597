import { type Fields, InvalidRequest, isPresent, quote, type RequestScope } from 'resource-runtime';
import { NotUpdatable } from './errors/resource-errors';
import type { Identifier, RoleTrunking, Trunking } from './resource';
import { isServiceLinked, parseRoleArn, type RoleArn } from './role/role-arn';

/** What properties are checked against. */
type Scope = Pick<RequestScope, 'accountId' | 'previousProperties'>;

/** What a listed resource must match: every property that is given; `nothing` if no resource of this type can match. */
export type Filter = Partial<RoleTrunking> | 'nothing';

const PROPERTIES: ReadonlySet<string> = new Set(['RoleArn', 'Trunking']);

/*
 * Properties that the schema does not have are refused in what a template asks for. Read and delete ignore them, and
 * so does the check of an update's previous properties: a newer version of the type can have written them, and a stack
 * must be able to go back to an older version.
 */

/**
 * What create and update are asked for, with defaults.
 *
 * @throws InvalidRequest naming the property that is missing or wrong.
 * @throws NotUpdatable if an update names another role.
 */
export function parseDesired(properties: Fields, request: Scope): RoleTrunking {
  const role = parseRoleArn(properties.get('RoleArn'));
  checkSameRole(role, request.previousProperties);
  refuseUnknown(properties);
  return { role: manageable(role, request), trunking: trunkingIn(properties) ?? 'enabled' };
}

/** The role that read and delete are asked about. @throws InvalidRequest */
export function parseIdentifier(properties: Fields, request: Scope): Identifier {
  return { role: manageable(parseRoleArn(properties.get('RoleArn')), request) };
}

/** The filter of a list. A role that cannot have a setting managed from here matches nothing. @throws InvalidRequest */
export function parseFilter(properties: Fields, { accountId }: Scope): Filter {
  refuseUnknown(properties);
  const value = trunkingIn(properties);
  const trunking = value && { trunking: value };
  if (!isPresent(properties.get('RoleArn'))) {
    return { ...trunking };
  }
  const role = parseRoleArn(properties.get('RoleArn'));
  return role.accountId === accountId && !isServiceLinked(role.arn) ? { role, ...trunking } : 'nothing';
}

/** RoleArn is create-only. @throws NotUpdatable */
function checkSameRole({ arn }: RoleArn, previousProperties: Fields): void {
  const previous = previousProperties.get('RoleArn');
  if (isPresent(previous) && previous !== arn) {
    throw new NotUpdatable(quote(previous), arn);
  }
}

/**
 * A role whose setting can be managed from this account. Roles of other accounts are refused: neither IAM nor list
 * would find them. Only its service can assume a service-linked role.
 *
 * @throws InvalidRequest
 */
function manageable(role: RoleArn, { accountId }: Scope): RoleArn {
  if (role.accountId !== accountId) {
    throw new InvalidRequest(
      `${role.arn} is a role of account ${role.accountId}, but this stack is in ${accountId}. ` +
        'Declare the resource in a stack of the account that the role belongs to.',
    );
  }
  if (isServiceLinked(role.arn)) {
    throw new InvalidRequest(
      `${role.arn} is a service-linked role, which only its service can assume. Use the role of the container instances.`,
    );
  }
  return role;
}

function trunkingIn(properties: Fields): Trunking | undefined {
  // In JSON, a property can also be missing as null.
  const value = properties.get('Trunking') ?? undefined;
  if (value === undefined || value === 'enabled' || value === 'disabled') {
    return value;
  }
  throw new InvalidRequest(`Trunking must be enabled or disabled; it is ${quote(value)}.`);
}

function refuseUnknown(properties: Fields): void {
  const unknown = [...properties.keys()].find((property) => !PROPERTIES.has(property));
  if (unknown !== undefined) {
    throw new InvalidRequest(
      `The properties are RoleArn and Trunking; ${quote(unknown)} is not one of them.`,
    );
  }
}
