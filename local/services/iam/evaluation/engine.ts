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
const MAX_REMEMBERED = 20_000;

interface Described {
  /** The same for documents with the same text. */
  readonly id: number;
  readonly mentionsMoments: boolean;
}

/**
 * Decides by IAM's rules, with `@cloud-copilot/iam-simulate` in strict mode, and remembers its decisions: the
 * simulator takes up to a millisecond, and the same few questions come again and again. A document must not be
 * changed after a decision.
 */
export class PolicyEngine {
  #decisions = new Map<string, Decision>();
  #documents = new WeakMap<PolicyDocument, Described>();
  #texts = new Map<string, Described>();
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
    if (remembered) {
      return remembered;
    }
    const decision = await simulate(question);
    remember(this.#decisions, key, decision);
    return decision;
  }

  #describe(document: PolicyDocument): Described {
    const known = this.#documents.get(document);
    if (known) {
      return known;
    }
    const text = JSON.stringify(document);
    const described = this.#texts.get(text) ?? { id: this.#nextId++, mentionsMoments: MOMENTS.test(text) };
    remember(this.#texts, text, described);
    this.#documents.set(document, described);
    return described;
  }
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  if (map.size >= MAX_REMEMBERED) {
    map.clear();
  }
  map.set(key, value);
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
