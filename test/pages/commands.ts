/** The commands that the pages show. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pythonEnvironment } from '../../scripts/python/environment';
import { ROOT, textOf } from '../harness/project-files';

/** A line of a shell block. */
export interface PageCommand {
  /** Such as `docs/migrating.md`. */
  readonly page: string;
  /** The heading that it stands under. */
  readonly heading: string;
  readonly line: string;
}

/** The commands of a page, in order. */
export function commandsOf(page: string): PageCommand[] {
  const commands: PageCommand[] = [];
  let [heading, fence] = ['', ''];
  for (const line of textOf(page).split('\n')) {
    if (line.startsWith('```')) {
      fence = fence === '' ? line : '';
    } else if (fence === '' && /^#+ /.test(line)) {
      heading = line.replace(/^#+ /, '');
    } else if (fence === '```sh') {
      commands.push({ page, heading, line });
    }
  }
  return commands;
}

/** What is wrong with commands of the AWS CLI, a line for each thing: services, operations, options and values. */
export function wrongIn(awsCommands: readonly string[]): string {
  const program = join(pythonEnvironment(), 'python');
  const input = awsCommands.join('\n');
  return execFileSync(program, [join(__dirname, 'aws_commands.py')], { input, encoding: 'utf8' });
}

/** Every page that can show commands. */
export const PAGES = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md'].concat(
  readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
);
