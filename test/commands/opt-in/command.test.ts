import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IAMClient } from '@aws-sdk/client-iam';
import type { FaultRule, Moment } from 'local-account';
import { LocalAccount } from 'local-account';
import { clientEnvironment } from '../../../scripts/command-line/client-environment';
import { CommandError } from '../../../scripts/command-line/command';
import { changeRole, type RoleChange } from '../../../scripts/opt-in/change-role';
import { documentsFor, POLICY_NAME } from '../../../scripts/opt-in/documents';
import { type Outcome, ProjectCopy } from '../../harness/project-copy';
import { Deployments, registerType } from '../../harness/registered-type';
import { inTerminal, type Terminal } from '../../harness/terminal';

/*
 * Opting roles in and out in the local account, with IAM's own refusals: as a process where the command line, the
 * environment or the terminal matters, otherwise in-process.
 */

const REGION = 'eu-central-1';
const EC2 = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };

/** A policy document that allows actions. */
const allowing = (...actions: string[]) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
});
const OTHER = { name: 'Other', document: allowing('s3:GetObject') };

const NO_REGION = { AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined };
const UNKNOWN_KEY = { AWS_ACCESS_KEY_ID: 'AKIAUNKNOWNUNKNOWN00' };
const NO_KEY = {
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_EC2_METADATA_DISABLED: 'true',
};

const project = new ProjectCopy();
let account: LocalAccount;
/** Where copies of policies go that are kept in-process. */
const folder = mkdtempSync(join(tmpdir(), 'opt-in-'));

beforeAll(async () => {
  account = await LocalAccount.start();
});

afterAll(async () => {
  project.close();
  await account?.close();
  rmSync(folder, { recursive: true });
});

/** Creates a role with a tag, statements and a policy that opting in must not change. */
function createRole(name: string, statements: object[] = [EC2]) {
  const { arn } = account.roles.create({
    name,
    path: '/team/',
    tags: { team: 'storage' },
    assumeRolePolicyDocument: { Version: '2012-10-17', Statement: statements },
    inlinePolicies: [OTHER],
  });
  return { arn, before: roleNamed(name) };
}

/** The role as IAM has it. */
function roleNamed(roleName: string) {
  const role = account.roles.get(roleName);
  if (!role) {
    throw new Error(`There is no role ${roleName}`);
  }
  const { tags, inlinePolicies, assumeRolePolicyDocument } = role;
  return { tags, inlinePolicies, statements: assumeRolePolicyDocument.Statement };
}

const environment = (): NodeJS.ProcessEnv => ({ ...clientEnvironment(account), AWS_REGION: REGION });

/** `npm run opt-in -- --role NAME,… …`; by default, as an administrator. */
function optIn(
  roleName: string,
  options: string[] = ['--yes'],
  env: NodeJS.ProcessEnv = {},
): Promise<Outcome> {
  return project.run('opt-in', ['--role', roleName, ...options], { ...environment(), ...env });
}

/** The same in-process, with a yes to the question; by default, as an administrator. @returns what is printed */
async function change(
  roleName: string,
  options: Partial<RoleChange> = {},
  credentials = account.administrator(),
): Promise<string> {
  const printed: string[] = [];
  await changeRole({
    // The SDK tries again after some of the errors.
    iam: new IAMClient({ endpoint: account.endpoint, region: REGION, credentials, maxAttempts: 1 }),
    roleName,
    direction: 'in',
    isDryRun: false,
    target: {},
    project: folder,
    print: (text) => printed.push(text),
    progress: () => undefined,
    confirm: async () => true,
    ...options,
  });
  return printed.join('\n');
}

/** What the command prints where it cannot do what it was asked for. */
async function refusal(...args: Parameters<typeof change>): Promise<string> {
  const error: unknown = await change(...args).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CommandError);
  return (error as CommandError).message;
}

