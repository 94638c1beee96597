/**
 * How every command of this repository reads its command line. From a table of options, it returns the values, the text
 * for `--help`, or one sentence about what is wrong. Nothing here prints, exits or changes a file.
 */
import { parseArgs } from 'node:util';

/** An option with a value, such as `--region us-east-1`. */
export interface TextOption {
  readonly type: 'string';
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
  readonly type: 'boolean';
  /** One letter: `v` makes `-v`. */
  readonly short?: string;
  readonly description: string;
}

export type OptionTable = Readonly<Record<string, TextOption | Flag>>;

/** The values that belong to a table, by the options' names. */
export type Values<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Flag
    ? boolean
    : Table[Name] extends { readonly default: string }
      ? string
      : string | undefined;
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
  readonly options: Table;
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

const HELP = { type: 'boolean', short: 'h', description: 'Show this text.' } as const satisfies Flag;

/**
 * Reads a command line with `util.parseArgs`, strictly. If an option is given twice, the second value counts.
 *
 * @param args What follows `npm run NAME --`.
 */
export function readCommandLine<Table extends OptionTable>(
  command: Command<Table>,
  args: readonly string[],
): CommandLine<Table> {
  const end = args.indexOf('--');
  const [own, rest] = end < 0 ? [args, []] : [args.slice(0, end), args.slice(end + 1)];
  if (own.includes('--help') || own.includes('-h')) {
    return { kind: 'help', text: helpText(command) };
  }
  const parsed = parse(command, own);
  if ('message' in parsed) {
    return { kind: 'refused', message: parsed.message };
  }
  const { values, positionals } = parsed;
  const [argument, tooMany] = command.argument ? positionals : [undefined, ...positionals];
  const unexpected = tooMany ?? (command.rest ? undefined : rest[0]);
  const message =
    unexpected === undefined
      ? (wrongValue(command.options, values) ?? command.check?.(values))
      : `${usage(command)} does not take the argument ${quoted(unexpected)}. ${seeHelp(command)}`;
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

/** Usage: what the command does, and each option with its default. */
function helpText<Table extends OptionTable>(command: Command<Table>): string {
  const { options, argument, rest } = command;
  const rows = [
    ...(argument ? [[argument.value, argument.description] as const] : []),
    ...Object.entries({ ...options, help: HELP }).map(
      ([name, option]) => [form(name, option), `${option.description}${defaultOf(option)}`] as const,
    ),
    ...(rest ? [[`-- ${rest.value}`, rest.description] as const] : []),
  ];
  const width = Math.max(...rows.map(([left]) => left.length));
  const lines = rows.map(([left, right]) => {
    const indent = ' '.repeat(width + 4);
    return `  ${left.padEnd(width)}  ${wrapped(right, 100 - indent.length).join(`\n${indent}`)}`;
  });
  return `Usage: ${usage(command)}\n\n${wrapped(command.summary, 100).join('\n')}\n\n${lines.join('\n')}`;
}

/** The values, or one sentence that names what `parseArgs` refuses. */
function parse<Table extends OptionTable>(
  command: Command<Table>,
  args: readonly string[],
): { values: Values<Table>; positionals: string[] } | { message: string } {
  const entries = Object.entries(command.options).map(([name, option]) => [
    name,
    option.type === 'string'
      ? { type: option.type, ...(option.default !== undefined && { default: option.default }) }
      : { type: option.type, default: false, ...(option.short !== undefined && { short: option.short }) },
  ]);
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: Object.fromEntries(entries),
      strict: true,
      allowPositionals: true,
    });
    // Strict parsing returns only values of options in the table.
    return { values: values as Values<Table>, positionals };
  } catch (error) {
    return { message: `${complaint(command, error)} ${seeHelp(command)}` };
  }
}

/** Node's own messages are two or three sentences long, and are for the developer who calls `parseArgs`. */
function complaint<Table extends OptionTable>(command: Command<Table>, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  // `Option '--region <value>' argument missing`, `Option '-h, --help' does not take an argument`
  const name = /'(?:-\w, )?(-[^']*?)(?: <value>)?'/.exec(message)?.[1] ?? message;
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    return `npm run ${command.name} has no option ${name}.`;
  }
  if (code !== 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') {
    throw error;
  }
  const option = command.options[name.replace(/^--/, '')];
  return option?.type === 'string' ? needsValue(name, option) : `${name} does not take a value.`;
}

/** The first value that its option's own check refuses. */
function wrongValue<Table extends OptionTable>(table: Table, values: Values<Table>): string | undefined {
  for (const [name, option] of Object.entries(table)) {
    const value: string | boolean | undefined = values[name];
    if (option.type === 'string' && typeof value === 'string') {
      const wrong = option.check?.(value);
      if (value === '' || wrong !== undefined) {
        return value === '' ? needsValue(`--${name}`, option) : `--${name} ${quoted(value)} ${wrong}`;
      }
    }
  }
  return undefined;
}

function needsValue(name: string, { value }: TextOption): string {
  return `${name} needs a value: ${name} ${value}.`;
}

function seeHelp({ name }: { readonly name: string }): string {
  return `See npm run ${name} -- --help.`;
}

/** With the `--` that npm needs before options. Without it, npm takes the options and passes on only their values. */
function usage({ name, synopsis }: { readonly name: string; readonly synopsis?: string }): string {
  return `npm run ${name}${synopsis === undefined ? '' : ` -- ${synopsis}`}`;
}

/** Quotes a text on one line. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

function form(name: string, option: TextOption | Flag): string {
  const short = option.type === 'boolean' && option.short !== undefined ? `-${option.short}, ` : '';
  return `${short}--${name}${option.type === 'string' ? ` ${option.value}` : ''}`;
}

function defaultOf(option: TextOption | Flag): string {
  if (option === HELP) {
    return '';
  }
  return ` Default: ${option.type === 'boolean' ? 'off' : (option.default ?? option.unset ?? 'none')}.`;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}
