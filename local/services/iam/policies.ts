import { createHash } from 'node:crypto';
import { type RunSimulationResults, runSimulation } from '@cloud-copilot/iam-simulate';

/** A policy document as IAM takes it. */
export interface PolicyDocument {
  Version?: string;
  Id?: string;
  Statement: unknown;
}

/** A policy with the name it is known by. */
export interface NamedPolicy {
  name: string;
  document: PolicyDocument;
}

/** What is to be decided: who wants to do what to which resource, and the policies that have a say. */
export interface Question {
  /** The session's, user's or service's principal as policies see it. */
  principal: string;
  accountId: string;
  action: string;
  /** The resource's ARN, or `*` where the action knows none. */
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
export type Decision = 'Allowed' | 'ImplicitlyDenied' | 'ExplicitlyDenied';

/** Keys whose value differs with each call; decisions are remembered only where no policy mentions them. */
const MOMENTS = /aws:(CurrentTime|EpochTime|TokenIssueTime)/i;
const MOST_REMEMBERED = 20_000;

/**
 * Decides by IAM's rules, with `@cloud-copilot/iam-simulate` in strict mode, and remembers its decisions: the
 * simulator takes up to a millisecond, and tests ask the same few questions again and again.
 */
export class PolicyEngine {
  #decisions = new Map<string, Decision>();
  #problems = new Map<string, string | undefined>();

  /** @throws Error where the simulator refuses the question: an unknown action, or a document that it cannot read. */
  async decide(question: Question): Promise<Decision> {
    const { principal, action, resource, context, identityPolicies, sessionPolicy, resourcePolicy } =
      question;
    const policies = JSON.stringify([identityPolicies, sessionPolicy, resourcePolicy]);
    if (MOMENTS.test(policies)) {
      return simulate({ ...question, context: { ...context, ...momentsOf(question) } });
    }
    const key = digest(JSON.stringify([principal, action, resource, context]) + policies);
    return remembered(this.#decisions, key, () => simulate(question));
  }

  /**
   * Says what is wrong with an identity or session policy.
   * @returns the first problem, or `undefined` for a document that IAM takes.
   */
  problemOf(document: PolicyDocument): Promise<string | undefined> {
    return remembered(this.#problems, digest(JSON.stringify(document)), async () => {
      const answer = await simulation({ ...ANYTHING, identityPolicies: [{ name: 'policy', document }] });
      if (answer.resultType !== 'error') {
        return undefined;
      }
      const first = answer.errors.identityPolicyErrors?.policy?.[0];
      return first ? `${first.path}: ${first.message}` : answer.errors.message;
    });
  }
}

function digest(text: string): string {
  return createHash('sha1').update(text).digest('base64');
}

async function remembered<T>(memory: Map<string, T>, key: string, find: () => Promise<T>): Promise<T> {
  if (memory.has(key)) {
    return memory.get(key) as T;
  }
  const found = await find();
  if (memory.size >= MOST_REMEMBERED) {
    memory.clear();
  }
  memory.set(key, found);
  return found;
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

/** A question for which only the policy or only the action matters. */
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
