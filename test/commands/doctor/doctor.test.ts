import Ajv from 'ajv';
import { LocalAccount } from 'local-account';
import { clientEnvironment } from '../../../scripts/command-line/client-environment';
import { nameOf } from '../../../scripts/command-line/shared-options';
import { textOfPicture } from '../../../scripts/demo/terminal-picture';
import { CAUSES } from '../../../scripts/doctor/causes';
import type { RegionReport, Report } from '../../../scripts/doctor/report';
import { documentsFor, POLICY_NAME } from '../../../scripts/opt-in/documents';
import { DENIED, DENIED_BY_EC2, Fleet, THROTTLED } from '../../harness/fleet';
import { INSTANCES, makeMixedCluster, makeWebCluster } from '../../harness/mixed-cluster';
import { policyOf } from '../../harness/policies';
import { type Outcome, scriptArguments } from '../../harness/project-copy';
import { ROOT, textOf } from '../../harness/project-files';
import { runDoctor } from '../../harness/run-doctor';
import { REGION } from '../../harness/sample-account';
import { inTerminal } from '../../harness/terminal';
import { wrongIn } from '../../pages/commands';

/* The command as a process, against Amazon ECS and EC2 of moto and everything else of the local account. */

let account: LocalAccount;
let fleet: Fleet;
/** The instances' IDs by the text of their finding. */
let ids: Map<string, string>;

beforeAll(async () => {
  account = await LocalAccount.start();
  fleet = await Fleet.start(account);
  ids = await makeMixedCluster(account, fleet);
  await makeWebCluster(fleet);
  await fleet.createCluster('empty');
  await fleet.createCluster('fine');
  await fleet.addInstance({ cluster: 'fine', profile: 'set-by-stack', trunk: true, tasks: 1 });
});

afterAll(async () => {
  await fleet?.close();
  await account?.close();
});

afterEach(() => fleet.refusals.clear());

/** Runs the command, with two attempts for each call. */
function doctor(args: readonly string[], environment = clientEnvironment(account)): Promise<Outcome> {
  return runDoctor(args, { ...fleet.environment(environment), AWS_REGION: REGION, AWS_MAX_ATTEMPTS: '2' });
}

/** The exit code, and the report in JSON, which conforms to its schema, with the members of its first Region. */
async function report(args: readonly string[], environment?: NodeJS.ProcessEnv) {
  const { code, stdout, stderr } = await doctor([...args, '--json'], environment);
  expect(stderr).toBe('');
  const parsed = JSON.parse(stdout) as Report & { regions: [RegionReport] };
  const ajv = new Ajv({ strict: true, formats: { 'date-time': true } });
  ajv.validate(JSON.parse(textOf('docs/doctor.schema.json')), parsed);
  expect(ajv.errors).toBeNull();
  const [region] = parsed.regions;
  const unknown = region.findings.filter(({ level }) => level === 'unknown');
  return { ...parsed, ...region, unknown, code };
}

