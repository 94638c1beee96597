import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CreateStackCommand,
  DescribeTypeRegistrationCommand,
  RegisterTypeCommand,
} from '@aws-sdk/client-cloudformation';
import { LocalAccount, VirtualClock } from 'local-account';
import { type Outcome as Accepted, accept, STEPS } from '../../scripts/acceptance/accept';
import { type Aws, connect } from '../../scripts/acceptance/aws';
import { Leftovers } from '../../scripts/acceptance/leftovers';
import { namesUnder } from '../../scripts/acceptance/names';
import { localPlace } from '../../scripts/acceptance/place';
import { checkNothingIsThere } from '../../scripts/acceptance/preview';
import type { Run } from '../../scripts/acceptance/run';
import { templatesIn } from '../../scripts/acceptance/templates';
import { Transcript } from '../../scripts/acceptance/transcript';
import { clientEnvironment } from '../../scripts/command-line/client-environment';
import { pythonEnvironment } from '../../scripts/python/environment';
import { contentOf } from '../harness/account-content';
import { type Outcome, ProjectCopy } from '../harness/project-copy';

/* `npm run acceptance`: as a command in a copy of the project, and in-process for failures. */

const REGION = 'eu-west-1';
const WAIT = 'AWS::CloudFormation::WaitConditionHandle';
const NAMES = namesUnder('Example');
const STEP_NAMES = STEPS.map(({ name }) => name);

const project = new ProjectCopy();
/** The outcome of `npm run acceptance` without options. The other tests use its staged copy. */
let local: Outcome;
/** Its transcript. */
let transcript: string;

beforeAll(async () => {
  local = await project.run('acceptance');
  transcript = transcriptOf(project);
});
afterAll(() => project.close());

const transcriptOf = ({ directory }: ProjectCopy) =>
  readFileSync(join(directory, 'build/acceptance.txt'), 'utf8');

/** A local account in which waiting takes no time. */
const startAccount = () => LocalAccount.start({ clock: new VirtualClock() });

describe('the command', () => {
  test('takes every step in a local account, leaves nothing behind, and says so', () => {
    const { code, stdout } = local;
    expect(stdout).toContain('12 of 12 steps passed.\nNothing is left behind.\n');
    expect(code).toBe(0);
    const passed = [...stdout.matchAll(/^([\w-]+) +passed +[\d.]+ s$/gm)].map(([, name]) => name);
    expect(passed).toEqual(STEP_NAMES);
  });

  test('leaves a transcript with the calls, without account IDs, user and credentials', () => {
    for (const call of ['CloudFormation RegisterType {', 'CloudControl UpdateResource {', 'S3 PutObject {']) {
      expect(transcript).toContain(call);
    }
    expect(transcript).toContain('Account <account>, Region us-east-1, as <hidden>.');
    expect(transcript).toContain('arn:aws:iam::<account>:role/');
    expect(transcript).not.toMatch(/111122223333|Administrator|AKIA|ASIA/);
  });

  test('with --real and --yes, uses the account that the environment names, and leaves it as it was', async () => {
    const account = await startAccount();
    const before = contentOf(account, 'eu-central-1');
    const options = ['--real', '--yes', '--region', 'eu-central-1', '--namespace', 'Acme'];
    const { code, stdout } = await project.run('acceptance', options, clientEnvironment(account));
    expect(stdout).toContain('12 of 12 steps passed.\nNothing is left behind.\n');
    expect(code).toBe(0);
    expect(account.calls.some(({ operation }) => operation === 'RegisterType')).toBe(true);
    expect(account.calls.filter(({ region }) => region !== 'eu-central-1')).toEqual([]);
    expect(contentOf(account, 'eu-central-1')).toEqual(before);
    await account.close();
  });

  test('with --real, reports in one line what AWS refuses before anything is made', async () => {
    const account = await startAccount();
    const env = clientEnvironment(account, account.endpoint, account.createUser('nobody'));
    const { code, stderr } = await project.run('acceptance', ['--real', '--yes', '--region', REGION], env);
    expect(stderr).toMatch(
      /^Nothing was created. AWS returned AccessDenied: User: .*nobody is not auth.*\n$/,
    );
    const refused = transcriptOf(project);
    expect(refused).toContain('AccessDenied');
    expect(refused).not.toContain('nobody');
    expect(code).toBe(1);
    await account.close();
  });

  test('with --real, shows what it would make, and makes nothing where it cannot ask', async () => {
    const account = await startAccount();
    const options = ['--real', '--region', 'eu-central-1', '--namespace', 'Acme'];
    const { code, stdout, stderr } = await project.run('acceptance', options, clientEnvironment(account));
    expect(stdout).toContain('Account 111122223333, Region eu-central-1, as arn:aws:iam::111122223333:user/');
    expect(stdout).toContain('- the private type Acme::Ecs::RoleTrunking\n');
    expect(stderr).toContain('There is no terminal to confirm in. Nothing was created; give --yes to begin');
    expect(code).toBe(1);
    const asked = /^(Describe\w+|GetCallerIdentity)$/;
    expect(account.calls.filter(({ operation }) => !asked.test(operation))).toEqual([]);
    await account.close();
  });
});

