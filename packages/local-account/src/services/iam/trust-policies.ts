import { validateTrustPolicy } from '@cloud-copilot/iam-policy';
import type { Stores } from '../../stores';
import { firstProblem, type PolicyDocument } from './documents';

type Principals = Pick<Stores, 'accountId' | 'roles' | 'users'>;

interface TrustStatement {
  Action?: string | string[];
  Principal?: '*' | Record<string, string | string[]>;
}

const ACTION = /^sts:(AssumeRole\w*\*?|TagSession|SetSourceIdentity|SetContext|\*)$/i;

/**
 * What is wrong with a trust policy, in IAM's words where they are known: its grammar, its actions, or a principal
 * that does not exist (re:Post, "iam-trust-policy-error"). Principals of other accounts are not looked up.
 */
export function trustPolicyProblem(document: PolicyDocument, principals: Principals): string | undefined {
  const problem = firstProblem(validateTrustPolicy(document), [
    [/#Resource$/, /not allowed/, 'Has prohibited field Resource'],
    [/^Statement/, /Principal or NotPrincipal is required/, 'Missing required field Principal'],
    [/^Statement/, /Action or NotAction is required/, 'Missing required field Action'],
  ]);
  if (problem !== undefined) {
    return problem;
  }
  const statements = [document.Statement].flat() as TrustStatement[];
  if (statements.some(({ Action = [] }) => ![Action].flat().every((action) => ACTION.test(action)))) {
    return 'AssumeRole policy may only specify STS AssumeRole actions.';
  }
  const [refused] = statements.flatMap(({ Principal = '*' }) =>
    Principal === '*' ? [] : (invalidPrincipal(Principal, principals) ?? []),
  );
  return refused && `Invalid principal in policy: ${refused}`;
}

/** The first principal that IAM refuses, as its message shows it. */
function invalidPrincipal(
  { AWS = [], Service = [] }: Record<string, string | string[]>,
  principals: Principals,
): string | undefined {
  const aws = [AWS].flat().find((value) => !isPrincipal(value, principals));
  const service = [Service].flat().find((value) => !/^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/.test(value));
  const refusedService = service === undefined ? undefined : `"SERVICE":"${service}"`;
  return aws === undefined ? refusedService : `"AWS":"${aws}"`;
}

/** IAM user guide, "AWS JSON policy elements: Principal". */
function isPrincipal(value: string, { accountId, roles, users }: Principals): boolean {
  // IAM replaces ARNs of roles and users with their IDs. The ID of a deleted one cannot be saved again.
  const known = [...roles.list(), ...users.values()].flatMap(({ arn, id }) => [arn, id]);
  if (value === '*' || /^\d{12}$/.test(value) || known.includes(value)) {
    return true;
  }
  const [, service, owner, kind] =
    /^arn:aws:(iam|sts)::(\d{12}):(root$|role\/|user\/|assumed-role\/|federated-user\/)[^*]*$/.exec(value) ??
    [];
  return service !== undefined && (owner !== accountId || service === 'sts' || kind === 'root');
}
