/** Whether CloudFormation can run the handlers of a type with the role that is registered, and what the role may do. */
import { nameOf } from '../command-line/shared-options';
import { asObject, type JsonObject } from '../opt-in/documents';
import { conditionsOn, matches, statementsOf, textsOf } from '../opt-in/policy-text';
import { documentOf } from '../opt-in/role';
import { hyphenated } from '../packaging/type-name';
import type { Reader } from './calls';
import type { Finding } from './finding';
import { concerning, readStatements } from './read-policies';
import { getRole, HANDLER_PATH } from './read-roles';

/** What is found; docs/doctor.md has each text as a heading. */
export const HANDLER_ROLE_TEXTS = {
  none: 'The registered version has no handler role',
  absent: 'The handler role does not exist',
  path: 'The handler role is not under the path /ecs-role-trunking/',
  trust: 'The handler role does not trust CloudFormation for this type in this Region',
  permissions: 'The handler role lacks permissions that every operation needs',
} as const;

const SERVICE = 'resources.cloudformation.amazonaws.com';
/** What every operation calls, or the search for the cause of a denial. */
const ACTIONS = ['sts:AssumeRole', 'iam:GetRole', 'iam:ListRoles'];
const REGISTER =
  'Register a version with a handler role that register.yml or roles.yml makes in this Region: docs/rolling-out.md.';
const MAKE_AGAIN =
  'Make it again under another name: docs/troubleshooting.md, "Internal Failure of a stack operation".';
const ALLOW = 'Add the policies that HandlerRole has in examples/roles.yml.';

/**
 * Looks at the registered role: it exists under the path, trusts CloudFormation for this type in this Region, and has the
 * permissions that every operation needs.
 *
 * @param arn The role in the registration.
 * @param typeName Such as `Acme::Ecs::RoleTrunking`.
 * @returns nothing if it could not be read.
 */
export async function judgeHandlerRole(
  reader: Reader,
  arn: string | undefined,
  typeName: string,
): Promise<Finding[]> {
  if (arn === undefined) {
    return [toFix('none', undefined, REGISTER)];
  }
  const answer = await getRole(reader, nameOf(arn));
  if (!answer) {
    return [];
  }
  const { found: role } = answer;
  if (!role) {
    return [toFix('absent', arn, MAKE_AGAIN)];
  }
  if (role.Arn !== arn) {
    return [toFix('absent', `${arn}; the role of this name is ${role.Arn}`, REGISTER)];
  }
  const trusted = trustedSources(documentOf(role.AssumeRolePolicyDocument));
  const [, partition, , , accountId] = arn.split(':');
  // What CloudFormation assumes the role for (user guide, "cross-service-confused-deputy-prevention").
  const source = `arn:${partition}:cloudformation:${reader.region}:${accountId}:type/resource/${hyphenated(typeName)}`;
  const accepts = (pattern: string) => matches(pattern, source) || matches(pattern, `${source}/00000001`);
  const isTrusted = trusted.some((patterns) => patterns.length === 0 || patterns.some(accepts));
  const trusts =
    trusted.length === 0
      ? `does not trust ${SERVICE}`
      : `trusts it for ${trusted.flat().join(', ')}, not for ${source}`;
  const { statements, isComplete } = await readStatements(reader, nameOf(arn));
  const lacking = ACTIONS.filter((action) => concerning(statements, 'Allow', action).length === 0);
  const wrong = [
    ...(arn.includes(`:role${HANDLER_PATH}`) ? [] : [toFix('path', arn, REGISTER)]),
    ...(isTrusted ? [] : [toFix('trust', `${arn} ${trusts}`, REGISTER)]),
    ...(isComplete && lacking.length > 0
      ? [toFix('permissions', `${arn} lacks ${lacking.join(', ')}`, ALLOW)]
      : []),
  ];
  return wrong.length > 0 ? wrong : [{ level: 'fine', subject: 'handler role', text: arn }];
}

function toFix(text: keyof typeof HANDLER_ROLE_TEXTS, reason: string | undefined, remedy: string): Finding {
  return { level: 'must', subject: 'handler role', text: HANDLER_ROLE_TEXTS[text], reason, remedy };
}

/** The patterns of `aws:SourceArn` of each statement that trusts CloudFormation; without a pattern, it trusts it for all. */
function trustedSources(trustPolicy: JsonObject | undefined): string[][] {
  return statementsOf(trustPolicy)
    .filter(
      ({ Effect, Principal }) =>
        Effect === 'Allow' && textsOf(asObject(Principal)?.Service).includes(SERVICE),
    )
    .map((statement) => conditionsOn(statement, 'aws:sourcearn').flatMap(({ values }) => values));
}