/** Runs the AWS CLI without blocking this process, which runs the account. */
async function aws(env: NodeJS.ProcessEnv, command: string): Promise<void> {
  const path = `${pythonEnvironment()}:${process.env.PATH}`;
  const options = { env: { ...env, PATH: path }, timeout: 600_000 };
  await promisify(execFile)('sh', ['-c', `aws ${command}`], options);
}

describe('when something goes wrong', () => {
  let account: LocalAccount;
  let folder: string;
  let said: string[];

  beforeEach(async () => {
    account = await startAccount();
    folder = mkdtempSync(join(tmpdir(), 'acceptance-'));
    said = [];
  });
  afterEach(async () => {
    await account.close();
    rmSync(folder, { recursive: true });
  });

  const packageFile = () => join(project.directory, NAMES.relative, `${NAMES.hyphenatedName}.zip`);

  /** A run that uses the staged copy of the first test; by default, as an administrator, and to its end. */
  function start(signal = new AbortController().signal, credentials = account.administrator()): Run {
    const { clients, pace } = localPlace(account, REGION);
    const transcript = new Transcript(join(folder, 'transcript.txt'), (line) => said.push(line));
    return {
      aws: connect({ ...clients, credentials }, (line) => transcript.note(line)),
      names: NAMES,
      templates: templatesIn(join(project.directory, NAMES.relative)),
      packageFile: packageFile(),
      pace,
      transcript,
      leftovers: new Leftovers(),
      signal,
    };
  }

  /** Runs the steps. */
  async function run(running = start(), cleaning = new AbortController()): Promise<Accepted> {
    const outcome = await accept(running, cleaning.signal);
    running.aws.close();
    return outcome;
  }

  /** The first step that did not pass, and how many were not run. */
  const failure = ({ steps }: Accepted) => ({
    failed: steps.find(({ result }) => result === 'failed')?.name,
    notRun: steps.filter(({ result }) => result === 'not run').length,
  });

  test.each<[string, (aws: Aws) => Promise<void>, string]>([
    ['stack', createStack, `The stack ${NAMES.stacks.roles} is already there.`],
    ['type', registerType, `${NAMES.typeName} is already registered there`],
  ])('an existing %s with one of its names is found before anything is made', async (_, make, message) => {
    const running = start();
    await expect(checkNothingIsThere(running)).resolves.toBeUndefined();
    await make(running.aws);
    await expect(checkNothingIsThere(running)).rejects.toThrow(message);
    running.aws.close();
  });

  async function createStack({ cloudformation }: Aws): Promise<void> {
    const TemplateBody = JSON.stringify({ Resources: { Wait: { Type: WAIT } } });
    await cloudformation.send(new CreateStackCommand({ StackName: NAMES.stacks.roles, TemplateBody }));
  }

  async function registerType({ cloudformation }: Aws): Promise<void> {
    account.buckets.create('packages');
    account.buckets.put('packages', 'package.zip', readFileSync(packageFile()));
    const SchemaHandlerPackage = 's3://packages/package.zip';
    const { RegistrationToken } = await cloudformation.send(
      new RegisterTypeCommand({ TypeName: NAMES.typeName, SchemaHandlerPackage }),
    );
    const command = new DescribeTypeRegistrationCommand({ RegistrationToken });
    const isBegun = async () => (await cloudformation.send(command)).ProgressStatus === 'IN_PROGRESS';
    while (await isBegun()) {
      // The registration ends in any case. If it has failed, the test fails where it looks for the type.
    }
  }

  test('a failed step reports what was expected and what happened, and everything is removed', async () => {
    const fault = { kind: 'refuse', code: 'InvalidParameterException', status: 400 } as const;
    account.faults.add({ operation: 'PutAccountSetting', times: Number.POSITIVE_INFINITY, fault });
    const outcome = await run();
    expect(failure(outcome)).toEqual({ failed: 'create', notRun: 9 });
    expect(said.join('\n')).toMatch(
      /FAILED: the status of the stack \S+ \(RoleTrunking: .*InvalidParameter.*\): expected 'CREATE_COMPLETE', got 'ROLLBACK_COMPLETE'\./,
    );
    expect(outcome.left).toEqual([]);
    expect(said.at(-1)).toBe('Nothing is left behind.');
    expect(contentOf(account, REGION)).toEqual([]);
  });

  test('passes when the answers to the calls that create are lost, and leaves nothing behind', async () => {
    for (const operation of ['CreateStack', 'RegisterType']) {
      account.faults.add({ operation, fault: { kind: 'drop', when: 'after' } });
    }
    const outcome = await run();
    expect(failure(outcome)).toEqual({ failed: undefined, notRun: 0 });
    expect(outcome.left).toEqual([]);
    expect(contentOf(account, REGION)).toEqual([]);
  });

  test('a setting that has disappeared fails the step that lists it', async () => {
    account.observe(({ phase, call: { operation } }) => {
      const [entry] = account.settings.entries();
      if (phase === 'before' && operation === 'ListResources' && entry) {
        account.settings.delete(REGION, entry.principalArn, entry.name);
      }
    });
    const outcome = await run();
    expect(failure(outcome)).toEqual({ failed: 'read', notRun: 8 });
    expect(said.join('\n')).toMatch(
      /FAILED: which of this run's roles are listed: expected \[.*role\/.*\], got \[\]\./,
    );
    expect(contentOf(account, REGION)).toEqual([]);
  });

  test('what cannot be removed is listed with commands that remove it', async () => {
    account.faults.add({ service: 's3', skip: 1, times: Number.POSITIVE_INFINITY, fault: { kind: 'deny' } });
    const outcome = await run();
    expect(failure(outcome)).toEqual({ failed: 'deregister', notRun: 0 });
    expect(outcome.left.map(({ what }) => what)).toEqual([
      expect.stringMatching(/^the package in the bucket /),
      `the stack ${NAMES.stacks.registration}`,
    ]);
    expect(said).toContain('Left behind; remove in this order:');
    expect(said.join('\n')).toContain(outcome.left[0]?.commands[0] ?? '-');
    account.faults.clear();
    const env = { ...clientEnvironment(account), AWS_DEFAULT_REGION: REGION };
    for (const command of outcome.left.flatMap(({ commands }) => commands)) {
      await aws(env, command.replace(/^aws /, ''));
    }
    expect(contentOf(account, REGION)).toEqual([]);
  });

  test.each([
    ['while a stack is created', 'CreateStack', 2],
    ['while a resource is changed', 'UpdateResource', 1],
    ['while a stack is updated', 'UpdateStack', 2],
  ])('everything is removed when the user ends the run %s', async (_, operation, number) => {
    const user = new AbortController();
    endAt(operation, number, () => user.abort());
    const outcome = await run(start(user.signal));
    expect(said.join('\n')).toContain('ended by the user');
    expect(outcome.left).toEqual([]);
    expect(contentOf(account, REGION)).toEqual([]);
  });

  test('what is left is listed when the user ends the cleanup', async () => {
    const user = new AbortController();
    const cleaning = new AbortController();
    endAt('CreateStack', 3, () => {
      user.abort();
      cleaning.abort();
    });
    const outcome = await run(start(user.signal), cleaning);
    expect(outcome.left.map(({ what }) => what)).toEqual([
      `the stack ${NAMES.stacks.trunking}`,
      expect.stringMatching(/^the setting of /),
      expect.stringMatching(/^the setting of /),
      `the stack ${NAMES.stacks.roles}`,
      `the type ${NAMES.typeName}`,
      expect.stringMatching(/^the package in the bucket /),
      `the stack ${NAMES.stacks.registration}`,
    ]);
  });

  /** Acts when the given call of an operation is answered. */
  function endAt(operation: string, number: number, act: () => void): void {
    let count = 0;
    account.observe(({ phase, call }) => {
      if (phase === 'after' && call.operation === operation) {
        count += 1;
        if (count === number) {
          act();
        }
      }
    });
  }

  test('credentials without permissions fail the first step with the error from AWS', async () => {
    const outcome = await run(start(undefined, account.createUser('nobody')));
    expect(failure(outcome)).toEqual({ failed: 'register', notRun: 11 });
    expect(said.join('\n')).toMatch(/FAILED: AccessDenied: .*not authorized to perform: cloudformation:/);
  });
});
