import { type RequestAnalysis, runSimulation } from '@cloud-copilot/iam-simulate';
import { ApiError } from '../../gateway/errors';
import type { ApiRequest, Authorize, ConditionContext } from '../../gateway/service';
import type { Stores } from '../../stores';
import type { Session } from '../sts/store';
import type { NamedPolicy, PolicyDocument } from './documents';
import type { Role, Roles } from './store';

/**
 * Authorizes calls by the caller's identity policies, its permissions boundary, its session policy and the resource's
 * policy. Denials have AWS's wording (IAM user guide, "troubleshoot_access-denied"; data-dot-all/dataall issue 1233).
 */
export function authorizerOf({ accountId, roles }: Pick<Stores, 'accountId' | 'roles'>): Authorize {
  return async (request, { action, resource = '*', context, resourcePolicy, resourceName = resource }) => {
    const { caller } = request;
    const { result, deniedBy } = await decide({
      principal: caller.arn,
      accountId,
      action,
      // To the simulator, `*` in the ARN of a resource stands for any text; to IAM it does only in policies.
      resource: resource === '*' ? resource : resource.replaceAll('*', '-'),
      context: { ...globalContext(request, accountId), ...context },
      ...policiesOf(caller, roles),
      resourcePolicy,
      issuedAt: caller.issuedAt,
    });
    if (result === 'Allowed') {
      return;
    }
    const what = `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resourceName}`;
    const article = deniedBy === 'identity-based policy' ? 'an' : 'a';
    const why =
      result === 'ExplicitlyDenied'
        ? `with an explicit deny in ${article} ${deniedBy}`
        : `because no ${deniedBy} allows the ${action} action`;
    // STS does not say which policy denies.
    throw new ApiError('AccessDenied', action === 'sts:AssumeRole' ? what : `${what} ${why}`);
  };
}

/** Whether a role's trust policy allows an AWS service to assume the role. */
export async function trusts(accountId: string, role: Role, service: string, context: ConditionContext) {
  const decision = await decide({
    principal: service,
    accountId,
    action: 'sts:AssumeRole',
    resource: role.arn,
    context: { 'aws:PrincipalIsAWSService': 'true', 'aws:PrincipalServiceName': service, ...context },
    identityPolicies: [],
    resourcePolicy: role.assumeRolePolicyDocument,
  });
  return decision.result === 'Allowed';
}

/** Tags of a resource as condition keys. */
export function resourceTags(tags: Readonly<Record<string, string>> = {}): ConditionContext {
  // The IAM guide documents the first form, the service authorization reference the second.
  const keys = Object.entries(tags).flatMap(([key, value]) => [
    [`iam:ResourceTag/${key}`, value],
    [`aws:ResourceTag/${key}`, value],
  ]);
  return Object.fromEntries(keys);
}

function policiesOf({ identity }: Session, roles: Roles) {
  if (identity.kind === 'user') {
    return { identityPolicies: identity.user.policies };
  }
  const { role, sessionPolicy } = identity;
  const current = roles.get(role.name);
  // A session lasts longer than a deleted role, whose policies are gone; a new role of the same name is another role.
  if (current?.id !== role.id) {
    return { identityPolicies: [], sessionPolicy };
  }
  const permissionsBoundary = roles.boundary(current);
  return { identityPolicies: roles.identityPolicies(current), permissionsBoundary, sessionPolicy };
}

function globalContext({ caller, region }: Pick<ApiRequest, 'caller' | 'region'>, accountId: string) {
  const { identity } = caller;
  const context = {
    'aws:PrincipalArn': caller.principalArn,
    'aws:PrincipalAccount': accountId,
    'aws:PrincipalType': identity.kind === 'role' ? 'AssumedRole' : 'User',
    'aws:PrincipalIsAWSService': 'false',
    'aws:ResourceAccount': accountId,
    'aws:RequestedRegion': region,
    'aws:SecureTransport': 'true',
    'aws:SourceIp': '127.0.0.1',
    'aws:ViaAWSService': String(caller.calledVia !== undefined),
    ...(caller.calledVia !== undefined && { 'aws:CalledVia': [caller.calledVia] }),
    'aws:userid': caller.userId,
  };
  if (identity.kind === 'user') {
    return { ...context, 'aws:username': identity.user.name };
  }
  const tags = Object.entries(identity.role.tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value]);
  return { ...context, ...Object.fromEntries(tags) };
}

