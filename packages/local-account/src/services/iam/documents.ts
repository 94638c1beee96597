import { type ValidationError, validateIdentityPolicy, validateTrustPolicy } from '@cloud-copilot/iam-policy';
import { extendedEncodeURIComponent } from '@smithy/core/protocols';
import { ApiError } from '../../gateway/errors';
import { isObject } from '../../gateway/model';

/** A policy document as IAM accepts it. */
export interface PolicyDocument {
  Version?: string;
  Id?: string;
  Statement: unknown;
}

export interface NamedPolicy {
  name: string;
  document: PolicyDocument;
}

/** A quota and the characters that it allows (IAM user guide, "IAM and AWS STS quotas"). */
interface Quota {
  readonly name: string;
  readonly size: number;
}

/**
 * Reads a policy document.
 *
 * @param problemOf What is wrong with it; by default, as an identity or session policy.
 * @throws ApiError MalformedPolicyDocument, LimitExceeded
 */
export function readPolicy(text: string, quota?: Quota, problemOf = identityPolicyProblem): PolicyDocument {
  const document = parse(text);
  const problem = document
    ? (structureProblem(document) ?? problemOf(document))
    : 'This policy contains invalid Json';
  if (!document || problem !== undefined) {
    throw new ApiError('MalformedPolicyDocument', String(problem));
  }
  if (quota && sizeOf(document) > quota.size) {
    throw new ApiError('LimitExceeded', `Cannot exceed quota for ${quota.name}: ${quota.size}`);
  }
  return document;
}

/** The validator takes for granted that statements are objects, and so is what a condition has for an operator. */
function structureProblem({ Statement }: PolicyDocument): string | undefined {
  const isRegular = (statement: unknown) =>
    isObject(statement) &&
    (!isObject(statement.Condition) || Object.values(statement.Condition).every(isObject));
  return [Statement ?? {}].flat().every(isRegular) ? undefined : 'Syntax errors in policy.';
}

function parse(text: string): PolicyDocument | undefined {
  try {
    const document: unknown = JSON.parse(text);
    return isObject(document) ? (document as unknown as PolicyDocument) : undefined;
  } catch {
    return undefined;
  }
}

/** A document's size: characters without white space. */
export function sizeOf(document: PolicyDocument): number {
  return JSON.stringify(document).replaceAll(/\s/g, '').length;
}

/** What is wrong with an identity or session policy, in IAM's words where they are known. */
function identityPolicyProblem(document: PolicyDocument): string | undefined {
  return firstProblem(validateIdentityPolicy(document), [
    [/#(Not)?Principal$/, /not allowed/, 'Policy document should not specify a principal.'],
    [/^Statement/, /Action or NotAction is required/, 'Policy statement must contain actions.'],
    [/^Statement/, /Resource or NotResource is required/, 'Policy statement must contain resources.'],
  ]);
}

/** IAM's words for a validation error with this path and this message. */
type Wording = readonly [path: RegExp, message: RegExp, words: string];

/** The first validation error, in IAM's words where they are known. */
function firstProblem(errors: ValidationError[], wordings: readonly Wording[]): string | undefined {
  const [first] = errors;
  if (!first) {
    return undefined;
  }
  const known = wordings.find(([path, message]) => path.test(first.path) && message.test(first.message));
  return known ? known[2] : `Syntax errors in policy. ${first.path}: ${first.message}`;
}

/** A document as IAM's answers have it: URL-encoded by RFC 3986 (API reference, GetRolePolicy). */
export function encodeDocument(document: PolicyDocument): string {
  return extendedEncodeURIComponent(JSON.stringify(document));
}

/** What trust policies can name of an account. */
interface Principals {
  readonly accountId: string;
  /** The ARNs and IDs of its roles and users: IAM replaces an ARN with its ID. */
  readonly known: readonly string[];
}

interface TrustStatement {
  Action?: string | string[];
  Principal?: '*' | Record<string, string | string[]>;
}

const TRUST_ACTION = /^sts:(AssumeRole\w*\*?|TagSession|SetSourceIdentity|SetContext|\*)$/i;

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
  if (statements.some(({ Action = [] }) => ![Action].flat().every((action) => TRUST_ACTION.test(action)))) {
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
function isPrincipal(value: string, { accountId, known }: Principals): boolean {
  if (value === '*' || /^\d{12}$/.test(value) || known.includes(value)) {
    return true;
  }
  const [, service, owner, kind] =
    /^arn:aws:(iam|sts)::(\d{12}):(root$|role\/|user\/|assumed-role\/|federated-user\/)[^*]*$/.exec(value) ??
    [];
  return service !== undefined && (owner !== accountId || service === 'sts' || kind === 'root');
}
