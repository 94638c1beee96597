import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACCEPTANCE } from '../../scripts/acceptance/options';
import {
  type Command,
  type OptionTable,
  readCommandLine,
  toArguments,
} from '../../scripts/command-line/options';
import { CONTRACT } from '../../scripts/contract/options';
import { LOCAL } from '../../scripts/local/options';
import { OPT_IN } from '../../scripts/opt-in/options';
import { PACKAGE } from '../../scripts/packaging/package-options';
import { SUBMIT } from '../../scripts/packaging/submission';

/* How commands read their options, in-process. commands.test.ts runs each command. */

const ROLE = 'arn:aws:iam::111122223333:role/handlers';

/** Why a command line is refused. */
function refusal<Table extends OptionTable>(command: Command<Table>, args: readonly string[]): string {
  const line = readCommandLine(command, args);
  return line.kind === 'refused' ? line.message : `not refused: ${line.kind}`;
}

/** The values that a command runs with, without those that are off or missing. */
function values<Table extends OptionTable>(command: Command<Table>, args: readonly string[]): string[] {
  const line = readCommandLine(command, args);
  return line.kind === 'run' ? toArguments(line.given.values) : [line.kind];
}

/** A command with options of each kind. */
const EXAMPLE = {
  name: 'example',
  summary: 'Shows how options are read.',
  options: {
    color: { type: 'string', value: 'COLOR', description: 'A color.', default: 'red' },
    shape: {
      type: 'string',
      value: 'SHAPE',
      description: 'A shape.',
      unset: 'round',
      check: (value: string) => (value === 'flat' ? 'is not a shape.' : undefined),
    },
    loud: { type: 'boolean', short: 'l', description: 'Shouts.' },
  },
} as const;

describe('reading options', () => {
  test.each<[string, string[], string[]]>([
    ['defaults where nothing is given', [], ['--color', 'red']],
    ['values in both forms', ['--color', 'blue', '--shape=a=b'], ['--color', 'blue', '--shape', 'a=b']],
    ['the second of two', ['--color', 'blue', '--color', 'green'], ['--color', 'green']],
    ['a flag and its letter', ['--loud', '-l'], ['--color', 'red', '--loud']],
  ])('takes %s', (_, args, expected) => {
    expect(values(EXAMPLE, args).sort()).toEqual(expected.sort());
  });

  test.each<[string, string[], string]>([
    ['an unknown option', ['--size', '3'], 'npm run example has no option --size.'],
    ['an unknown option with a value', ['--size=3'], 'npm run example has no option --size.'],
    ['an unknown letter', ['-x'], 'npm run example has no option -x.'],
    ['an option that differs by case', ['--Color', 'red'], 'npm run example has no option --Color.'],
    ['a missing value at the end', ['--color'], '--color needs a value: --color COLOR.'],
    ['an option in place of a value', ['--color', '--loud'], '--color needs a value: --color COLOR.'],
    ['an empty value', ['--color', ''], '--color needs a value: --color COLOR.'],
    ['a value for a flag', ['--loud=yes'], '--loud does not take a value.'],
    ['an argument', ['blue'], 'npm run example does not take the argument "blue".'],
    ['an argument of several lines', ['a\nb'], 'npm run example does not take the argument "a\\nb".'],
    ['arguments after --', ['--', '-k'], 'npm run example does not take the argument "-k".'],
    ['a value that its check refuses', ['--shape', 'flat'], '--shape "flat" is not a shape.'],
  ])('refuses %s, in one line that names it', (_, args, message) => {
    const said = refusal(EXAMPLE, args);
    expect(said.startsWith(message)).toBe(true);
    expect(said.slice(message.length)).toMatch(
      /^( Did you mean --\w+\?)?( See npm run example -- --help\.)?$/,
    );
  });

  test.each([['--help'], ['-h'], ['--size', '--help']])(
    'answers %s with each option and its default',
    (...args) => {
      const line = readCommandLine(EXAMPLE, args);
      expect(line).toEqual({
        kind: 'help',
        text: `Usage: npm run example -- [options]

Shows how options are read.

Options:
  --color <COLOR>  A color. (default: red)
  --shape <SHAPE>  A shape. (default: round)
  -l, --loud       Shouts.
  -h, --help       Show this text.`,
      });
    },
  );

  test('passes on the arguments after -- if a command accepts them, even if they are options of the command', () => {
    const command = { ...EXAMPLE, rest: { value: 'ARGUMENTS', description: 'For another program.' } };
    const line = readCommandLine(command, ['-l', '--', '--color', 'blue', '--help']);
    expect(line).toMatchObject({
      kind: 'run',
      given: { values: { color: 'red', loud: true }, rest: ['--color', 'blue', '--help'] },
    });
  });

  test('takes one argument if a command accepts one, and refuses a second one', () => {
    const command = { ...EXAMPLE, argument: { value: 'NAME', description: 'A name.' } };
    expect(readCommandLine(command, ['one'])).toMatchObject({ kind: 'run', given: { argument: 'one' } });
    expect(refusal(command, ['one', 'two'])).toContain('does not take the argument "two"');
  });
});