describe('a cluster with an instance for each cause', () => {
  let mixed: Awaited<ReturnType<typeof report>>;

  beforeAll(async () => {
    mixed = await report(['--cluster', 'mixed,web']);
  });

  test.each(Object.keys(INSTANCES))('%s', (cause) => {
    const external = cause === 'External instances have no trunk';
    const id = external ? 'mi-0123456789abcdef0' : ids.get(cause);
    const found = mixed.clusters[0]?.findings.find(({ instances }) => instances.some((it) => it.id === id));
    expect(found?.text).toBe(cause);
  });

  test('has an instance for each row of the table of causes', () => {
    expect(Object.keys(INSTANCES).sort()).toEqual(CAUSES.map((cause) => cause.text).sort());
  });

  test('has the room that its types have, today and with trunks, and its tasks', () => {
    const [cluster] = mixed.clusters;
    expect(cluster).toMatchObject({ withTrunk: 1, withoutTrunk: 18 });
    const rows = cluster?.findings.flatMap(({ instances }) => instances) ?? [];
    expect(cluster?.room.today).toBe(rows.reduce((sum, { room }) => sum + (room?.today ?? 0), 0));
    const rowOf = (cause: string) => rows.find(({ id }) => id === ids.get(cause));
    expect(rowOf('The instance has a trunk')).toMatchObject({
      type: 'c5.large',
      hasTrunk: true,
      tasks: 3,
      room: { today: 10, withTrunk: 10 },
    });
    expect(rowOf('The instance type cannot have a trunk')).toMatchObject({
      tasks: 2,
      room: { today: 2, withTrunk: 2 },
    });
  });

  test("has its roles with their own value, what applies and the stack that manages it, and nobody's role else", () => {
    const roles = mixed.roles.map(({ roleArn, own, applies, stack }) => [
      nameOf(roleArn),
      own,
      applies,
      stack,
    ]);
    expect(roles.sort()).toEqual([
      ['not-opted-in', 'unknown', 'unknown', null],
      ['off-by-hand', 'disabled', 'disabled', null],
      ['off-by-stack', 'disabled', 'disabled', 'off-by-stack'],
      ['set-by-hand', 'enabled', 'enabled', null],
      ['set-by-stack', 'enabled', 'enabled', 'set-by-stack'],
      ['without-value', 'none', 'disabled', null],
    ]);
  });

  test('has commands that the AWS CLI accepts', () => {
    const findings = mixed.clusters.flatMap((cluster) => cluster.findings);
    const commands = findings.flatMap(({ command }) => command ?? []);
    expect(commands.length).toBeGreaterThan(0);
    expect(wrongIn(commands)).toBe('');
  });

  test('ends with 1: something is left to do', () => {
    expect(mixed.code).toBe(1);
    expect(mixed.summary.must).toBeGreaterThan(0);
  });
});

/** Without the end of a name that CloudFormation makes up. */
const general = (shown: string) => shown.replace(/-[A-Z0-9]{12}\b/g, '-ID');

test('the picture in the README shows what is printed for a small cluster, with a command for its group', async () => {
  const { stdout } = await doctor(['--cluster', 'web']);
  expect(stdout).toMatch(/^ +aws autoscaling start-instance-refresh .*--auto-scaling-group-name web /m);
  expect(general(stdout)).toBe(general(textOfPicture(textOf('docs/doctor-web.svg'))));
});

test('text fits 100 columns, has the worst first and no colour in a pipe, and is what the picture shows', async () => {
  const { stdout } = await doctor(['--cluster', 'mixed']);
  const lines = stdout.split('\n');
  // A long ARN stays whole.
  expect(lines.filter((line) => line.length > 100 && line.trim().includes(' '))).toEqual([]);
  expect(stdout).not.toContain('\u001b');
  expect(general(stdout)).toBe(general(textOfPicture(textOf('docs/doctor.svg'))));
  const ofCluster = lines.slice(lines.findIndex((line) => line.startsWith('Cluster')));
  const levels = ofCluster.flatMap((line) => /^ {2}(must|should|unknown|fine) /.exec(line)?.[1] ?? []);
  const order = ['must', 'should', 'unknown', 'fine'];
  expect(levels).toEqual(levels.toSorted((one, other) => order.indexOf(one) - order.indexOf(other)));
});

describe('in a terminal', () => {
  /** What is shown, cut where the line is erased. */
  async function partsOf(more: NodeJS.ProcessEnv = {}): Promise<string[]> {
    const base = { ...clientEnvironment(account), AWS_REGION: REGION, NODE_NO_WARNINGS: '1' };
    const env = { ...fleet.environment(base), NO_COLOR: undefined, ...more };
    const command = [process.execPath, ...scriptArguments('doctor', ['--cluster', 'mixed'])];
    const { shown } = await inTerminal('', command, { cwd: ROOT, env }).outcome;
    return shown.split('\r\u001b[2K');
  }

  test('it shows its progress in one line, which it removes, and the levels in colour', async () => {
    const [before, first, ...parts] = await partsOf();
    const report = parts.pop() ?? '';
    expect([before, first]).toEqual(['', '0 clusters, 0 instances, 1 calls']);
    expect(parts.filter((part) => !/^\d+ clusters, \d+ instances, \d+ calls$/.test(part))).toEqual([]);
    expect(report.startsWith(`${REGION}: account default`)).toBe(true);
    expect(report).toContain('\u001b[31mmust    \u001b[39m');
    expect(report).toContain('\u001b[32mfine    \u001b[39m');
  });

  test('it has no colour if NO_COLOR is set', async () => {
    expect((await partsOf({ NO_COLOR: '1' })).join('')).not.toContain('\u001b');
  });
});

