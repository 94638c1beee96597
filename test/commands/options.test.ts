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

/** The words of a command line, of which some stand in double quotes. */
const wordsOf = (line: string) => (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''));

/** Why a command line is refused. */
function refusal<Table extends OptionTable>(command: Command<Table>, args: string): string {
  const line = readCommandLine(command, wordsOf(args));
  return line.kind === 'refused' ? line.message : `not refused: ${line.kind}`;
}

/** Each of these command lines is refused, in one line. */
function refuses<Table extends OptionTable>(
  command: Command<Table>,
  lines: readonly [string, RegExp][],
): void {
  test.each(lines)('refuses %j', (args, message) => {
    const said = refusal(command, args);
    expect(said).toMatch(message);
    expect(said.split('\n')).toHaveLength(1);
  });
}

/** The values that a command runs with, without those that are off or missing. */
function values<Table extends OptionTable>(command: Command<Table>, args: string): string[] {
  const line = readCommandLine(command, wordsOf(args));
  return (line.kind === 'run' ? toArguments(line.given.values) : [line.kind]).sort();
}

/** A command with options of each kind. */
const EXAMPLE = {
  name: 'example',
  summary: 'Shows how options are read.',
  options: {
    color: { value: 'COLOR', description: 'A color.', default: 'red' },
    shape: {
      value: 'SHAPE',
      description: 'A shape.',
      unset: 'round',
      check: (value: string) => (value === 'flat' ? 'is not a shape.' : undefined),
    },
    loud: { short: 'l', description: 'Shouts.' },
  },
} as const;

describe('reading options', () => {
  test.each([
    ['', '--color red'],
    ['--color blue --shape=a=b', '--color blue --shape a=b'],
    ['--color blue --color green', '--color green'],
    ['--loud -l', '--color red --loud'],
  ])('reads %j as %s', (args, expected) => {
    expect(values(EXAMPLE, args)).toEqual(wordsOf(expected).sort());
  });

  test.each([
    ['--size 3', 'npm run example has no option --size.'],
    ['--size=3', 'npm run example has no option --size.'],
    ['-x', 'npm run example has no option -x.'],
    ['--Color red', 'npm run example has no option --Color.'],
    ['--color', '--color needs a value: --color COLOR.'],
    ['--color --loud', '--color needs a value: --color COLOR.'],
    ['--color ""', '--color needs a value: --color COLOR.'],
    ['--loud=yes', '--loud does not take a value.'],
    ['blue', 'npm run example does not take the argument "blue".'],
    ['"a\nb"', 'npm run example does not take the argument "a\\nb".'],
    ['-- -k', 'npm run example does not take the argument "-k".'],
    ['--shape flat', '--shape "flat" is not a shape.'],
  ])('refuses %j, in one line that names it', (args, message) => {
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
    expect(refusal(command, 'one two')).toContain('does not take the argument "two"');
  });
});

