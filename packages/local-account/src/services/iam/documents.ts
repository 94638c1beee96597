import { type ValidationError, validateIdentityPolicy } from '@cloud-copilot/iam-policy';
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

/**
 * Reads a policy document.
 *
 * @param problemOf What is wrong with it; by default, as an identity or session policy.
 * @throws ApiError MalformedPolicyDocument
 */
export function readPolicy(text: string, problemOf = identityPolicyProblem): PolicyDocument {
  const document = parse(text);
  const problem = document
    ? (structureProblem(document) ?? problemOf(document))
    : 'This policy contains invalid Json';
  if (document && problem === undefined) {
    return document;
  }
  throw new ApiError('MalformedPolicyDocument', String(problem));
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

/** A document's size: characters without white space (IAM user guide, "IAM and AWS STS quotas"). */
export function sizeOf(document: PolicyDocument): number {
  return JSON.stringify(document).replaceAll(/\s/g, '').length;
}

/** A document that is not too long for a quota. @throws ApiError LimitExceeded */
export function withinQuota(quota: string, size: number, document: PolicyDocument): PolicyDocument {
  if (sizeOf(document) > size) {
    throw new ApiError('LimitExceeded', `Cannot exceed quota for ${quota}: ${size}`);
  }
  return document;
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
export function firstProblem(errors: ValidationError[], wordings: readonly Wording[]): string | undefined {
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