test('a cluster whose instances have trunks ends with 0', async () => {
  const { code, stdout } = await doctor(['--cluster', 'fine']);
  expect(stdout).toContain('Cluster fine: 1 of 1 EC2 instances has a trunk.');
  expect(stdout).toContain('Nothing to do.');
  expect(code).toBe(0);
});

test('without a selection, every cluster and every role that trusts the handlers is there, the worst cluster first', async () => {
  const { stdout } = await doctor([]);
  expect(stdout.indexOf('Cluster mixed')).toBeGreaterThan(0);
  expect(stdout.indexOf('Cluster fine')).toBeGreaterThan(stdout.indexOf('Cluster mixed'));
  expect(stdout).toContain('No container instances: empty.');
  expect(stdout).toMatch(/role\/acme-ecs-roletrunking-roles-InstanceRole-/);
});

test('roles alone are looked at by name or ARN, without any cluster', async () => {
  const arn = `arn:aws:iam::${account.accountId}:role/set-by-stack`;
  const { clusters, roles } = await report(['--role', `without-value,${arn}`]);
  expect(clusters).toEqual([]);
  expect(roles.map(({ roleArn }) => nameOf(roleArn)).sort()).toEqual(['set-by-stack', 'without-value']);
});

describe('a role that is asked for', () => {
  test('and denies the handlers is reported with the policy and with their words', async () => {
    const { tag, statement, policy } = documentsFor(account.rootArn);
    const deny = { Effect: 'Deny', Action: 'ecs:ListAccountSettings', Resource: '*' };
    account.roles.create({
      name: 'denying',
      assumeRolePolicyDocument: policyOf(statement),
      inlinePolicies: [
        { name: POLICY_NAME, document: policyOf(...(policy.Statement as object[])) },
        { name: 'Deny', document: policyOf(deny) },
      ],
      tags: { [tag.key]: tag.value },
    });
    const { roles } = await report(['--role', 'denying']);
    expect(roles[0]?.findings).toEqual([
      {
        level: 'must',
        subject: 'denial',
        text: "A policy of the role denies the handlers' actions",
        reason: 'Deny, ecs:ListAccountSettings',
        remedy: expect.stringContaining('Exempt sessions named EcsRoleTrunking'),
      },
      {
        level: 'must',
        subject: 'setting',
        text: 'The handlers could not read the setting',
        remedy: expect.stringContaining('service control policy'),
        reason: expect.stringContaining('ecs:ListAccountSettings'),
      },
      { level: 'fine', subject: 'opted in', text: 'yes' },
    ]);
  });

  test('and does not exist, or has another ARN, is said, and the command ends with 2', async () => {
    const other = `arn:aws:iam::${account.accountId}:role/other/set-by-stack`;
    const { unknown, roles, code } = await report(['--role', `gone,${other}`]);
    const text = 'The role does not exist in this account';
    expect(unknown).toMatchObject([
      { subject: 'gone', text },
      { subject: other, text, reason: expect.stringContaining('role/set-by-stack') },
    ]);
    expect(roles).toEqual([]);
    expect(code).toBe(2);
  });
});

describe('the registration', () => {
  const findings = async (...args: string[]) => (await report(['--role', 'set-by-stack', ...args])).findings;

  test('is reported with its version and its handler role', async () => {
    expect(await findings()).toMatchObject([
      { level: 'fine', subject: 'type', text: 'Acme::Ecs::RoleTrunking, default version 00000001' },
      { level: 'fine', subject: 'handler role', text: expect.stringContaining(':role/ecs-role-trunking/') },
    ]);
  });

  test('that is missing in a Region or under a namespace is reported', async () => {
    const text = 'The type is not registered in this Region';
    expect(await findings('--region', 'eu-west-1')).toMatchObject([{ level: 'should', text }]);
    const remedy = expect.stringMatching(/^Check --namespace, or register it: README, step 2\./);
    expect(await findings('--namespace', 'Initech')).toMatchObject([{ level: 'must', text, remedy }]);
  });
});

