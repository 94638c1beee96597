/**
 * The life of a setting in a local account, with the events that CloudFormation reports. Every step checks its result.
 * The first step that does not do what it says ends the demo.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ECSClient, ECSServiceException, PutAccountSettingCommand } from '@aws-sdk/client-ecs';
import type { Action, CloudFormationOptions, StackEvent } from 'local-account';
import { VirtualClock } from 'local-account';
import { REGION, type SampleAccount, startSampleAccount, TYPE_NAME } from '../../test/harness/sample-account';
import { CommandError } from '../command-line/command';

const TRUNKING_TEMPLATE = readExample('trunking.yml');
const IMPORT_TEMPLATE = readExample('import.yml');
const INSTANCE_ID = 'i-0123456789abcdef0';

type Value = 'enabled' | 'disabled';

interface Setting {
  /** The role's own value. */
  readonly own: Value | 'none';
  /** What applies to roles without one. */
  readonly accountDefault: Value;
}

/** What the steps share. */
interface Stage {
  /** Waiting takes no time here. */
  readonly clock: VirtualClock;
  readonly sample: SampleAccount;
  /** What was shown last. */
  setting?: Setting;
}

interface Step {
  readonly title: string;
  /** @throws where the result is not what the title says. */
  readonly run: (stage: Stage) => Promise<void>;
}

const STEPS: readonly Step[] = [
  { title: 'Deploy examples/trunking.yml while IAM does not know the new role yet', run: create },
  { title: 'An instance with that role tries to change the setting', run: refuseInstance },
  {
    title: 'The account default is turned on; an update of the stack disables trunking for the role',
    run: update,
  },
  { title: 'Someone changes the setting by hand, and drift detection finds it', run: drift },
  { title: 'Delete the stack: the account default applies to the role again', run: remove },
  { title: 'Someone sets it by hand, and the stack is deployed again', run: meetExisting },
  { title: 'Import the setting with examples/import.yml instead, then update it', run: adopt },
];

/** The answers of the handlers that are not shown yet. */
const answers: { readonly action: Action; readonly outcome: string }[] = [];

const REPORTS: Partial<CloudFormationOptions> = {
  onStackEvent: printEvent,
  onProgress: (action, { status, errorCode }) => {
    answers.push({ action, outcome: errorCode ? `${status} (${errorCode})` : status });
  },
};

function readExample(name: string): string {
  return readFileSync(join(__dirname, '../../examples', name), 'utf8');
}

function printHeading(number: number, title: string): void {
  const text = `${number}. ${title}`;
  console.log(`\n${process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text}`);
}

/** Prints text, with line breaks between words so that it fits in a terminal. */
function print(text: string, indent = '   '): void {
  const lines = text.match(/\S.{0,100}(?=\s|$)|\S+/g) ?? [];
  console.log(lines.map((line) => `${indent}${line}`).join('\n'));
}

/** Prints an event that ends something. Events that begin something would repeat it. */
function printEvent(event: StackEvent): void {
  const { LogicalResourceId, ResourceStatus, ResourceType, ResourceStatusReason } = event;
  if (ResourceStatus.endsWith('_IN_PROGRESS')) {
    return;
  }
  const handler = ResourceType === TYPE_NAME ? `  ${takeAnswers()}` : '';
  print(`${ResourceStatus.padEnd(17)} ${LogicalResourceId.padEnd(15)} ${ResourceType}${handler}`);
  if (ResourceStatusReason && ResourceType === TYPE_NAME) {
    print(ResourceStatusReason, '     ');
  }
}

/** Such as `handler CREATE: IN_PROGRESS, SUCCESS`. */
function takeAnswers(): string {
  const taken = answers.splice(0);
  const actions = new Set(taken.map(({ action }) => action));
  return `handler ${[...actions].join(', ')}: ${taken.map(({ outcome }) => outcome).join(', ')}`;
}

/** Shows what became of the setting, and checks it. */
function showSetting(stage: Stage, expected: Setting): void {
  const { account, setting } = stage.sample;
  const own = setting() ?? 'none';
  const accountDefault = setting(account.rootArn) ?? 'disabled';
  const before = stage.setting;
  const shown = describeChange("the role's own setting", before?.own, own);
  const isDefaultOfInterest = own === 'none' || accountDefault !== before?.accountDefault;
  const more = describeChange('the account default', before?.accountDefault, accountDefault);
  print(isDefaultOfInterest ? `${shown}; ${more}` : shown);
  assert.deepEqual({ own, accountDefault }, expected);
  stage.setting = expected;
}

function describeChange(what: string, from: string | undefined, to: string): string {
  const values = from === undefined ? to : from === to ? `still ${to}` : `${from} -> ${to}`;
  return `${what}: ${values}`;
}

async function showDrift({ sample }: Stage, stackName: string, expected: 'IN_SYNC' | 'DRIFTED') {
  const { status, resources } = await sample.cloudformation.detectDrift(stackName);
  const differences = resources
    .flatMap(({ PropertyDifferences = [] }) => PropertyDifferences)
    .map(({ PropertyPath, ExpectedValue, ActualValue }) => {
      return `${PropertyPath} is ${ActualValue}, not ${ExpectedValue}`;
    });
  print(`drift: ${[status, ...differences].join(', ')}  ${takeAnswers()}`);
  assert.equal(status, expected);
}

async function deploy({ sample }: Stage, trunking: Value, expected: string): Promise<void> {
  const parameters = { RoleArn: sample.instanceRoleArn, Trunking: trunking };
  const { status } = await sample.cloudformation.deploy('trunking', TRUNKING_TEMPLATE, parameters);
  assert.equal(status, expected);
}

