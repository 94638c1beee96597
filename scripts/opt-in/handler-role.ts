/** Whether CloudFormation can run the handlers of a type with the role that is registered, and what the role may do. */
import type { IAMClient } from '@aws-sdk/client-iam';
import { type Finding, unreadable } from '../doctor/finding';
import { asObject, type JsonObject } from './documents';
import { concerning, readStatements } from './identity-policies';
import type { RoleState } from './plan';
import { matches, statementsOf, textsOf } from './policy-text';
import { readRole } from './role';

/** A type in a Region. */
export interface RegisteredType {
  /** `Acme::Ecs::RoleTrunking`. */
  readonly typeName: string;
  readonly region: string;
}

/** Instance roles trust handler roles under this path; see SECURITY.md. */
const PATH = '/ecs-role-trunking/';
const SERVICE = 'resources.cloudformation.amazonaws.com';
const DEPLOY = 'Deploy examples/register.yml (or roles.yml) of your staged copy in this Region again.';

/**
 * Looks at the registered role: it exists under the path, trusts CloudFormation for this type in this Region, and has the
 * permissions that every operation needs.
 *
 * @param arn The role in the registration.
 */
export async function judgeHandlerRole(
  iam: IAMClient,
  arn: string | undefined,
  type: RegisteredType,
): Promise<Finding[]> {
  const must = (text: string, remedy = DEPLOY): Finding => ({
    level: 'must',
    subject: 'handler role',
    text,
    remedy,
  });
  if (arn === undefined) {
    const remedy = 'Register a version with --role-arn, the output HandlerRoleArn of examples/roles.yml.';
    return [must('none: the handlers answer every request with an error', remedy)];
  }
  const name = arn.split('/').at(-1) ?? arn;
  try {
    const role = await readRole(iam, name);
    if (role.arn !== arn) {
      return [must(`${arn} does not exist; the role of this name is ${role.arn}`, register(role.arn))];
    }
    const policies = await readStatements(iam, name);
    const missing = ['sts:AssumeRole', 'iam:GetRole', 'iam:ListRoles'].filter(
      (action) => concerning(policies, 'Allow', action).length === 0,
    );
    const wrong = [
      ...(arn.includes(`:role${PATH}`)
        ? []
        : [must(`${arn} is not under the path ${PATH}, so opted-in roles do not trust it`)]),
      ...trustProblems(role, type).map((problem) => must(`${arn} ${problem}`)),
      ...(missing.length === 0 ? [] : [must(`${arn} has no policy that allows ${missing.join(', ')}`)]),
    ];
    return wrong.length > 0 ? wrong : [{ level: 'fine', subject: 'handler role', text: arn }];
  } catch (error) {
    return error instanceof Error && error.name === 'NoSuchEntityException'
      ? [must(`${arn} does not exist, so every operation fails`)]
      : [unreadable('handler role', 'iam:GetRole and iam:List* on it', error)];
  }
}

function register(arn: string): string {
  return `Register a version with --role-arn ${arn}.`;
}

/** Why CloudFormation cannot assume the role for the type; empty if it can, as far as statements tell. */
function trustProblems(role: RoleState, { typeName, region }: RegisteredType): string[] {
  const statements = statementsOf(role.trustPolicy).filter(
    ({ Effect, Principal }) => Effect === 'Allow' && textsOf(asObject(Principal)?.Service).includes(SERVICE),
  );
  if (statements.length === 0) {
    return [`does not trust ${SERVICE}`];
  }
  const [, partition = '', , , accountId = ''] = role.arn.split(':');
  const name = typeName.replaceAll('::', '-');
  const source = `arn:${partition}:cloudformation:${region}:${accountId}:type/resource/${name}`;
  const sources = statements.map((statement) => sourcesOf(statement));
  const isTrusted = sources.some(
    (patterns) =>
      patterns.length === 0 ||
      patterns.some((it) => matches(it, source) || matches(it, `${source}/00000001`)),
  );
  return isTrusted ? [] : [`trusts CloudFormation only for ${sources.flat().join(', ')}, not for ${source}`];
}

/** The patterns of `aws:SourceArn` in a statement's conditions. */
function sourcesOf({ Condition }: JsonObject): string[] {
  return Object.values(asObject(Condition) ?? {}).flatMap((keys) =>
    Object.entries(asObject(keys) ?? {})
      .filter(([key]) => key.toLowerCase() === 'aws:sourcearn')
      .flatMap(([, values]) => textsOf(values)),
  );
}