test.each([
  [['--wrong'], /^npm run doctor has no option --wrong\./],
  [['--cluster', 'a', '--all-clusters'], /^Give either --cluster or --all-clusters/],
])(
  'a command line that is refused, such as %j, ends with 2: nothing was found out',
  async (args, message) => {
    const { code, stdout, stderr } = await doctor(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  },
);

test('without credentials, one sentence says so, and the command ends with 2', async () => {
  const { code, stdout, stderr } = await doctor(['--cluster', 'fine'], {
    ...clientEnvironment(account),
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_EC2_METADATA_DISABLED: 'true',
  });
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^There are no AWS credentials: .*\n$/);
  expect(code).toBe(2);
});

test('several Regions are looked at, each with its own values, and IAM is asked each question once', async () => {
  account.settings.set('eu-central-1', account.rootArn, 'awsvpcTrunking', 'enabled');
  account.calls.length = 0;
  const { regions } = await report(['--region', `${REGION},eu-central-1`, '--role', 'set-by-stack']);
  expect(regions.map(({ region, accountDefault, roles }) => [region, accountDefault, roles[0]?.own])).toEqual(
    [
      [REGION, 'disabled', 'enabled'],
      ['eu-central-1', 'enabled', 'unknown'],
    ],
  );
  const questions = account.calls
    .filter(({ service, caller }) => service === 'iam' && caller?.endsWith('user/Administrator'))
    .map(({ operation, parameters }) => `${operation} ${JSON.stringify(parameters)}`);
  expect(questions.length).toBeGreaterThan(3);
  expect(questions).toEqual([...new Set(questions)]);
});

test('a cluster that does not exist is said, and the command ends with 2', async () => {
  const { unknown, clusters, code } = await report(['--cluster', 'fine,absent']);
  expect(unknown).toMatchObject([{ subject: 'absent', text: 'The cluster does not exist in this Region' }]);
  expect(clusters.map(({ name }) => name)).toEqual(['fine']);
  expect(code).toBe(2);
});

test.each([
  ['denied', 'ec2:DescribeInstances', DENIED_BY_EC2, ['fine']],
  ['denied', 'ecs:DescribeTasks', DENIED, ['fine']],
  ['denied', 'ecs:ListClusters', DENIED, []],
  ['denied', 'ecs:DescribeContainerInstances', DENIED, ['fine']],
  // And the cluster is not called missing.
  ['denied', 'ecs:DescribeClusters', DENIED, []],
  ['throttled', 'ecs:DescribeContainerInstances', THROTTLED, ['fine']],
])(
  'what is %s, such as %s, is unknown with what to do, and everything else is read',
  async (what, action, refusal, names) => {
    fleet.refusals.set(action, refusal);
    const selection = action === 'ecs:ListClusters' ? ['--all-clusters'] : ['--cluster', 'fine'];
    const { unknown, clusters, code } = await report(selection);
    const remedy = what === 'denied' ? `Allow ${action}` : 'Run this again later';
    expect(unknown).toMatchObject([
      {
        subject: action,
        text: `AWS ${what} the call`,
        reason: expect.stringContaining(refusal.message),
        remedy: expect.stringContaining(remedy),
      },
    ]);
    expect(clusters.map(({ name }) => name)).toEqual(names);
    expect(code).toBe(2);
  },
);

test('an endpoint that cannot be reached is said', async () => {
  const unreachable = { ...clientEnvironment(account), AWS_ENDPOINT_URL_IAM: 'http://127.0.0.1:9' };
  const { unknown } = await report(['--cluster', 'fine'], unreachable);
  expect(unknown[0]).toMatchObject({
    text: 'AWS could not be reached',
    reason: expect.stringMatching(/^connect ECONNREFUSED 127\.0\.0\.1:9\b/),
  });
});

test('examples/doctor-policy.json allows every call, and nothing that is not called', async () => {
  const document = JSON.parse(textOf('examples/doctor-policy.json'));
  const reader = account.createUser('Reader', [{ name: 'Doctor', document }]);
  fleet.actions.clear();
  account.calls.length = 0;
  const { unknown } = await report([], clientEnvironment(account, account.endpoint, reader));
  expect(unknown).toEqual([]);
  const made = account.calls
    .filter(({ caller = '' }) => caller.endsWith('user/Reader'))
    .map(({ service, operation }) => `${service.replace('cloudcontrolapi', 'cloudformation')}:${operation}`);
  const called = new Set([...made, ...fleet.actions]);
  const [{ Action = [] } = {}] = document.Statement as { Action?: string[] }[];
  expect([...called].sort()).toEqual(Action);
});
