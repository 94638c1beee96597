import { type DeadlineExceeded, ServiceError } from 'resource-runtime';
import type { CallerIdentity } from '../role/caller-identity';
import type { RoleArn } from '../role/role-arn';
import { ROLE_SESSION_NAME } from '../role/role-session';
import { type FoundRole, HANDLER_PATH, OPT_IN_TAG } from '../role/roles';
import { deletedRoleIn, mentions, trustsSession } from '../role/trust-policy';

/** What IAM and STS return about a denied call. */
export interface Evidence {
  /** The role, or why IAM did not return it. */
  readonly found: FoundRole | ServiceError | DeadlineExceeded;
  /** Who the handler runs as. Missing, like the next, if AWS did not return it. */
  readonly identity?: CallerIdentity | undefined;
  /** The handler role. */
  readonly handler?: FoundRole | undefined;
}

/** Why a call is denied, and what to do about it: a clause, and a sentence. */
type Cause = readonly [cause: string, remedy: string];

/**
 * The message about a denied call: the one cause that can be seen, and what to do. AWS's message comes last: it can be
 * long, and CloudFormation records the beginning.
 */
export function describeDenial(denial: ServiceError, { arn, name }: RoleArn, evidence: Evidence): string {
  const { found } = evidence;
  const optIn = `Opt it in: npm run opt-in -- --role ${name}, or docs/opting-in.md.`;
  const [cause, remedy] =
    found instanceof Error
      ? unknownCause(found, name)
      : denial.action === 'sts:AssumeRole'
        ? causeOfNoSession(denial, { ...evidence, found }, optIn)
        : causeInSession(denial, found, optIn);
  return `${denial.action} is denied on ${arn}: ${cause}. ${remedy} Details: ${denial.message}`;
}

function unknownCause(error: ServiceError | DeadlineExceeded, name: string): Cause {
  const why = error instanceof ServiceError ? error.code : error.message;
  return [
    `the cause is unknown, since iam:GetRole failed too (${why})`,
    `Allow the handler role iam:GetRole, or check the role: npm run opt-in -- --role ${name} --check.`,
  ];
}

/** Why the handler role cannot assume the role: a part of opting in is missing, or something else denies it. */
function causeOfNoSession(
  denial: ServiceError,
  { found, identity, handler }: Evidence & { found: FoundRole },
  optIn: string,
): Cause {
  const who =
    identity?.kind === 'role' ? `the handler role ${identity.name}` : (identity?.arn ?? 'the handler role');
  const lacks = [
    ...(found.hasOptInTag ? [] : [`the tag ${OPT_IN_TAG.key} = ${OPT_IN_TAG.value}`]),
    ...(!identity || trustsSession(found.trustPolicy, identity) ? [] : [`a trust statement for ${who}`]),
  ];
  if (lacks.length > 0) {
    const deleted = deletedRoleIn(found.trustPolicy);
    const names = deleted ? ` (its trust policy names ${deleted}, a role that was deleted)` : '';
    return [`the role lacks ${lacks.join(' and ')}${names}`, optIn];
  }
  if (handler && !handler.arn.includes(HANDLER_PATH) && mentions(found.trustPolicy, HANDLER_PATH)) {
    return [
      `the role trusts roles under ${HANDLER_PATH}, and the handler role is ${handler.arn}`,
      'Register the type with the handler role of examples/register.yml.',
    ];
  }
  const caller = { who, boundary: handler?.boundary };
  const allow = 'Give that role the policies of examples/roles.yml.';
  const remedies = {
    allow,
    actions: 'sts:AssumeRole and iam:GetRole',
    exempt: `Exempt ${who} from that denial.`,
  };
  const boundary = caller.boundary ? ` and permissions boundary (${caller.boundary})` : '';
  return (
    causeByAws(denial, caller, remedies) ?? [
      `the role has the tag and a trust statement for ${who}, so another policy denies it`,
      `Check the handler role's policies${boundary}, the conditions in the trust policy, service control policies and ` +
        'network perimeters.',
    ]
  );
}

/** Why a session, which the tag and the trust policy allow, is denied a call. */
function causeInSession(denial: ServiceError, { boundary }: FoundRole, optIn: string): Cause {
  const actions = 'ecs:ListAccountSettings, ecs:PutAccountSetting and ecs:DeleteAccountSetting';
  const exempt = `Exempt sessions named ${ROLE_SESSION_NAME} from that denial.`;
  const orBoundary = boundary ? `, or its permissions boundary ${boundary},` : '';
  return (
    causeByAws(denial, { who: 'the role', boundary }, { allow: optIn, actions, exempt }) ?? [
      `the policies of the role${orBoundary} do not allow it`,
      optIn,
    ]
  );
}

/**
 * What denies, and which type of policy: "because no identity-based policy allows …" or "with an explicit deny in a
 * service control policy" (IAM guide, "Troubleshooting access denied error messages"). Not every service says it.
 */
const DENIED_BY = /(with an explicit deny in an?|because no) ([\w -]*?(?:policy|boundary))\b/;

/**
 * The cause that AWS's message names, if it names one.
 *
 * @param caller Who was denied, and the name of the permissions boundary that applies.
 * @param remedies What to do if no identity-based policy allows the call, which actions any other policy should allow, and
 * what to do if a policy denies it.
 */
function causeByAws(
  { message }: ServiceError,
  { who, boundary }: { readonly who: string; readonly boundary: string | undefined },
  { allow, actions, exempt }: Readonly<Record<'allow' | 'actions' | 'exempt', string>>,
): Cause | undefined {
  const [, how, type = ''] = DENIED_BY.exec(message) ?? [];
  if (how === undefined) {
    return undefined;
  }
  const denies = how !== 'because no';
  if (type === 'identity-based policy') {
    return denies
      ? [`a policy of ${who} denies it`, exempt]
      : [`the policies of ${who} do not allow it`, allow];
  }
  const policy =
    type === 'permissions boundary'
      ? ['the', type, boundary, 'of', who].filter(Boolean).join(' ')
      : `a ${type}`;
  return denies
    ? [`${policy} denies it`, exempt]
    : [`${policy} does not allow it`, `Allow ${actions} there.`];
}
