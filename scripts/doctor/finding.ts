/** What `npm run doctor` and `npm run opt-in -- --check` find. */

/** One thing that was looked at. */
export interface Finding {
  /**
   * How much it matters: to be fixed before it works; to be improved, although it works; it could not be read, so nobody
   * knows; or nothing to do.
   */
  readonly level: 'must' | 'should' | 'unknown' | 'fine';
  /** What was looked at, in one to three words, such as `handler role`, or the action that failed. */
  readonly subject: string;
  /** What was found. If there is something to do, it is one of few texts: a heading in docs/doctor.md. */
  readonly text: string;
  /** Which one it is, or what AWS said. */
  readonly reason?: string | undefined;
  /** What to do: a sentence. */
  readonly remedy?: string | undefined;
  /** The command that does it. */
  readonly command?: string | undefined;
}
