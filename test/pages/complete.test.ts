import { commandsOf, PAGES, type PageCommand } from './commands';
import { exceptionFor, ONLY_CHECKED } from './only-checked';
import { linesOf } from './page-runner';
import { type Section, WITH_REGISTER_YML, WITH_SUBMIT } from './sections';

/* That every command of a page is run or has a reason why not. */

const SECTIONS: readonly Section[] = [...WITH_REGISTER_YML, ...WITH_SUBMIT];
const commands = PAGES.flatMap(commandsOf);
const nameOf = ({ page, heading, line }: PageCommand) => `${page}, ${heading}: ${line}`;

test('every command of a page is run, or listed with the reason why it is not', () => {
  expect(commands.length).toBeGreaterThan(100);
  const run = new Set(SECTIONS.flatMap(linesOf).map(nameOf));
  const forgotten = commands.filter((command) => !exceptionFor(command) && !run.has(nameOf(command)));
  expect(forgotten.map(nameOf)).toEqual([]);
  expect(run.size).toBeGreaterThan(70);
});

test('every listed reason applies to a command', () => {
  const stale = ONLY_CHECKED.filter((exception) => !commands.some((it) => exceptionFor(it) === exception));
  expect(stale).toEqual([]);
});

test('every section that is run has commands, and every expectation is about one of them', () => {
  const empty = SECTIONS.filter((section) => linesOf(section).length === 0);
  expect(empty).toEqual([]);
  const idle = SECTIONS.flatMap((section) =>
    Object.keys({ ...section.prints, ...section.repeats, ...section.fails }).filter(
      (start) => !linesOf(section).some(({ line }) => line.startsWith(start)),
    ),
  );
  expect(idle).toEqual([]);
});