/** What is to be decided: who wants to do what to which resource, and the policies that apply. */
interface Question {
  /** The principal of a session, user or service, as policies see it. */
  principal: string;
  accountId: string;
  action: string;
  /** The resource's ARN, or `*` for actions that support no resource. */
  resource: string;
  context: Record<string, string | string[]>;
  identityPolicies: readonly NamedPolicy[];
  permissionsBoundary?: NamedPolicy | undefined;
  sessionPolicy?: PolicyDocument | undefined;
  resourcePolicy?: PolicyDocument | undefined;
  /** When temporary credentials were issued, in milliseconds. */
  issuedAt?: number | undefined;
}

/** Whether access is allowed, and the type of policy that denies it. */
interface Decision {
  readonly result: RequestAnalysis['result'];
  readonly deniedBy: 'identity-based policy' | 'permissions boundary' | 'session policy';
}

/** Keys whose value differs with each call. Decisions are remembered only where no policy mentions them. */
const MOMENTS = /aws:(CurrentTime|EpochTime|TokenIssueTime)/i;
const MAX_REMEMBERED = 5000;

const remembered = new Map<string, Decision>();

/**
 * Decides by IAM's rules, with `@cloud-copilot/iam-simulate` in strict mode, and remembers its decisions: the
 * simulator takes up to a millisecond, and a few questions are asked often.
 *
 * @throws ApiError InvalidAction for an action that IAM does not know, ValidationError for a resource that has no ARN.
 * @throws Error when the simulator refuses the question, such as for a document that it cannot read.
 */
export async function decide(question: Question): Promise<Decision> {
  const key = JSON.stringify({ ...question, issuedAt: undefined });
  if (MOMENTS.test(key)) {
    return simulate({ ...question, context: { ...question.context, ...momentsOf(question) } });
  }
  const known = remembered.get(key);
  if (known) {
    return known;
  }
  const decision = await simulate(question);
  if (remembered.size >= MAX_REMEMBERED) {
    remembered.clear();
  }
  remembered.set(key, decision);
  return decision;
}

async function simulate({ accountId, resource, context, ...question }: Question): Promise<Decision> {
  const { principal, action, identityPolicies, permissionsBoundary, ...policies } = question;
  const named = ({ name, document }: NamedPolicy) => ({ name, policy: document });
  const answer = await runSimulation(
    {
      request: { principal, action, resource: { resource, accountId }, contextVariables: context },
      identityPolicies: identityPolicies.map(named),
      ...(permissionsBoundary && { permissionBoundaryPolicies: [named(permissionsBoundary)] }),
      sessionPolicy: policies.sessionPolicy,
      resourcePolicy: policies.resourcePolicy,
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    { simulationMode: 'Strict' },
  );
  if (answer.resultType === 'error') {
    throw refusal(answer.errors.message, action, resource);
  }
  const { overallResult: result } = answer;
  const { analysis } = (answer.resultType === 'single' ? answer.result : answer.results[0]) ?? {};
  return { result, deniedBy: denierOf(result, analysis) };
}

function refusal(problem: string, action: string, resource: string): Error {
  if (/^invalid\.(action|service)$/.test(problem)) {
    return new ApiError('InvalidAction', `The local account does not support ${action}`);
  }
  if (/^(no|multiple)\.resource\.types$/.test(problem)) {
    // The wording of localstack/localstack, test_role_permissions_boundary_errors.
    return new ApiError('ValidationError', `ARN ${resource} is not valid.`);
  }
  return new Error(`Policies for ${action} on ${resource}: ${problem}`);
}

/** The type of policy that a denial names: of several, the first. */
function denierOf(result: Decision['result'], analysis: RequestAnalysis | undefined): Decision['deniedBy'] {
  if (analysis?.identityAnalysis?.result === result) {
    return 'identity-based policy';
  }
  if (analysis?.permissionBoundaryAnalysis?.result === result) {
    return 'permissions boundary';
  }
  return analysis?.sessionAnalysis?.result === result ? 'session policy' : 'identity-based policy';
}

function momentsOf({ issuedAt }: Question): Record<string, string> {
  const now = Date.now();
  return {
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1000)),
    ...(issuedAt !== undefined && { 'aws:TokenIssueTime': new Date(issuedAt).toISOString() }),
  };
}
