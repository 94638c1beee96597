/** Runs the commands of sections, one after the other, in a copy of the project and against `npm run local`. */
import { join } from 'node:path';
import { LocalCommand } from '../harness/local-command';
import { ProjectCopy } from '../harness/project-copy';
import { commandsOf, type PageCommand } from './commands';
import { exceptionFor } from './only-checked';
import type { Section } from './sections';

/** Words in capitals that belong to AWS's commands. */
const OWN_WORDS =
  /^(CAPABILITY_IAM|CREATE|IMPORT|PRIVATE|RESOURCE|REVERT_DRIFT|DELETE_FAILED|DELETE_IN_PROGRESS|FAILED)$/;

/** Words in capitals whose values come from the output of earlier commands. */
const PRINTED: Readonly<Record<string, (stdout: string) => string | undefined>> = {
  DETECTION_ID: (stdout) => /"StackDriftDetectionId": "([^"]+)"/.exec(stdout)?.[1],
  REQUEST_TOKEN: (stdout) => /"RequestToken": "([^"]+)"/.exec(stdout)?.[1],
  REGISTRATION_TOKEN: (stdout) => /"RegistrationTokenList": \[\s*"([^"]+)"/.exec(stdout)?.[1],
  HANDLER_ROLE_ARN: (stdout) => /"(arn:aws:iam::\d+:role\/ecs-role-trunking\/[^"]+)"/.exec(stdout)?.[1],
  VERSION_TO_KEEP: (stdout) => versions(stdout).find(({ isDefault }) => isDefault)?.id,
  OTHER_VERSION: (stdout) => versions(stdout).find(({ isDefault }) => !isDefault)?.id,
};

/** What `list-type-versions` prints. */
function versions(stdout: string): { id: string; isDefault: boolean }[] {
  if (!stdout.includes('"TypeVersionSummaries"')) {
    return [];
  }
  const { TypeVersionSummaries } = JSON.parse(stdout) as {
    TypeVersionSummaries: { VersionId: string; IsDefaultVersion: boolean }[];
  };
  return TypeVersionSummaries.map(({ VersionId, IsDefaultVersion }) => ({
    id: VersionId,
    isDefault: IsDefaultVersion,
  }));
}

/** How often a command is repeated. The local account answers it when the operation ends, or after 10 s. */
const MOST_REPEATS = 30;

/** Runs a command that asks a question, and answers yes. */
const YES = `python3 ${join(__dirname, '../harness/with_terminal.py')} y`;

/** The lines of a section that are run. */
export function linesOf({ page, heading, lines = /./ }: Section): PageCommand[] {
  return commandsOf(page).filter(
    (command) => command.heading === heading && lines.test(command.line) && !exceptionFor(command),
  );
}

/** A command whose outcome is not what the page says. */
interface Mismatch {
  readonly page: string;
  readonly command: string;
  readonly outcome: string;
}

/** Declares a test for each section. They run in order, as one user would follow them. */
export function testSections(sections: readonly Section[]): void {
  let runner: PageRunner;

  beforeAll(async () => {
    runner = await PageRunner.start();
  });
  afterAll(() => runner.end());

  test.each(sections.map((section) => [section.page, section.heading, section] as const))(
    'every command of %s, "%s", does what the page says',
    async (_page, _heading, section) => {
      expect(await runner.run(section)).toEqual([]);
    },
  );
}

/** A copy of the project and a local account, and what the commands have printed so far. */
class PageRunner {
  static async start(): Promise<PageRunner> {
    return new PageRunner(new ProjectCopy(), await LocalCommand.start(['--region', 'us-east-1']));
  }

  readonly #printed = new Map<string, string>();
  readonly #done = new Set<string>();

  private constructor(
    private readonly project: ProjectCopy,
    private readonly local: LocalCommand,
  ) {}

  /** Runs a section to its end. @returns what was not as the page says. */
  async run(section: Section): Promise<Mismatch[]> {
    const mismatches: Mismatch[] = [];
    const { page, given = '', values = {} } = section;
    const begun = await this.#run(given);
    if (begun.code !== 0) {
      mismatches.push({ page, command: given, outcome: `${begun.stdout}${begun.stderr}` });
    }
    for (const { line } of linesOf(section)) {
      const { command, missing } = this.#filled(line, values);
      const outcome = missing ? `There is no value for ${missing}.` : await this.#try(section, line, command);
      if (outcome !== undefined) {
        mismatches.push({ page, command, outcome });
      }
    }
    return mismatches;
  }

  /** Ends the account and removes the copy. */
  async end(): Promise<void> {
    await this.local.end();
    this.project.close();
  }

  /** Runs a command. @returns what was not as expected, if anything. */
  async #try(
    { folder, prints = {}, repeats = {}, fails = {} }: Section,
    line: string,
    command: string,
  ): Promise<string | undefined> {
    // Packing the same source again takes long and gives the same bytes (package.test.ts).
    if (/^npm run package/.test(command) && this.#done.has(command)) {
      return undefined;
    }
    this.#done.add(command);
    const asks = /^npm run opt-in/.test(command) && !/--(yes|dry-run|check)\b/.test(command);
    const expectedOf = (table: Readonly<Record<string, RegExp>>) =>
      Object.entries(table).find(([start]) => line.startsWith(start))?.[1];
    const [failure, end] = [expectedOf(fails), expectedOf(repeats)];
    const expected = failure ?? end ?? expectedOf(prints) ?? /^/;
    let { code, stdout, stderr } = await this.#run(asks ? `${YES} ${command}` : command, folder);
    for (let count = 0; end && code === 0 && !end.test(stdout) && count < MOST_REPEATS; count += 1) {
      ({ code, stdout, stderr } = await this.#run(command, folder));
    }
    const isFine = (code === 0) === (failure === undefined) && expected.test(`${stdout}${stderr}`);
    return isFine ? undefined : `exit code ${code}, expected ${expected}: ${stdout}${stderr}`;
  }

  async #run(script: string, folder = '') {
    const outcome = await this.local.run(script, join(this.project.directory, folder));
    for (const [name, find] of Object.entries(PRINTED)) {
      const found = find(outcome.stdout);
      if (found !== undefined) {
        this.#printed.set(name, found);
      }
    }
    return outcome;
  }

  /** Replaces words in capitals. A file name in capitals stays: the section has made that file. */
  #filled(line: string, values: Readonly<Record<string, string>>): { command: string; missing?: string } {
    let missing: string | undefined;
    const command = line.replace(/\b[A-Z][A-Z_]{3,}\b(?!\.(yml|json))/g, (word) => {
      const value = values[word] ?? this.#printed.get(word);
      if (value === undefined && !OWN_WORDS.test(word)) {
        missing ??= word;
      }
      return value ?? word;
    });
    return missing === undefined ? { command } : { command, missing };
  }
}
