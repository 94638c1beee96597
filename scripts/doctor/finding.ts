/** What a command that looks at an account reports: `npm run doctor` and `npm run opt-in -- --check`. */
import { awsFailure } from '../command-line/aws-failures';

/**
 * How much a finding matters: nothing to do; to be improved, although it works; to be fixed before it works; or it
 * could not be read, so nobody knows.
 */
type Level = 'fine' | 'should' | 'must' | 'unknown';

/** One thing that was looked at. */
export interface Finding {
  readonly level: Level;
  /** What was looked at, in one to three words, such as `handler role`. */
  readonly subject: string;
  /** What was found: a value or a sentence. Pages quote it. */
  readonly text: string;
  /** What to do: a command or a sentence. For `unknown`, the action to allow or when to try again. */
  readonly remedy?: string;
}

/**
 * A finding for what could not be read.
 *
 * @param action What a person must be allowed for it, such as `iam:GetRole`.
 * @throws the error itself if it is one in our own code.
 */
export function unreadable(subject: string, action: string, error: unknown): Finding {
  const failure = awsFailure(error);
  if (!failure) {
    throw error;
  }
  const remedy = failure.kind === 'denied' ? { remedy: `Allow ${action}, or ask somebody who may.` } : {};
  return { level: 'unknown', subject, text: `could not be read. ${failure.sentence}`, ...remedy };
}

/** Findings as lines: subject and text, and each remedy under its text. */
export function linesOf(findings: readonly Finding[]): string {
  const width = Math.max(0, ...findings.map(({ subject }) => subject.length)) + 2;
  return findings
    .map(({ subject, text, remedy }) => {
      const under = remedy === undefined ? '' : `\n${' '.repeat(width)}→ ${remedy}`;
      return `${subject.padEnd(width)}${text}${under}`;
    })
    .join('\n');
}
