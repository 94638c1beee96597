import { type RunSimulationResults, runSimulation } from '@cloud-copilot/iam-simulate';
import type { NamedPolicy, PolicyDocument } from '../documents';

/** What is to be decided: who wants to do what to which resource, and the policies that apply. */
interface Question {
  /** The principal of a session, user or service, as policies see it. */
  principal: string;
  accountId: string;
  action: string;
  /** The resource's ARN, or `*` for actions that know no resource. */
  resource: string;
  context: Record<string, string | string[]>;
  identityPolicies: readonly NamedPolicy[];
  sessionPolicy?: PolicyDocument | undefined;
  /** The trust policy, for `sts:AssumeRole`. */
  resourcePolicy?: PolicyDocument | undefined;
  /** When temporary credentials were issued, in milliseconds. */
  issuedAt?: number | undefined;
}

/** IAM's three answers. */
type Decision = 'Allowed' | 'ImplicitlyDenied' | 'ExplicitlyDenied';

/** Keys whose value differs with each call. Decisions are remembered only where no policy mentions them. */
const MOMENTS = /aws:(CurrentTime|EpochTime|TokenIssueTime)/i;
const MAX_REMEMBERED = 5000;

/**
 * Decides by IAM's rules, with `@cloud-copilot/iam-simulate` in strict mode, and remembers its decisions: the
 * simulator takes up to a millisecond, and the same few questions come again and again.
 */
export class PolicyEngine {
  #decisions = new Map<string, Decision>();

  /** @throws Error when the simulator refuses the question: an unknown action, or a document it cannot read. */
  async decide(question: Question): Promise<Decision> {
    const key = JSON.stringify({ ...question, issuedAt: undefined });
    if (MOMENTS.test(key)) {
      return simulate({ ...question, context: { ...question.context, ...momentsOf(question) } });
    }
    const remembered = this.#decisions.get(key);
    if (remembered) {
      return remembered;
    }
    const decision = await simulate(question);
    if (this.#decisions.size >= MAX_REMEMBERED) {
      this.#decisions.clear();
    }
    this.#decisions.set(key, decision);
    return decision;
  }
}

/** Whether IAM knows an action, such as `ecs:ListClusters`. */
export async function isAction(action: string): Promise<boolean> {
  const answer = await simulation({ ...ANYTHING, action });
  return answer.resultType !== 'error' || !/^invalid\.(action|service)$/.test(answer.errors.message);
}

async function simulate(question: Question): Promise<Decision> {
  const answer = await simulation(question);
  if (answer.resultType === 'error') {
    throw new Error(
      `Policies for ${question.action} on ${question.resource}: ${JSON.stringify(answer.errors)}`,
    );
  }
  return answer.overallResult;
}

/** A question of which only the action matters. */
const ANYTHING: Question = {
  principal: 'arn:aws:iam::111122223333:user/Anyone',
  accountId: '111122223333',
  action: 'sts:GetCallerIdentity',
  resource: '*',
  context: {},
  identityPolicies: [],
};

function simulation(question: Question): Promise<RunSimulationResults> {
  return runSimulation(
    {
      request: {
        principal: question.principal,
        action: question.action,
        resource: { resource: question.resource, accountId: question.accountId },
        contextVariables: question.context,
      },
      identityPolicies: question.identityPolicies.map(({ name, document }) => ({ name, policy: document })),
      sessionPolicy: question.sessionPolicy,
      resourcePolicy: question.resourcePolicy,
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    { simulationMode: 'Strict' },
  );
}

function momentsOf({ issuedAt }: Question): Record<string, string> {
  const now = Date.now();
  return {
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1000)),
    ...(issuedAt === undefined ? {} : { 'aws:TokenIssueTime': new Date(issuedAt).toISOString() }),
  };
}
