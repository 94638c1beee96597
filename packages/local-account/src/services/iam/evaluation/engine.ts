import { type RequestAnalysis, runSimulation } from '@cloud-copilot/iam-simulate';
import { ApiError } from '../../../gateway/errors';
import type { NamedPolicy, PolicyDocument } from '../documents';

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
  /** The policy that is the principal's permissions boundary. */
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