describe('submit', () => {
  const given = ['--namespace', 'Initech'];

  test.each<[string, string[], RegExp]>([
    ['no namespace', ['--dry-run'], /^Give the namespace .*--namespace Acme.*\.$/],
    ['a namespace without a value', ['--namespace', '--dry-run'], /^--namespace needs a value/],
    [
      'a namespace of one letter',
      ['--namespace', 'A'],
      /^--namespace "A" is not a .*2 to 64 letters and digits/,
    ],
    ['a namespace with a dash', ['--namespace=my-org'], /^--namespace "my-org" is not a namespace/],
    ['a namespace outside build/', ['--namespace', '../src'], /^--namespace "..\/src" is not a namespace/],
    ...['Alexa', 'AMZN', 'Amazon', 'ASK', 'AWS', 'Custom', 'Dev', 'custom', 'aWs'].map(
      (name): [string, string[], RegExp] => [
        `the reserved namespace ${name}`,
        ['--namespace', name],
        new RegExp(`^--namespace "${name}" .*AWS reserves the namespace ${name}, and RegisterType`, 'i'),
      ],
    ),
    [
      'a role name',
      [...given, '--role-arn=Handlers'],
      /^--role-arn "Handlers" is not the ARN of an IAM role/,
    ],
    ['a role without a value', [...given, '--role-arn', '--set-default'], /^--role-arn needs a value/],
    ['an empty role', [...given, '--role-arn', ''], /^--role-arn needs a value/],
    [
      "a user's ARN",
      [...given, '--role-arn', ROLE.replace('role/', 'user/')],
      /is not the ARN of an IAM role/,
    ],
    [
      'both --role-arn and --no-role',
      [...given, '--role-arn', ROLE, '--no-role'],
      /^Give either --role-arn or --no-role/,
    ],
    [
      'both --use-docker and --no-docker',
      [...given, '--no-role', '--use-docker', '--no-docker'],
      /^Give either --use-docker or/,
    ],
    ['an invalid Region', [...given, '--no-role', '--region', 'Frankfurt'], /^--region "Frankfurt" is not/],
    [
      'a runtime that is not in the table',
      [...given, '--no-role', '--runtime', 'nodejs20.x'],
      /^--runtime "nodejs20.x" is/,
    ],
    [
      'an Availability Zone',
      [...given, '--no-role', '--region', 'us-east-1a'],
      /^--region "us-east-1a" is not/,
    ],
    [
      'an endpoint that is not a URL',
      [...given, '--no-role', '--endpoint-url', 'localhost:80'],
      /is not a URL/,
    ],
    [
      'an option of cfn test',
      [...given, '--no-role', '--function-name', 'x'],
      /has no option --function-name/,
    ],
    [
      'a misspelt option',
      [...given, '--no-role', '--set-defualt'],
      /^npm run submit has no option --set-defualt\. /,
    ],
  ])('refuses %s', (_, args, sentence) => {
    const message = refusal(SUBMIT, args);
    expect(message).toMatch(sentence);
    expect(message.split('\n')).toHaveLength(1);
  });

  test('without a role, says how to make one and how to continue, with the given Region and profile', () => {
    const message = refusal(SUBMIT, [...given, '--region', 'eu-central-1', '--profile', "it's"]);
    expect(message).toMatch(/^Give --role-arn the ARN of the role/);
    const target = String.raw`--region eu-central-1 --profile 'it'\''s'`;
    expect(message).toContain('npm run submit -- --namespace Initech --dry-run\n');
    expect(message).toContain(
      `--template-file build/initech/examples/roles.yml --stack-name initech-ecs-roletrunking-roles ${target}`,
    );
    expect(message).toContain(`npm run submit -- --namespace Initech --set-default ${target}`);
    expect(message).toContain('HandlerRoleArn');
  });

  test.each<[string[]]>([
    [['--dry-run']],
    [['--dry-run', '--role-arn', ROLE]],
    [['--dry-run', '--runtime', 'nodejs24.x']],
    [['--role-arn', ROLE, '--set-default', '--region', 'us-gov-west-1', '--verbose']],
    [['--role-arn', ROLE.replace('aws', 'aws-iso-b').replace('role/', 'role/a/path/')]],
    [['--no-role', '--profile', 'dev', '--endpoint-url', 'http://127.0.0.1:4566', '--no-docker']],
  ])('takes %j', (args) => {
    const runtime = args.includes('--runtime') ? [] : ['--runtime', 'nodejs22.x'];
    expect(values(SUBMIT, [...given, ...args]).sort()).toEqual([...given, ...args, ...runtime].sort());
  });

  test('refuses a namespace that differs only by case from a staged one', () => {
    const directory = join(__dirname, '../../build/casetest');
    mkdirSync(directory, { recursive: true });
    try {
      writeFileSync(join(directory, '.rpdk-config'), '{"typeName":"CaseTest::Ecs::RoleTrunking"}');
      const message = refusal(SUBMIT, ['--namespace', 'casetest', '--dry-run']);
      expect(message).toContain(
        '"casetest" differs only by case from CaseTest, which is staged in build/casetest',
      );
      expect(message).toContain('the stack casetest-ecs-roletrunking-roles');
      expect(message).toContain('Give --namespace CaseTest; or');
      expect(refusal(CONTRACT, ['--namespace', 'CASETEST'])).toContain('differs only by case from CaseTest');
      expect(values(SUBMIT, ['--namespace', 'CaseTest', '--dry-run'])).toContain('CaseTest');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('opt-in', () => {
  test.each<[string, string[], RegExp]>([
    ['no role', ['--dry-run'], /^Give the name of the role/],
    [
      "a user's ARN",
      ['--role', ROLE.replace('role/', 'user/')],
      /^--role ".*" has something that is neither the name of a role, .*, nor its ARN\. Separate several with commas/,
    ],
    ['roles with a space between', ['--role', 'x, y'], /^--role "x, y" has something that is neither/],
    ['a comma and nothing after it', ['--role', 'x,'], /^--role "x," has something that is neither/],
    ['--force without --undo', ['--role', 'x', '--force'], /^--force is only for --undo/],
    [
      'both --check and --undo',
      ['--role', 'x', '--check', '--undo'],
      /^Give either --check or --undo, not both/,
    ],
    ['both --dry-run and --yes', ['--role', 'x', '--dry-run', '--yes'], /^Give either --dry-run or --yes/],
    [
      'a namespace without --check',
      ['--role', 'x', '--namespace', 'Initech'],
      /^--namespace is only for --check/,
    ],
  ])('refuses %s', (_, args, sentence) => {
    const message = refusal(OPT_IN, args);
    expect(message).toMatch(sentence);
    expect(message.split('\n')).toHaveLength(1);
  });

  test('takes roles with what to do and where', () => {
    const args = [
      '--role',
      `ecsInstanceRole,${ROLE}`,
      '--undo',
      '--dry-run',
      '--region',
      'eu-west-1',
      '--profile',
      'dev',
    ];
    expect(values(OPT_IN, args).sort()).toEqual([...args].sort());
  });
});

describe('package', () => {
  test('needs a namespace, and takes a runtime', () => {
    expect(refusal(PACKAGE, [])).toMatch(/^Give the namespace .*--namespace Acme.*\.$/);
    expect(values(PACKAGE, ['--namespace', 'Acme'])).toEqual([
      '--namespace',
      'Acme',
      '--runtime',
      'nodejs22.x',
    ]);
  });
});

describe('acceptance', () => {
  test.each<[string, string[], RegExp]>([
    ['a profile for the local account', ['--profile', 'dev'], /^--profile is only for a real account/],
    ['--yes for the local account', ['--yes'], /^--yes is only for a real account/],
    ['the reserved namespace', ['--namespace', 'Custom'], /AWS reserves the namespace Custom/],
    ['an invalid Region', ['--real', '--region', 'here'], /^--region "here" is not the name of a Region/],
  ])('refuses %s', (_, args, sentence) => {
    const message = refusal(ACCEPTANCE, args);
    expect(message).toMatch(sentence);
    expect(message.split('\n')).toHaveLength(1);
  });
});

describe('local', () => {
  test.each<[string, string[], RegExp]>([
    ['an invalid port', ['--port', '70000'], /^--port "70000" is not a port/],
    ['an invalid latency', ['--latency', '1s'], /^--latency "1s" is not a number of milliseconds/],
  ])('refuses %s', (_, args, sentence) => {
    expect(refusal(LOCAL, args)).toMatch(sentence);
  });
});

describe('contract', () => {
  test.each<[string, string[], RegExp]>([
    ['a role for the local account', ['--role-arn', ROLE], /^--role-arn is only for a real account/],
    ['a profile for the local account', ['--profile', 'dev'], /^--profile is only for a real account/],
    [
      'half of a pair',
      ['--real', '--log-group-name', 'x'],
      /^--log-group-name and --log-role-arn belong together/,
    ],
    [
      'a timeout that is not a number',
      ['--enforce-timeout', 'long'],
      /^--enforce-timeout "long" is not a whole number/,
    ],
    [
      'an invalid account ID',
      ['--real', '--source-account', '1'],
      /^--source-account "1" is not an account ID/,
    ],
    [
      'an endpoint, which the command itself sets',
      ['--endpoint', 'http://127.0.0.1:1'],
      /has no option --endpoint/,
    ],
    ['the reserved namespace', ['--namespace', 'Custom'], /AWS reserves the namespace Custom/],
    ['a test without --', ['contract_create_delete'], /does not take the argument "contract_create_delete"/],
  ])('refuses %s', (_, args, sentence) => {
    const message = refusal(CONTRACT, args);
    expect(message).toMatch(sentence);
    expect(message.split('\n')).toHaveLength(1);
  });

  test('takes roles for a real account, and arguments for pytest', () => {
    const args = ['--real', '--role-arn', ROLE, '--instance-role-arn', ROLE, '--region', 'eu-west-1'];
    expect(values(CONTRACT, args).sort()).toEqual([...args].sort());
    expect(readCommandLine(CONTRACT, ['--', '-k', 'x'])).toMatchObject({ given: { rest: ['-k', 'x'] } });
  });
});
