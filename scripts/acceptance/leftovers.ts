import { reasonOf } from './expect';
import { orAborted } from './or-aborted';
import type { Transcript } from './transcript';

/** What removing needs of a run. */
interface Cleaning {
  /** Aborted where the user does not want to wait for the removal. */
  readonly signal: AbortSignal;
  readonly transcript: Transcript;
}

/** Something that a run has made, or has begun to make. */
export interface Leftover<Run extends Cleaning> {
  /** Such as `the stack acme-ecs-roletrunking-acceptance-roles`. */
  readonly what: string;
  /** How the user can remove it: AWS CLI commands, without Region and profile. */
  readonly commands: readonly string[];
  /** Whether what was made after it needs it, if only to be removed: a stack needs the type of its resource. */
  readonly isNeeded: boolean;
  /** Removes it and waits until it is gone; does nothing if it is gone. @throws what AWS answers, or StepFailed. */
  readonly remove: (run: Run) => Promise<void>;
}

/** What is left after cleaning up, with the reason. */
export interface Left extends Pick<Leftover<never>, 'what' | 'commands'> {
  readonly reason: string;
}

const ENDED = 'ended by the user';
const NEEDED = 'kept, because something listed before it might need it';

/** What a run has made, in order. */
export class Leftovers<Run extends Cleaning> {
  #made: Leftover<Run>[] = [];

  /** Notes something before it is made, so that it is removed even if the call that makes it is not answered. */
  add(leftover: Leftover<Run>): void {
    this.#made.push(leftover);
  }

  /** Forgets something that turned out not to be this run's. */
  forget(leftover: Leftover<Run>): void {
    this.#made = this.#made.filter((it) => it !== leftover);
  }

  /** What is not removed yet, the last first. */
  list(): readonly Leftover<Run>[] {
    return [...this.#made].reverse();
  }

  /**
   * Removes everything, the last first. After one removal fails, it removes only what nothing else needs.
   *
   * @returns what is left.
   */
  async removeAll(run: Run): Promise<Left[]> {
    const left: Left[] = [];
    for (const leftover of this.list()) {
      if (run.signal.aborted || (left.length > 0 && leftover.isNeeded)) {
        left.push({ ...leftover, reason: run.signal.aborted ? ENDED : NEEDED });
        continue;
      }
      try {
        await orAborted(run.signal, leftover.remove(run));
        this.forget(leftover);
      } catch (error) {
        const reason = run.signal.aborted ? ENDED : reasonOf(error);
        run.transcript.note(`  ${leftover.what} was not removed: ${reason}`);
        left.push({ ...leftover, reason });
      }
    }
    return left;
  }
}
