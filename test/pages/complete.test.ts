import { type Chapter, WITH_REGISTER_YML, WITH_SUBMIT } from './chapters';
import { commandsOf, PAGES, type PageCommand } from './commands';
import { exceptionFor, ONLY_CHECKED } from './only-checked';
import { linesOf } from './walk';

/* That every command of a page is run or has a reason why not. */

const CHAPTERS: readonly Chapter[] = [...WITH_REGISTER_YML, ...WITH_SUBMIT];
const commands = PAGES.flatMap(commandsOf);
const nameOf = ({ page, section, line }: PageCommand) => `${page}, ${section}: ${line}`;

test('every command of a page is run, or listed with the reason why it is not', () => {
  expect(commands.length).toBeGreaterThan(100);
  const run = new Set(CHAPTERS.flatMap(linesOf).map(nameOf));
  const forgotten = commands.filter((command) => !exceptionFor(command) && !run.has(nameOf(command)));
  expect(forgotten.map(nameOf)).toEqual([]);
  expect(run.size).toBeGreaterThan(70);
});

test('every listed reason applies to a command', () => {
  const stale = ONLY_CHECKED.filter((exception) => !commands.some((it) => exceptionFor(it) === exception));
  expect(stale).toEqual([]);
});

test('every chapter has commands, and every expectation is about one of them', () => {
  const empty = CHAPTERS.filter((chapter) => linesOf(chapter).length === 0);
  expect(empty).toEqual([]);
  const idle = CHAPTERS.flatMap((chapter) =>
    Object.keys({ ...chapter.prints, ...chapter.repeats, ...chapter.fails }).filter(
      (start) => !linesOf(chapter).some(({ line }) => line.startsWith(start)),
    ),
  );
  expect(idle).toEqual([]);
});
