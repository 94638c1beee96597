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
const MAX_REMEMBERED = 20_000;
/** Documents that were looked at and found good. */
const SOUND = new WeakSet<PolicyDocument>();

/**
 * Decides by IAM's rules, with `@cloud-copilot/iam-simulate` in strict mode, and remembers its decisions: the
 * simulator takes up to a millisecond and the same few questions come again and again. Documents are told
 * apart by identity, so a document must not be changed after it was handed in.
 */
export class PolicyEngine {
  #decisions = new Map<string, Decision>();
  #documents = new WeakMap<PolicyDocument, { id: number; mentionsMoments: boolean }>();
  #nextId = 1;

  /** @throws Error when the simulator refuses the question: an unknown action, or a document it cannot read. */
  async decide(question: Question): Promise<Decision> {
    const known = [
      ...question.identityPolicies.map((policy) => policy.document),
      question.sessionPolicy,
      question.resourcePolicy,
    ].map((document) => document && this.#describe(document));
    if (known.some((document) => document?.mentionsMoments)) {
      return simulate({ ...question, context: { ...question.context, ...momentsOf(question) } });
    }
    const { principal, action, resource, context } = question;
    const key = JSON.stringify([principal, action, resource, context, known.map((document) => document?.id)]);
    const remembered = this.#decisions.get(key);
    if (remembered) return remembered;
    const decision = await simulate(question);
    if (this.#decisions.size >= MAX_REMEMBERED) this.#decisions.clear();
    this.#decisions.set(key, decision);
    return decision;
  }

  #describe(document: PolicyDocument): { id: number; mentionsMoments: boolean } {
    let known = this.#documents.get(document);
    if (!known) {
      known = { id: this.#nextId++, mentionsMoments: MOMENTS.test(JSON.stringify(document)) };
      this.#documents.set(document, known);
    }
    return known;
  }
}

/** Whether IAM knows an action, such as `ecs:ListClusters`. */
export async function isAction(action: string): Promise<boolean> {
  const answer = await simulation({ ...ANYTHING, action });
  return answer.resultType !== 'error' || !/^invalid\.(action|service)$/.test(answer.errors.message);
}

/**
 * Says what is wrong with an identity or session policy.
 * @returns the first problem, or nothing when the document is one that IAM takes.
 */
export async function problemOf(document: PolicyDocument): Promise<string | undefined> {
  if (SOUND.has(document)) return undefined;
  const answer = await simulation({ ...ANYTHING, identityPolicies: [{ name: 'policy', document }] });
  if (answer.resultType !== 'error') {
    SOUND.add(document);
    return undefined;
  }
  const first = answer.errors.identityPolicyErrors?.policy?.[0];
  return first ? `${first.path}: ${first.message}` : answer.errors.message;
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
