/** Calls to AWS that may fail: the doctor says what it could not read, and goes on. */
import { awsFailure } from '../command-line/aws-failures';
import { CommandError } from '../command-line/command';
import { LIMITS, type Limit, Pace } from './pace';

/** Why something could not be read. */
type Reason = 'denied' | 'throttled' | 'unreachable' | 'failed';

/** An action that failed, and AWS's or the SDK's message of the first failure. */
export interface Unread {
  /** As policies name it, such as `ec2:DescribeInstances`. */
  readonly action: string;
  readonly reason: Reason;
  readonly message: string;
  /** How many calls failed this way. */
  count: number;
}

/** Every call to AWS in one Region: at its pace, counted, and without exceptions for what AWS refuses. */
export class Calls {
  /** What failed, by action and reason. */
  readonly unread = new Map<string, Unread>();
  count = 0;
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
   * @param ignore Names of errors that are an answer, such as that there is no such thing.
   * @returns nothing if the call fails; {@link unread} then has the reason, unless it is ignored.
   */
  async make<Output>(
    action: string,
    limit: keyof typeof LIMITS,
    send: () => Promise<Output>,
    ignore: readonly string[] = [],
  ): Promise<Output | undefined> {
    await this.#pace(LIMITS[limit]).next();
    this.count += 1;
    this.#onCall();
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof Error && ignore.includes(error.name))) {
        this.#note(action, error);
      }
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
    limit: keyof typeof LIMITS,
    send: () => Promise<Output>,
  ): Promise<{ readonly found: Output | undefined } | undefined> {
    return this.make(action, limit, async () => {
      try {
        return { found: await send() };
      } catch (error) {
        if (error instanceof Error && error.name === 'NoSuchEntityException') {
          return { found: undefined };
        }
        throw error;
      }
    });
  }

  /**
   * Makes a call for each page, until AWS returns no token.
   *
   * @param pick The items of a page.
   * @returns the items up to the first failure, and whether there was none.
   */
  async all<Output extends Paged, Item>(
    action: string,
    limit: keyof typeof LIMITS,
    send: (token: string | undefined) => Promise<Output>,
    pick: (page: Output) => readonly Item[] | undefined,
  ): Promise<{ items: Item[]; isComplete: boolean }> {
    const items: Item[] = [];
    let token: string | undefined;
    do {
      const page = await this.make(action, limit, () => send(token));
      if (!page) {
        return { items, isComplete: false };
      }
      items.push(...(pick(page) ?? []));
      token = page.nextToken ?? page.NextToken ?? page.Marker;
    } while (token);
    return { items, isComplete: true };
  }

  #pace(limit: Limit): Pace {
    const pace = this.#paces.get(limit) ?? new Pace(limit);
    this.#paces.set(limit, pace);
    return pace;
  }

  #note(action: string, error: unknown): void {
    const { reason, message } = reasonOf(error);
    const key = `${action} ${reason}`;
    const known = this.unread.get(key);
    if (known) {
      known.count += 1;
    } else {
      this.unread.set(key, { action, reason, message, count: 1 });
    }
  }
}

/** A page of ECS, of EC2 or CloudFormation, or of IAM. */
interface Paged {
  readonly nextToken?: string | undefined;
  readonly NextToken?: string | undefined;
  readonly Marker?: string | undefined;
}

/** @throws the error if it is one of our own code, or if no call can succeed: there are no credentials. */
function reasonOf(error: unknown): { reason: Reason; message: string } {
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