/** STS denies two calls, as it does for a new role that it does not know yet. */
async function create(stage: Stage): Promise<void> {
  const { account } = stage.sample;
  account.faults.add({ service: 'sts', operation: 'AssumeRole', times: 2, fault: { kind: 'deny' } });
  const start = stage.clock.now();
  await deploy(stage, 'enabled', 'CREATE_COMPLETE');
  const waited = (stage.clock.now() - start) / 1000;
  const denied = account.calls.filter(
    ({ operation, status }) => operation === 'AssumeRole' && status === 403,
  );
  print(
    `${denied.length} calls of AssumeRole were denied; the handler waited ${waited.toFixed(1)} s (skipped here)`,
  );
  assert.equal(denied.length, 2);
  assert.ok(waited > 0);
  showSetting(stage, { own: 'enabled', accountDefault: 'disabled' });
}

/** EC2 names an instance's session after the instance ID, and the role's policies require another session name. */
async function refuseInstance(stage: Stage): Promise<void> {
  const { account, instanceRoleArn } = stage.sample;
  const session = { sessionName: INSTANCE_ID };
  const credentials = await account.assumeAsService('ec2.amazonaws.com', instanceRoleArn, session);
  const ecs = new ECSClient({ region: REGION, endpoint: account.endpoint, credentials });
  const command = new PutAccountSettingCommand({ name: 'awsvpcTrunking', value: 'disabled' });
  const refusal: unknown = await ecs.send(command).then(
    () => new Error(`PutAccountSetting was allowed to ${INSTANCE_ID}.`),
    (error: unknown) => error,
  );
  ecs.destroy();
  if (!(refusal instanceof ECSServiceException)) {
    throw refusal;
  }
  print(`${INSTANCE_ID} calls ecs:PutAccountSetting: ${refusal.name}`);
  print(refusal.message, '     ');
  assert.equal(refusal.name, 'AccessDeniedException');
  showSetting(stage, { own: 'enabled', accountDefault: 'disabled' });
}

async function update(stage: Stage): Promise<void> {
  const { account, setSetting } = stage.sample;
  setSetting('enabled', account.rootArn);
  showSetting(stage, { own: 'enabled', accountDefault: 'enabled' });
  await deploy(stage, 'disabled', 'UPDATE_COMPLETE');
  showSetting(stage, { own: 'disabled', accountDefault: 'enabled' });
}

async function drift(stage: Stage): Promise<void> {
  await showDrift(stage, 'trunking', 'IN_SYNC');
  setByHand(stage, 'enabled');
  await showDrift(stage, 'trunking', 'DRIFTED');
}

/** Sets the value as the root user can, who may name any principal (ECS API reference, "PutAccountSetting"). */
function setByHand(stage: Stage, value: Value): void {
  stage.sample.setSetting(value);
  showSetting(stage, { own: value, accountDefault: 'enabled' });
}

async function remove(stage: Stage): Promise<void> {
  const { status } = await stage.sample.cloudformation.deleteStack('trunking');
  assert.equal(status, 'DELETE_COMPLETE');
  showSetting(stage, { own: 'none', accountDefault: 'enabled' });
}

async function meetExisting(stage: Stage): Promise<void> {
  setByHand(stage, 'disabled');
  await deploy(stage, 'enabled', 'ROLLBACK_COMPLETE');
  showSetting(stage, { own: 'disabled', accountDefault: 'enabled' });
}

async function adopt(stage: Stage): Promise<void> {
  const { account, cloudformation, instanceRoleArn } = stage.sample;
  const parameters = { RoleArn: instanceRoleArn, Trunking: 'disabled' };
  const target = { logicalId: 'RoleTrunking', identifier: { RoleArn: instanceRoleArn } };
  account.calls.length = 0;
  const imported = await cloudformation.import('imported', IMPORT_TEMPLATE, target, parameters);
  assert.equal(imported.status, 'IMPORT_COMPLETE');
  const written = account.calls.filter(({ operation }) => /^(Put|Delete)AccountSetting$/.test(operation));
  assert.deepEqual(written, []);
  print('the import wrote nothing');
  await showDrift(stage, 'imported', 'IN_SYNC');
  const change = { ...parameters, Trunking: 'enabled' };
  const updated = await cloudformation.deploy('imported', IMPORT_TEMPLATE, change);
  assert.equal(updated.status, 'UPDATE_COMPLETE');
  showSetting(stage, { own: 'enabled', accountDefault: 'enabled' });
}

/**
 * Runs the demo with the handlers of build/TypeFunction, and prints what happens. Starting the account deploys the
 * roles.
 *
 * @throws CommandError naming the step that did not do what it says.
 */
export async function demonstrate(): Promise<void> {
  console.log('A local account stands in for AWS; the handlers and the policies are the real ones.');
  printHeading(1, 'Deploy examples/roles.yml: the handler role and a role for container instances');
  const clock = new VirtualClock();
  const sample = await startSampleAccount({ clock, cloudformation: REPORTS });
  const stage: Stage = { clock, sample };
  try {
    showSetting(stage, { own: 'none', accountDefault: 'disabled' });
    for (const [index, { title, run }] of STEPS.entries()) {
      const number = index + 2;
      printHeading(number, title);
      await run(stage).catch((error: unknown) => {
        throw new CommandError(`Step ${number} did not do what it says: ${error}`, { cause: error });
      });
    }
  } finally {
    await sample.close();
  }
  console.log('\nEvery step did what it says.');
}