describe('submit', () => {
  refuses(SUBMIT, [
    ['--dry-run', /^Give the namespace .*--namespace Acme.*\.$/],
    ['--namespace --dry-run', /^--namespace needs a value/],
    ['--namespace A', /^--namespace "A" is not a .*2 to 64 letters and digits/],
    ['--namespace=my-org', /^--namespace "my-org" is not a namespace/],
    ['--namespace ../src', /^--namespace "..\/src" is not a namespace/],
    ...['Alexa', 'AMZN', 'Amazon', 'ASK', 'AWS', 'Custom', 'Dev', 'custom', 'aWs'].map(
      (name): [string, RegExp] => [
        `--namespace ${name}`,
        new RegExp(`^--namespace "${name}" .*AWS reserves the namespace ${name}, and RegisterType`, 'i'),
      ],
    ),
    ['--namespace Initech --role-arn=Handlers', /^--role-arn "Handlers" is not the ARN of an IAM role/],
    ['--namespace Initech --role-arn --set-default', /^--role-arn needs a value/],
    ['--namespace Initech --role-arn ""', /^--role-arn needs a value/],
    [`--namespace Initech --role-arn ${ROLE.replace('role/', 'user/')}`, /is not the ARN of an IAM role/],
    [`--namespace Initech --role-arn ${ROLE} --no-role`, /^Give either --role-arn or --no-role/],
    ['--namespace Initech --no-role --use-docker --no-docker', /^Give either --use-docker or/],
    ['--namespace Initech --no-role --region Frankfurt', /^--region "Frankfurt" is not/],
    ['--namespace Initech --no-role --region us-east-1a', /^--region "us-east-1a" is not/],
    ['--namespace Initech --no-role --runtime nodejs20.x', /^--runtime "nodejs20.x" is/],
    ['--namespace Initech --no-role --endpoint-url localhost:80', /is not a URL/],
    ['--namespace Initech --no-role --function-name x', /has no option --function-name/],
    ['--namespace Initech --no-role --set-defualt', /^npm run submit has no option --set-defualt\. /],
  ]);

  test('without a role, says how to make one and how to continue, with the given Region and profile', () => {
    const message = refusal(SUBMIT, `--namespace Initech --region eu-central-1 --profile it's`);
    expect(message).toMatch(/^Give --role-arn the ARN of the role/);
    const target = String.raw`--region eu-central-1 --profile 'it'\''s'`;
    expect(message).toContain('npm run submit -- --namespace Initech --dry-run\n');
    expect(message).toContain(
      `--template-file build/initech/examples/roles.yml --stack-name initech-ecs-roletrunking-roles ${target}`,
    );
    expect(message).toContain(`npm run submit -- --namespace Initech --set-default ${target}`);
    expect(message).toContain('HandlerRoleArn');
  });

  test.each([
    '--dry-run',
    `--dry-run --role-arn ${ROLE}`,
    '--dry-run --runtime nodejs24.x',
    `--role-arn ${ROLE} --set-default --region us-gov-west-1 --verbose`,
    `--role-arn ${ROLE.replace('aws', 'aws-iso-b').replace('role/', 'role/a/path/')}`,
    '--no-role --profile dev --endpoint-url http://127.0.0.1:4566 --no-docker',
  ])('takes %s', (args) => {
    const given = `--namespace Initech ${args}`;
    const runtime = args.includes('--runtime') ? '' : '--runtime nodejs22.x';
    expect(values(SUBMIT, given)).toEqual(wordsOf(`${given} ${runtime}`).sort());
  });

  test('refuses a namespace that differs only by case from a staged one', () => {
    const directory = join(__dirname, '../../build/casetest');
    mkdirSync(directory, { recursive: true });
    try {
      writeFileSync(join(directory, '.rpdk-config'), '{"typeName":"CaseTest::Ecs::RoleTrunking"}');
      const message = refusal(SUBMIT, '--namespace casetest --dry-run');
      expect(message).toContain(
        '"casetest" differs only by case from CaseTest, which is staged in build/casetest',
      );
      expect(message).toContain('the stack casetest-ecs-roletrunking-roles');
      expect(message).toContain('Give --namespace CaseTest; or');
      expect(refusal(CONTRACT, '--namespace CASETEST')).toContain('differs only by case from CaseTest');
      expect(values(SUBMIT, '--namespace CaseTest --dry-run')).toContain('CaseTest');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('opt-in', () => {
  const neither =
    /^--role ".*" has something that is neither the name of a role, .*, nor its ARN\. Separate several with commas/;
  refuses(OPT_IN, [
    ['--dry-run', /^Give the name of the role/],
    [`--role ${ROLE.replace('role/', 'user/')}`, neither],
    ['--role "x, y"', /^--role "x, y" has something that is neither/],
    ['--role x,', /^--role "x," has something that is neither/],
    ['--role x --force', /^--force is only for --undo/],
    ['--role x --check --undo', /^Give either --check or --undo, not both/],
    ['--role x --dry-run --yes', /^Give either --dry-run or --yes/],
    ['--role x --namespace Initech', /^--namespace is only for --check/],
  ]);

  test('takes roles with what to do and where', () => {
    const args = `--role ecsInstanceRole,${ROLE} --undo --dry-run --region eu-west-1 --profile dev`;
    expect(values(OPT_IN, args)).toEqual(wordsOf(args).sort());
  });
});

describe('package', () => {
  refuses(PACKAGE, [['', /^Give the namespace .*--namespace Acme.*\.$/]]);

  test('needs only a namespace, and has a default runtime', () => {
    const expected = wordsOf('--namespace Acme --runtime nodejs22.x');
    expect(values(PACKAGE, '--namespace Acme')).toEqual(expected.sort());
  });
});

describe('acceptance', () => {
  refuses(ACCEPTANCE, [
    ['--profile dev', /^--profile is only for a real account/],
    ['--yes', /^--yes is only for a real account/],
    ['--namespace Custom', /AWS reserves the namespace Custom/],
    ['--real --region here', /^--region "here" is not the name of a Region/],
  ]);
});

describe('local', () => {
  refuses(LOCAL, [
    ['--port 70000', /^--port "70000" is not a port/],
    ['--latency 1s', /^--latency "1s" is not a number of milliseconds/],
  ]);
});

describe('contract', () => {
  refuses(CONTRACT, [
    [`--role-arn ${ROLE}`, /^--role-arn is only for a real account/],
    ['--profile dev', /^--profile is only for a real account/],
    ['--real --log-group-name x', /^--log-group-name and --log-role-arn belong together/],
    ['--enforce-timeout long', /^--enforce-timeout "long" is not a whole number/],
    ['--real --source-account 1', /^--source-account "1" is not an account ID/],
    // The command itself sets the endpoint.
    ['--endpoint http://127.0.0.1:1', /has no option --endpoint/],
    ['--namespace Custom', /AWS reserves the namespace Custom/],
    ['contract_create_delete', /does not take the argument "contract_create_delete"/],
  ]);

  test('takes roles for a real account, and arguments for pytest', () => {
    const args = `--real --role-arn ${ROLE} --instance-role-arn ${ROLE} --region eu-west-1`;
    expect(values(CONTRACT, args)).toEqual(wordsOf(args).sort());
    expect(readCommandLine(CONTRACT, ['--', '-k', 'x'])).toMatchObject({ given: { rest: ['-k', 'x'] } });
  });
});