test('adds the tag, the statement and the policy, leaves the rest, and undoes exactly that', async () => {
  const { arn, before } = createRole('plain');
  const { tag, statement, policy } = documentsFor(arn);
  const { code, stdout, stderr } = await optIn('plain');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(`${arn} is opted in.`);
  expect(roleNamed('plain')).toEqual({
    tags: { team: 'storage', [tag.key]: tag.value },
    statements: [EC2, statement],
    inlinePolicies: [OTHER, { name: POLICY_NAME, document: policy }],
  });

  expect(await change('plain')).toContain('is already opted in. Nothing to change.');
  expect((await optIn('plain', ['--undo', '--yes'])).code).toBe(0);
  expect(roleNamed('plain')).toEqual(before);
});

test('a dry run shows each change line by line, and makes none', async () => {
  const { before } = createRole('dry');
  account.calls.length = 0;
  const { code, stdout } = await optIn('dry', ['--dry-run']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Trust policy\n {2}\{[\s\S]*^\+ .*"Sid": "EcsRoleTrunking"/m);
  expect(stdout).not.toContain('whole account');
  expect(stdout).toMatch(/^Inline policy SetTrunkingFromTheHandler\n\+ \{/m);
  expect(stdout).toMatch(/^Tag ecs-role-trunking\n\+ managed$/m);
  expect(stdout.trim().endsWith('Nothing was changed.')).toBe(true);
  expect(roleNamed('dry')).toEqual(before);
  expect(account.calls.map(({ operation }) => operation)).toEqual([
    'DescribeStackResources',
    'GetRole',
    'GetRolePolicy',
  ]);
});

test('saves the previous trust policy in a file, and prints the command that restores it', async () => {
  createRole('kept');
  const { stdout } = await optIn('kept', ['--yes', '--profile', 'default'], {
    AWS_SHARED_CREDENTIALS_FILE: credentialsFile(),
  });
  const [path = ''] = /build\/opt-in\/111122223333-kept-\d{8}T\d{6}Z\.json/.exec(stdout) ?? [];
  expect(JSON.parse(readFileSync(join(project.directory, path), 'utf8')).Statement).toEqual([EC2]);
  expect(stdout).toContain(
    `aws iam update-assume-role-policy --role-name kept --policy-document file://${path} --profile default`,
  );
});

test('keeps an inline policy of its name that is not its own, when it replaces and when it deletes it', async () => {
  createRole('named');
  const theirs = { ...OTHER, name: POLICY_NAME };
  const keeps = async (direction: RoleChange['direction']) => {
    account.roles.update('named', { inlinePolicies: [theirs] });
    const printed = await change('named', { direction });
    const [path = ''] =
      /build\/opt-in\/111122223333-named-SetTrunkingFromTheHandler-\d{8}T\d{6}Z\.json/.exec(printed) ?? [];
    expect(JSON.parse(readFileSync(join(folder, path), 'utf8'))).toEqual(theirs.document);
    expect(printed).toContain(
      `aws iam put-role-policy --role-name named --policy-name ${POLICY_NAME} --policy-document file://${path}`,
    );
  };
  await keeps('in');
  await keeps('out');
  expect(roleNamed('named').inlinePolicies).toEqual([]);
});

/** Writes a credentials file of the AWS CLI with the administrator as default profile. @returns its path */
function credentialsFile(): string {
  const path = join(project.directory, 'credentials');
  const { accessKeyId, secretAccessKey } = account.administrator();
  writeFileSync(
    path,
    `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\nregion = us-east-1\n`,
  );
  return path;
}

describe('the question', () => {
  /** Runs the command in a terminal, and answers its question. */
  function answering(answer: string, roleName: string) {
    const command = [process.execPath, '-r', 'tsx/cjs', 'scripts/opt-in.ts', '--role', roleName];
    return inTerminal(answer, command, { cwd: project.directory, env: environment() }).outcome;
  }

  test('must be answered with yes to change the role', async () => {
    const { before } = createRole('asked');
    for (const answer of ['', 'no', '^D']) {
      const refused = await answering(answer, 'asked');
      expect(refused).toEqual({ code: 1, shown: expect.stringMatching(/\nNothing was changed\.\n$/) });
      expect(roleNamed('asked')).toEqual(before);
    }
    const accepted = await answering('yes', 'asked');
    expect(accepted.code).toBe(0);
    expect(accepted.shown).toContain('is opted in.');
    expect(roleNamed('asked')).not.toEqual(before);
  });

  test('needs a terminal; without one, the command says how to continue and changes nothing', async () => {
    createRole('silent');
    const { code, stderr } = await optIn('silent', []);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^There is no terminal to confirm in\. Nothing was changed; give --yes.*\n$/);
    expect(roleNamed('silent').tags).toEqual({ team: 'storage' });
  });

  test('is not followed by a change if the role has changed since it was shown', async () => {
    createRole('raced');
    const confirm = async () => {
      account.roles.update('raced', { tags: { team: 'network' } });
      return true;
    };
    expect(await refusal('raced', { confirm })).toContain(
      'has changed since it was shown. Nothing was changed',
    );
    expect(roleNamed('raced')).toMatchObject({ tags: { team: 'network' }, statements: [EC2] });
  });
});

describe("IAM's refusals, each with what to do", () => {
  test('a role that does not exist', async () => {
    const message = 'There is no role gone in this account. Check the name and --profile.';
    expect(await refusal('gone')).toBe(message);
  });

  test('a trust policy that is too long: the message says that only the policy was added', async () => {
    const many = Array.from({ length: 18 }, (_, index) => ({
      ...EC2,
      Sid: `Statement${index}`,
      Principal: { Service: `service-${index}.amazonaws.com` },
    }));
    const { before } = createRole('long', many);
    expect(await refusal('long')).toMatch(
      /^The trust policy would be longer than .*request up to 4,096 .*Changed before that: inline policy\. Run this again/s,
    );
    const { inlinePolicies, ...rest } = roleNamed('long');
    const others = inlinePolicies.filter(({ name }) => name !== POLICY_NAME);
    expect({ ...rest, inlinePolicies: others }).toEqual(before);
  });

  test('inline policies that are too long: nothing is changed, and the command continues when run again', async () => {
    createRole('full');
    const actions = Array.from({ length: 330 }, (_, index) => `s3:GetObject${index}PaddingPadding`);
    account.roles.update('full', { inlinePolicies: [{ name: 'Long', document: allowing(...actions) }] });
    expect(await refusal('full')).toMatch(/10,240 characters.*Nothing was changed\.$/s);
    expect(roleNamed('full').tags).toEqual({ team: 'storage' });
    account.roles.update('full', { inlinePolicies: [] });
    expect(await change('full')).toContain('is opted in.');
    expect(roleNamed('full').tags).toMatchObject({ 'ecs-role-trunking': 'managed' });
  });

  test('too many tags', async () => {
    createRole('tagged');
    const tags = Array.from({ length: 50 }, (_, index) => [`tag-${index}`, 'x']);
    account.roles.update('tagged', { tags: Object.fromEntries(tags) });
    expect(await refusal('tagged')).toContain('The role has as many tags as IAM allows (50). Remove one.');
  });

  test('a trust policy that names a principal that was deleted', async () => {
    const { arn } = createRole('deleted');
    createRole('orphan', [EC2, { ...EC2, Principal: { AWS: arn } }]);
    account.roles.delete('deleted');
    expect(await refusal('orphan')).toMatch(
      /^IAM refuses the trust policy as a whole: Invalid principal.*remove that principal first/,
    );
  });

  test('a caller without permission: the message names the required permissions', async () => {
    createRole('guarded');
    const document = allowing('iam:GetRole', 'iam:GetRolePolicy');
    const credentials = account.createUser('Reader', [{ name: 'Read', document }]);
    expect(await refusal('guarded', {}, credentials)).toMatch(
      /^AWS denied the call: .*iam:PutRolePolicy.*requires iam:GetRole, .* Nothing was changed\.$/,
    );
  });

  test.each<[string, NodeJS.ProcessEnv, RegExp]>([
    ['no Region', NO_REGION, /^No Region is set\. Give --region/],
    ['no credentials', NO_KEY, /^There are no AWS credentials: .*Give --profile/],
    ['an unknown key', UNKNOWN_KEY, /^AWS does not accept the credentials: /],
    ['an unreachable endpoint', { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }, /^AWS cannot be reached: /],
  ])('%s', async (_, env, message) => {
    const { code, stderr } = await optIn('plain', ['--yes'], env);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(message) });
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('a role in a stack', () => {
  let roleArn: string;

  beforeAll(async () => {
    roleArn = await registerType(account, REGION);
    // More resources than DescribeStackResources returns, and the setting is the last one.
    await new Deployments(account, REGION).deployLarge('trunking', 'trunking.yml', { RoleArn: roleArn });
  });

  test('is not opted out while a stack manages its setting, unless --force is given', async () => {
    const name = roleArn.split('/').at(-1) ?? '';
    const before = roleNamed(name);
    const refused = await optIn(roleArn, ['--undo', '--yes']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /^The resource \w+ of the stack trunking in eu-central-1 still manages .* Nothing was changed\.$/m,
    );
    expect(roleNamed(name)).toEqual(before);
    expect((await optIn(roleArn, ['--undo', '--force', '--dry-run'])).stdout).toMatch(
      /^Tag ecs-role-trunking\n- managed/m,
    );
  });

  test('is changed with the note that an update of the stack can take the change away', async () => {
    const { code, stdout } = await optIn(roleArn, ['--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^The stack acme-ecs-roletrunking-roles in eu-central-1 manages this role\. .*take away/m,
    );
  });

  test('--check of everything is fine, and says the Region', async () => {
    const { code, stdout } = await optIn(roleArn, ['--check', '--namespace', 'Acme']);
    expect(stdout).toMatch(/^eu-central-1: account default disabled$/m);
    expect(stdout).toMatch(/^ {2}fine +type: Acme::Ecs::RoleTrunking, default version 00000001$/m);
    expect(stdout).toMatch(/^ {2}fine +handler role:\s+arn:.*role\/ecs-role-trunking\//m);
    expect(stdout).toMatch(/opted in: yes · own value: enabled, managed by stack trunking/);
    expect(code).toBe(0);
  });

  test('is found by its ARN only if that is right', async () => {
    const other = roleArn.replace('role/', 'role/other/');
    const { code, stderr } = await optIn(other, ['--dry-run']);
    expect(code).toBe(1);
    expect(stderr).toBe(`There is no role ${other}. The role of this name is ${roleArn}.\n`);
  });
});

describe('a failure half-way through is a sentence, and what was changed is said', () => {
  test.each<[string, FaultRule, RegExp]>([
    [
      'throttling',
      { operation: 'TagRole', fault: { kind: 'throttle' } },
      /^AWS throttles the calls, .*in a minute\. Changed before that: inline policy, trust policy\. Run this again to go on\.$/,
    ],
    [
      'an error of IAM itself',
      { operation: 'TagRole', fault: { kind: 'error', status: 503 } },
      /^AWS failed \(.*HTTP 503\)\. Run this again later\. Changed before that: inline policy, trust policy; whether the tag was changed is not known\./,
    ],
    [
      'an error that nobody knows',
      { operation: 'UpdateAssumeRolePolicy', fault: { kind: 'refuse', code: 'SomethingNew', status: 400 } },
      /^AWS refused the call \(SomethingNew: .*request .*\)\. Changed before that: inline policy\./,
    ],
    [
      'an expired token',
      { operation: 'PutRolePolicy', fault: { kind: 'expire' } },
      /^AWS does not accept the credentials: .*Sign in again.*Nothing was changed\.$/,
    ],
    [
      "the network's own page",
      {
        operation: 'PutRolePolicy',
        fault: { kind: 'garbage', garble: () => ({ body: '<html><p>Sign in' }) },
      },
      /^What answered \(HTTP 200\) is not AWS.*Whether the inline policy was changed is not known; nothing else was changed\. Run this again to go on\.$/,
    ],
    [
      'an error of IAM itself at the first change',
      { operation: 'PutRolePolicy', fault: { kind: 'error', status: 503 } },
      /HTTP 503\)\. Run this again later\. Whether the inline policy was changed is not known; nothing else was changed\./,
    ],
    [
      'throttling after the last change',
      { operation: 'GetRole', skip: 2, fault: { kind: 'throttle' } },
      /^All changes were made, but the role cannot be read again\. AWS throttles/,
    ],
  ])('%s', async (name, rule, message) => {
    const roleName = name.replaceAll(/\W/g, '-');
    createRole(roleName);
    const remove = account.faults.add(rule);
    expect(await refusal(roleName)).toMatch(message);
    remove();
    await change(roleName);
    expect(roleNamed(roleName).tags).toMatchObject({ 'ecs-role-trunking': 'managed' });
  });

  test('a connection that is cut after the change', async () => {
    createRole('cut');
    const fault = { kind: 'drop', when: 'after' } as const;
    const remove = account.faults.add({ operation: 'UpdateAssumeRolePolicy', fault, times: 3 });
    const { code, stderr } = await optIn('cut');
    remove();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^AWS cannot be reached: .* Changed before that: inline policy; whether the trust policy was changed is not known\. /,
    );
  });
});

describe('Ctrl-C in a terminal', () => {
  /** npm passes the signal on to its shell; Bash has become the command by then, which gets it twice. */
  const inBash = () => ({ ...environment(), npm_config_script_shell: 'bash' });

  /** Runs the command, and answers its questions. */
  function inNpm(answer: string, options: readonly string[]): Terminal {
    const command = ['npm', 'run', '--silent', 'opt-in', '--', ...options];
    return inTerminal(answer, command, { cwd: project.directory, env: inBash() });
  }

  interface Interruption {
    readonly operation: string;
    /** Which call of the operation. */
    readonly number?: number;
    /** Whether the call takes effect. */
    readonly phase: Moment['phase'];
  }

  /** Runs the command, and presses Ctrl-C in a call, which AWS does not answer before the command has noticed. */
  function interruptedAt({ operation, number = 1, phase }: Interruption, options: readonly string[]) {
    const terminal = inNpm('y', options);
    let count = 0;
    const stop = account.observe(async (moment) => {
      count += moment.phase === phase && moment.call.operation === operation ? 1 : 0;
      if (count < number) {
        return undefined;
      }
      stop();
      terminal.pressCtrlC();
      await terminal.shows('Interrupted');
      return 'drop';
    });
    return terminal.outcome;
  }

  const interrupted = (sentence: string) => ({
    code: 130,
    shown: expect.stringContaining(`\n^C\nInterrupted${sentence}\n`),
  });

  test('at the question, says that nothing was changed', async () => {
    const { before } = createRole('questioned');
    const { code, shown } = await inNpm('^C', ['--role', 'questioned']).outcome;
    expect(shown).toMatch(/\nInterrupted\. Nothing was changed\.\n$/);
    expect(code).toBe(130);
    expect(roleNamed('questioned')).toEqual(before);
  });

  /** Each call that changes the role, in order: the part that it changes, and what was changed before. */
  const CHANGES: Readonly<Record<'in' | 'out', [string, string, string][]>> = {
    in: [
      ['PutRolePolicy', 'inline policy', ''],
      ['UpdateAssumeRolePolicy', 'trust policy', 'inline policy'],
      ['TagRole', 'tag', 'inline policy, trust policy'],
    ],
    out: [
      ['UntagRole', 'tag', ''],
      ['UpdateAssumeRolePolicy', 'trust policy', 'tag'],
      ['DeleteRolePolicy', 'inline policy', 'tag, trust policy'],
    ],
  };

  describe.each([
    ['in', 'after'],
    ['out', 'before'],
  ] as const)('opting %s, %s a call has taken effect', (direction, phase) => {
    test.each(CHANGES[direction])(
      '%s: says what was changed, and the next run goes on',
      async (operation, part, done) => {
        const name = `interrupted-${operation}-${direction}`;
        const { before: optedOut } = createRole(name);
        await change(name);
        const optedIn = roleNamed(name);
        if (direction === 'in') {
          await change(name, { direction: 'out' });
        }
        const options = ['--role', name, ...(direction === 'in' ? [] : ['--undo'])];
        const so =
          done === ''
            ? `Whether the ${part} was changed is not known; nothing else was changed`
            : `Changed before that: ${done}; whether the ${part} was changed is not known`;
        expect(await interruptedAt({ operation, phase }, options)).toEqual(
          interrupted(`. ${so}. Run this again to go on.`),
        );
        await change(name, { direction });
        expect(roleNamed(name)).toEqual(direction === 'in' ? optedIn : optedOut);
      },
    );
  });

  test('reading back, says that all changes were made', async () => {
    createRole('unread');
    // Shown, looked at again after the answer, and read back.
    const reading = { operation: 'GetRole', number: 3, phase: 'before' } as const;
    expect(await interruptedAt(reading, ['--role', 'unread'])).toEqual(
      interrupted(
        '. All changes were made, but not read back yet. Run this again to see whether IAM has them.',
      ),
    );
    expect(await change('unread')).toContain('is already opted in');
  });

  test('at the second of three roles, says which are done and which are not', async () => {
    for (const name of ['of-three-1', 'of-three-2', 'of-three-3']) {
      createRole(name);
    }
    const writing = { operation: 'PutRolePolicy', number: 2, phase: 'before' } as const;
    expect(await interruptedAt(writing, ['--role', 'of-three-1,of-three-2,of-three-3'])).toEqual(
      interrupted(
        ' at of-three-2. Whether the inline policy was changed is not known; nothing else was changed. Run this ' +
          'again to go on. Roles opted in: of-three-1. Roles not opted in: of-three-2, of-three-3.',
      ),
    );
  });
});

describe('several roles', () => {
  const tagOf = (roleName: string) => roleNamed(roleName).tags['ecs-role-trunking'];

  test('are shown and changed one after the other, by name or ARN, and undone', async () => {
    const { arn } = createRole('first');
    createRole('second');
    const { code, stdout, stderr } = await optIn(`${arn},second`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.match(/^Region /gm)).toHaveLength(1);
    expect(stdout.match(/^\+ managed$/gm)).toHaveLength(2);
    expect(stdout).toMatch(new RegExp(`\nRoles opted in: ${arn}, second\\.\n$`));
    expect([tagOf('first'), tagOf('second')]).toEqual(['managed', 'managed']);
    const undone = await optIn('first,second', ['--undo', '--yes']);
    expect(undone.stdout).toMatch(/\nRoles opted out: first, second\.\n$/);
    expect([tagOf('first'), tagOf('second')]).toEqual([undefined, undefined]);
  });

  test.each<[string, string[], string]>([
    ['--dry-run', ['--dry-run'], 'Roles shown: third, fourth. Roles not shown: gone.'],
    ['--yes', ['--yes'], 'Roles opted in: third, fourth. Roles not opted in: gone.'],
    ['--undo', ['--undo', '--yes'], 'Roles opted out: third, fourth. Roles not opted out: gone.'],
  ])(
    'with %s, a failure at one does not hide the others, and the exit code is 1',
    async (_, options, end) => {
      const arns = ['third', 'fourth'].map((name) => account.roles.get(name)?.arn ?? createRole(name).arn);
      const { code, stdout, stderr } = await optIn('third,gone,fourth', options);
      expect(stderr).toBe('gone: There is no role gone in this account. Check the name and --profile.\n');
      expect(arns.filter((arn) => !stdout.includes(arn))).toEqual([]);
      expect(stdout.endsWith(`\n${end}\n`)).toBe(true);
      expect(code).toBe(1);
    },
  );

  test('are not tried after AWS has refused the credentials', async () => {
    const { code, stdout, stderr } = await optIn('plain,dry', ['--yes'], UNKNOWN_KEY);
    expect(stderr).toMatch(/^plain: AWS does not accept the credentials: .*\n$/);
    expect(stdout).toMatch(/\nRoles not opted in: plain, dry\.\n$/);
    expect(code).toBe(1);
  });
});

test('--check says what the doctor says of the role, with its exit code, and changes nothing', async () => {
  const { before } = createRole('checked');
  const checked = await optIn('checked', ['--check']);
  const doctor = await project.run('doctor', ['--role', 'checked'], environment());
  expect(checked).toEqual(doctor);
  expect(checked.code).toBe(1);
  expect(checked.stdout).toContain('The role is not opted in');
  expect(checked.stdout).toMatch(/^ +npm run opt-in -- --role checked --region eu-central-1$/m);
  expect(roleNamed('checked')).toEqual(before);
  await change('checked');
  const { stdout } = await optIn('checked', ['--check']);
  expect(stdout).toContain('opted in: yes · no value of its own: disabled applies');
  expect(stdout).toContain('The role has no value of its own, and the account default is disabled');
});

test('--check with a command line that is refused ends with 2, as the doctor does', async () => {
  expect((await optIn('checked', ['--check', '--regon', 'x'])).code).toBe(2);
  expect((await optIn('checked', ['--regon', 'x'])).code).toBe(1);
});

test('a copy that cannot be written stops the change before it is made', async () => {
  const { before } = createRole('uncopied');
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(await refusal('uncopied', { project: file })).toMatch(
    /^A copy of what would be replaced cannot be written: .* Nothing was changed\. Run this in a folder/,
  );
  expect(roleNamed('uncopied')).toEqual(before);
});

test('--check and --dry-run say of a role that trusts its whole account that the tag alone is enough', async () => {
  createRole('open', [EC2, { ...EC2, Principal: { AWS: 'arn:aws:iam::111122223333:root' } }]);
  const shown = await change('open', { isDryRun: true });
  expect(shown).toMatch(
    /^The role trusts the whole account without a condition\. The tag alone lets the handlers assume it: limit /m,
  );
  expect(shown).toMatch(/that statement .*, and iam:TagRole to those who opt roles in\./);
  await change('open');
  const { code, stdout } = await optIn('open', ['--check']);
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^ {2}should +trust policy: The role trusts the whole account without a condition\n +→ The tag alone /m,
  );
});

test('--check of a role that was opted in without the limit on sessions says so, and opting in adds it', async () => {
  const { policy } = documentsFor(createRole('earlier').arn);
  await change('earlier');
  const [, , limit] = policy.Statement as object[];
  expect(limit).toMatchObject({ Effect: 'Deny' });
  const document = { Version: '2012-10-17', Statement: (policy.Statement as object[]).slice(0, 2) };
  account.roles.update('earlier', { inlinePolicies: [OTHER, { name: POLICY_NAME, document }] });
  expect((await optIn('earlier', ['--check'])).stdout).toContain(
    "opted in: The opt-in's inline policy is missing or different",
  );
  expect(await change('earlier')).toMatch(/^\+ .*"NotAction"/m);
  expect(roleNamed('earlier').inlinePolicies).toContainEqual({ name: POLICY_NAME, document: policy });
});

test('--check of a role that does not exist says so, and ends with 2', async () => {
  const { code, stdout } = await optIn('gone', ['--check']);
  expect(stdout).toMatch(/^ {2}unknown +gone: The role does not exist in this account$/m);
  expect(code).toBe(2);
});

test('a run that changes nothing saves no copy of a trust policy', async () => {
  createRole('unsaved');
  const project = join(folder, 'unsaved');
  await change('unsaved', { project, isDryRun: true });
  await change('unsaved', { project, confirm: async () => false });
  const unable = () => Promise.reject(new CommandError('There is no terminal'));
  await refusal('unsaved', { project, confirm: unable });
  const race = async () => {
    account.roles.update('unsaved', { tags: { team: 'network' } });
    return true;
  };
  await refusal('unsaved', { project, confirm: race });
  await refusal('gone', { project });
  expect(existsSync(project)).toBe(false);
});
