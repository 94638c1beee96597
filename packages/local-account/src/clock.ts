/** The time of an account and of the functions in it. Dates in answers are the machine's. */
export interface Clock {
  /** Milliseconds since an arbitrary moment. */
  now(): number;
  /** Acts once, after a number of milliseconds. @returns A function that cancels it. */
  after(milliseconds: number, act: () => void): () => void;
  /**
   * Reports that the account keeps a request waiting on purpose, so that time can pass.
   *
   * @param request Its name at both ends of a connection: the client's port and the request's number on it.
   * @returns A function that reports that the request continues.
   */
  hold(request: string): () => void;
}

export const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  after: (milliseconds, act) => {
    const timer = setTimeout(act, milliseconds);
    return () => clearTimeout(timer);
  },
  hold: () => () => {},
};

/** Resolves after a number of milliseconds of a clock, or with the signal. With `Infinity`, only with the signal. */
export function sleep(clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const isTimed = milliseconds !== Number.POSITIVE_INFINITY && !signal?.aborted;
    const cancel = isTimed ? clock.after(milliseconds, end) : () => {};
    signal?.addEventListener('abort', end);
    if (signal?.aborted) {
      end();
    }
  });
}

/** Sets a process's clock and runs its timers that are due. The process must report to this epoch afterwards. */
type Advance = (now: number, epoch: number) => void;

/** What a process reports when all that it can do is wait. */
export interface QuietReport {
  /** The epoch of the last message that the process has handled. */
  readonly epoch: number;
  /** When its next timer is due; missing if it has none. */
  readonly next?: number | undefined;
  /** The names of the requests that it waits for. */
  readonly inFlight: readonly string[];
}

interface Participant {
  readonly advance: Advance;
  epoch: number;
  report?: QuietReport;
}

/**
 * A clock on which only waiting takes time. It stops while anything works, and jumps to the next timer when every
 * process waits only for timers and for requests that the account holds. The time that a test sees then depends on
 * what was waited for, not on the speed of the machine.
 */
export class VirtualClock implements Clock {
  #now = 0;
  #epoch = 0;
  #timers = new Set<{ readonly due: number; readonly act: () => void }>();
  #held = new Set<string>();
  #participants = new Set<Participant>();
  #scheduled = false;

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, act: () => void): () => void {
    const timer = { due: this.#now + Math.max(0, milliseconds), act };
    this.#timers.add(timer);
    this.#schedule();
    return () => this.#timers.delete(timer);
  }

  hold(request: string): () => void {
    this.#held.add(request);
    this.#schedule();
    return () => this.#held.delete(request);
  }

  /** Makes a process take part in the clock until it leaves. */
  join(advance: Advance): { epoch: number; report(report: QuietReport): void; leave(): void } {
    const participant: Participant = { advance, epoch: ++this.#epoch };
    this.#participants.add(participant);
    return {
      epoch: participant.epoch,
      report: (report) => {
        participant.report = report;
        this.#schedule();
      },
      leave: () => {
        this.#participants.delete(participant);
        this.#schedule();
      },
    };
  }

  /** Advances later, so that everything that is pending in this process runs first. */
  #schedule(): void {
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#advance();
      });
    }
  }

  #advance(): void {
    const participants = [...this.#participants];
    if (!participants.every((participant) => this.#isQuiet(participant))) {
      return;
    }
    const due = [...this.#timers].filter((timer) => timer.due <= this.#now);
    if (due.length > 0) {
      for (const timer of due) {
        this.#timers.delete(timer);
        timer.act();
      }
      this.#schedule();
      return;
    }
    const next = Math.min(
      ...[...this.#timers].map((timer) => timer.due),
      ...participants.map(({ report }) => report?.next ?? Number.POSITIVE_INFINITY),
    );
    if (next === Number.POSITIVE_INFINITY) {
      return;
    }
    this.#now = Math.max(this.#now, next);
    this.#epoch += 1;
    for (const participant of participants) {
      participant.epoch = this.#epoch;
      participant.advance(this.#now, this.#epoch);
    }
    if (participants.length === 0) {
      this.#schedule();
    }
  }

  #isQuiet({ epoch, report }: Participant): boolean {
    return report?.epoch === epoch && report.inFlight.every((request) => this.#held.has(request));
  }
}
