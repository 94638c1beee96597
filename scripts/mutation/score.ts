/** What mutation testing says about the unit tests. */

/** A change that Stryker made, as far as it counts here. */
export interface Mutant {
  /** From the root of the repository. */
  readonly fileName: string;
  /** What was changed. */
  readonly original: string;
  readonly replacement: string;
  readonly line: number;
  readonly status: string;
}

/** Changes that the unit tests do not notice, and need not. */
export interface Survivor {
  readonly fileName: string;
  /** What was changed, and into what; white space does not count. `undefined` stands for any replacement. */
  readonly original: string;
  readonly replacement?: string;
}

/** The survivors that one reason explains. */
export interface Survivors {
  readonly reason: string;
  readonly mutants: readonly Survivor[];
}

/** How a run went. */
export interface Score {
  readonly noticed: number;
  readonly total: number;
  /** Survivors that are not listed. */
  readonly unexplained: readonly Mutant[];
  /** Listed survivors that the tests notice now, or that are not made any more. */
  readonly outdated: readonly Survivor[];
  /** Whether enough is noticed, and the list has all that survives. */
  readonly isGood: boolean;
}

/** The part of all changes that must be noticed. */
const ENOUGH = 0.9;
/** What hangs is noticed as well. */
const NOTICED = ['Killed', 'Timeout'];
const SURVIVED = ['Survived', 'NoCoverage'];

/** Compares what survived with what is listed. Changes that do not compile or run are not counted. */
export function judge(mutants: readonly Mutant[], listed: readonly Survivors[]): Score {
  const noticed = mutants.filter(({ status }) => NOTICED.includes(status)).length;
  const survived = mutants.filter(({ status }) => SURVIVED.includes(status));
  const explained = listed.flatMap((group) => group.mutants);
  const unexplained = survived.filter((mutant) => !explained.some((it) => isSame(it, mutant)));
  const outdated = explained.filter((it) => !survived.some((mutant) => isSame(it, mutant)));
  const total = noticed + survived.length;
  const isEnough = total > 0 && noticed / total >= ENOUGH;
  // What is listed and noticed does not count: whether a change hangs or survives can depend on the machine.
  return { noticed, total, unexplained, outdated, isGood: isEnough && unexplained.length === 0 };
}

/** For the screen: the score, and what to do about the list. */
export function summarize({ noticed, total, unexplained, outdated }: Score): string {
  const percent = total === 0 ? 0 : Math.floor((1000 * noticed) / total) / 10;
  return [
    ...unexplained.map(
      ({ fileName, line, original, replacement }) =>
        `Not noticed, and not listed: ${fileName}:${line}\n- ${original}\n+ ${replacement}`,
    ),
    ...outdated.map(({ fileName, original }) => `Listed, but no longer survives: ${fileName}: ${original}`),
    `The unit tests notice ${noticed} of ${total} changes (${percent} %; at least ${100 * ENOUGH} % are required).`,
  ].join('\n');
}

function isSame(survivor: Survivor, mutant: Mutant): boolean {
  return (
    survivor.fileName === mutant.fileName &&
    onOneLine(survivor.original) === onOneLine(mutant.original) &&
    (survivor.replacement === undefined || onOneLine(survivor.replacement) === onOneLine(mutant.replacement))
  );
}

function onOneLine(code: string): string {
  return code.replaceAll(/\s+/g, ' ').trim();
}
