/** Calls to AWS that may fail: the doctor says what it could not read, and goes on. */
import type { CloudControlClient } from '@aws-sdk/client-cloudcontrol';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { ECSClient } from '@aws-sdk/client-ecs';
import { type IAMClient, NoSuchEntityException } from '@aws-sdk/client-iam';
import { awsFailure } from '../command-line/aws-failures';
import { CommandError } from '../command-line/command';
import { type Limit, limitOf, Pace } from './pace';

/** Where to read: a Region. */
export interface Reader {
  readonly region: string;
  /** The AWS CLI profile that was given, for the commands that are printed. */
  readonly profile: string | undefined;
  readonly ecs: ECSClient;
  readonly ec2: EC2Client;
  readonly iam: IAMClient;
  readonly cloudformation: CloudFormationClient;
  readonly cloudcontrol: CloudControlClient;
  readonly calls: Calls;
}

/** An action that failed, and AWS's or the SDK's message of the first failure. */
export interface Unread {
  /** As policies name it, such as `ec2:DescribeInstances`. */
  readonly action: string;
  readonly reason: 'denied' | 'throttled' | 'unreachable' | 'failed';
  readonly message: string;
  /** How many calls failed this way. */
  readonly count: number;
}

/** Items that were read, and whether no call for them failed. */
interface Read<Item> {
  readonly items: Item[];
  readonly isComplete: boolean;
}

/** The most that ECS describes in one call (API reference: 100 clusters, container instances, tasks, providers). */
const BATCH = 100;

/** Every call to AWS in one Region: at its pace, and without exceptions for what AWS refuses. */
export class Calls {
  /** What failed, by action and reason. */
  readonly unread = new Map<string, Unread>();
  readonly #onCall: () => void;
  readonly #paces = new Map<Limit, Pace>();

  /** @param onCall Called before each call, for the progress. */
  constructor(onCall: () => void = () => {}) {
    this.#onCall = onCall;
  }

  /**
   * Makes a call.
   *
   * @param action As policies name it.
   * @returns nothing if the call fails; {@link unread} then has the reason.
   */
  async make<Output>(action: string, send: () => Promise<Output>): Promise<Output | undefined> {
    const limit = limitOf(action);
    const pace = this.#paces.get(limit) ?? new Pace(limit);
    this.#paces.set(limit, pace);
    await pace.next();
    this.#onCall();
    try {
      return await send();
    } catch (error) {
      const { reason, message } = reasonOf(error);
      const key = `${action} ${reason}`;
      const known = this.unread.get(key) ?? { action, reason, message, count: 0 };
      this.unread.set(key, { ...known, count: known.count + 1 });
      return undefined;
    }
  }

  /**
   * Makes a call about something that IAM may not have.
   *
   * @returns nothing if the call fails; otherwise what was found, which is nothing if there is no such thing.
   */
  find<Output>(
    action: string,
    send: () => Promise<Output>,
  ): Promise<{ readonly found: Output | undefined } | undefined> {
    return this.make(action, async () => ({ found: await send().catch(missing) }));
  }

  /**
   * Makes a call for each page, until AWS returns no token.
   *
   * @param pick The items of a page.
   * @returns the items up to the first failure.
   */
  async all<Output extends Paged, Item>(
    action: string,
    send: (token: string | undefined) => Promise<Output>,
    pick: (page: Output) => readonly Item[] | undefined,
  ): Promise<Read<Item>> {
    const items: Item[] = [];
    let token: string | undefined;
    do {
      const page = await this.make(action, () => send(token));
      if (!page) {
        return { items, isComplete: false };
      }
      items.push(...(pick(page) ?? []));
      token = page.nextToken ?? page.NextToken ?? page.Marker;
    } while (token);
    return { items, isComplete: true };
  }

  /**
   * Has ECS describe what has some names or ARNs, as many as it takes in one call.
   *
   * @param pick What an answer describes.
   * @returns what the calls that succeeded have described.
   */
  async describe<Output, Item>(
    action: string,
    names: readonly string[],
    send: (names: string[]) => Promise<Output>,
    pick: (answer: Output) => readonly Item[] | undefined,
  ): Promise<Read<Item>> {
    const answers = await each(inGroups(names, BATCH), 1, (group) => this.make(action, () => send(group)));
    return {
      items: answers.flatMap((answer) => (answer && pick(answer)) ?? []),
      isComplete: !answers.includes(undefined),
    };
  }
}

/** A page of ECS, of EC2 or CloudFormation, or of IAM. */
interface Paged {
  readonly nextToken?: string | undefined;
  readonly NextToken?: string | undefined;
  readonly Marker?: string | undefined;
}

/** That there is no such thing is an answer. */
function missing(error: unknown): undefined {
  if (!(error instanceof NoSuchEntityException)) {
    throw error;
  }
}

/** @throws the error if it is one of our own code, or if no call can succeed: there are no credentials. */
function reasonOf(error: unknown): Pick<Unread, 'reason' | 'message'> {
  const failure = awsFailure(error);
  if (!failure) {
    throw error;
  }
  const { kind, sentence } = failure;
  if (kind === 'credentials') {
    throw new CommandError(sentence);
  }
  // Its finding's text says already that AWS could not be reached.
  const message =
    error instanceof Error && kind !== 'unreachable'
      ? error.message
      : sentence.replace(/^AWS cannot be reached(.*?): (.*)\.$/, '$2$1');
  return { reason: kind === 'other' ? 'failed' : kind, message };
}

/** Runs a function for each item, some of them at a time. @returns the results, in the order of the items. */
export async function each<Item, Result>(
  items: readonly Item[],
  atATime: number,
  run: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next;
      next += 1;
      results[index] = await run(items[index] as Item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, worker));
  return results;
}

/** The items in groups of a size; the last one can be smaller. */
export function inGroups<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/** Each of the texts once, without what is missing. */
export function distinct(texts: Iterable<string | undefined>): string[] {
  return [...new Set(texts)].filter((text) => text !== undefined);
}
