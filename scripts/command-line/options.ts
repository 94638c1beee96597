/**
 * How every command of this repository reads its command line, with commander. From a table of options, it returns the
 * values, the text for `--help`, or one sentence about what is wrong. Nothing here prints, exits or changes a file.
 */

import { Command as CommanderCommand, CommanderError, Option } from 'commander';
import { invocation } from './invocation';

/** An option with a value, such as `--region us-east-1`. */
export interface TextOption {
  /** What the help shows for the value, such as `REGION`. */
  readonly value: string;
  readonly description: string;
  /** The value if the option is left out. */
  readonly default?: string;
  /** For the help: what applies if the option is left out and has no default. */
  readonly unset?: string;
  /** @returns what is wrong with a value, as the end of a sentence that begins with the option and the value. */
  readonly check?: (value: string) => string | undefined;
}

/** An option without a value, such as `--dry-run`; off by default. */
interface Flag {
  /** One letter: `v` makes `-v`. */
  readonly short?: string;
  readonly description: string;
}

export type OptionTable = Readonly<Record<string, TextOption | Flag>>;

/** The values that belong to a table, by the options' names. */
export type Values<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends TextOption
    ? Table[Name] extends { readonly default: string }
      ? string
      : string | undefined
    : boolean;
};

/** An argument of a command line that is not an option. */
interface Positional {
  /** What the help shows for it, such as `NAME`. */
  readonly value: string;
  readonly description: string;
}

/** A command of `npm run`. */
export interface Command<Table extends OptionTable> {
  /** The script in package.json. */
  readonly name: string;
  /** What the command does, for the help. */
  readonly summary: string;
  /** An example of its options, for the help: `--namespace NAME [options]`. */
  readonly synopsis?: string;
  /** Without this, it has only `--help`. */
  readonly options?: Table;
  /** One argument without a name. Without this, there is none. */
  readonly argument?: Positional;
  /** What may follow `--`, to be passed on unchanged. Without this, nothing may. */
  readonly rest?: Positional;
  /** @returns what is wrong with the combination of values, as a complete message. */
  readonly check?: (values: Values<Table>) => string | undefined;
}

/** A command line that was read. */
export type CommandLine<Table extends OptionTable> =
  | { readonly kind: 'run'; readonly given: Given<Table> }
  /** Asked for with `--help` or `-h`, whatever else is given. */
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'refused'; readonly message: string };

/** What a command runs with. */
export interface Given<Table extends OptionTable> {
  readonly values: Values<Table>;
  readonly argument: string | undefined;
  readonly rest: readonly string[];
}

/**
 * Reads a command line. If an option is given twice, the second value counts.
 *
 * @param args What follows `npm run NAME --`.
 */
export function readCommandLine<Table extends OptionTable>(
  command: Command<Table>,
  args: readonly string[],
): CommandLine<Table> {
  const program = programFor(command);
  const end = args.indexOf('--');
  const [own, rest] = end < 0 ? [args, []] : [args.slice(0, end), args.slice(end + 1)];
  if (own.includes('--help') || own.includes('-h')) {
    return { kind: 'help', text: program.helpInformation().trimEnd() };
  }
  try {
    program.parse([...own], { from: 'user' });
  } catch (error) {
    return { kind: 'refused', message: refusalFor(command, error) };
  }
  const values = program.opts<Values<Table>>();
  const [argument, tooMany] = command.argument ? program.args : [undefined, ...program.args];
  const unexpected = tooMany ?? (command.rest ? undefined : rest[0]);
  const message =
    unexpected === undefined
      ? command.check?.(values)
      : `${invocation(command.name)} does not take the argument ${JSON.stringify(unexpected)}. ${seeHelp(command)}`;
  return message === undefined
    ? { kind: 'run', given: { values, argument, rest } }
    : { kind: 'refused', message };
}

/**
 * Makes a command line from values. Options without a value are left out.
 *
 * @param without Names of options to leave out as well.
 */
export function toArguments(
  values: Readonly<Record<string, string | boolean | undefined>>,
  without: readonly string[] = [],
): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    if (without.includes(name) || value === undefined || value === false) {
      return [];
    }
    return value === true ? [`--${name}`] : [`--${name}`, value];
  });
}

/** Thrown where a value is wrong. */
class WrongValue extends Error {}

/** The command as commander knows it. */
function programFor<Table extends OptionTable>({ name, ...command }: Command<Table>): CommanderCommand {
  // In npm's form, `--` stands before the options.
  const program = new CommanderCommand(invocation(name, ' ').trimEnd())
    .usage(command.synopsis ?? '[options]')
    .description(command.summary)
    .helpOption('-h, --help', 'Show this text.')
    .allowExcessArguments()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, getOutHelpWidth: () => 100 });
  for (const [option, entry] of Object.entries(command.options ?? {})) {
    const initial = 'value' in entry ? entry.default : false;
    program.addOption(optionFor(option, entry)).setOptionValue(option, initial);
  }
  if (command.argument) {
    program.argument(`[${command.argument.value}]`, command.argument.description);
  }
  if (command.rest) {
    program.argument(`[-- ${command.rest.value}]`, command.rest.description);
  }
  return program;
}

/** Keeps its name: to commander, `--dry-run` is `dryRun`, and `--no-docker` a `docker` that is off. */
class NamedOption extends Option {
  override negate = false;

  override attributeName(): string {
    return this.name();
  }
}

function optionFor(name: string, entry: TextOption | Flag): Option {
  if (!('value' in entry)) {
    const flags = entry.short === undefined ? `--${name}` : `-${entry.short}, --${name}`;
    return new NamedOption(flags, entry.description);
  }
  const { value: placeholder, description, default: initial, unset = 'none' } = entry;
  return new NamedOption(
    `--${name} <${placeholder}>`,
    `${description} (default: ${initial ?? unset})`,
  ).argParser((value) => {
    // Commander takes an option in place of a value for the value.
    if (value === '' || value.startsWith('-')) {
      throw new WrongValue(needsValue(name, entry));
    }
    const wrong = entry.check?.(value);
    if (wrong !== undefined) {
      throw new WrongValue(`--${name} ${JSON.stringify(value)} ${wrong}`);
    }
    return value;
  });
}

/** One line for what commander refuses. */
function refusalFor<Table extends OptionTable>(command: Command<Table>, error: unknown): string {
  if (error instanceof WrongValue) {
    return error.message;
  }
  // `unknown option '--regon'\n(Did you mean --region?)`, `option '--region <REGION>' argument missing`
  const [, name = '', suggestion] = /'(-[^\s'=]+)[^']*'(?:.*\n\((.*)\))?/.exec(String(error)) ?? [];
  if (!(error instanceof CommanderError) || name === '') {
    throw error;
  }
  const entry = command.options?.[name.slice(2)];
  if (entry !== undefined) {
    return `${'value' in entry ? needsValue(name.slice(2), entry) : `${name} does not take a value.`} ${seeHelp(command)}`;
  }
  return `${invocation(command.name)} has no option ${name}. ${suggestion === undefined ? '' : `${suggestion} `}${seeHelp(command)}`;
}

function needsValue(name: string, { value }: TextOption): string {
  return `--${name} needs a value: --${name} ${value}.`;
}

function seeHelp({ name }: { readonly name: string }): string {
  return `See ${invocation(name, '--help')}.`;
}
