/**
 * The sample stacks from create to delete in a local account, told as CloudFormation tells it. Every step
 * says what must come of it; the first that does not ends the demo with 1.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProgressEvent, StackEvent } from '../local/cloudformation';
import { REGION, type SampleAccount, startSampleAccount } from '../local/sample-account';
import { bundle } from './bundle';
import { runCommand } from './command';

const TRUNKING_TEMPLATE = readFileSync(join(__dirname, '../examples/trunking.yml'), 'utf8');
const bold = (text: string) => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text);

function heading(text: string): void {
  console.log(`\n${bold(text)}`);
}

function printEvent({ logicalId, status, type, reason }: StackEvent): void {
  console.log(`  ${status.padEnd(20)} ${logicalId.padEnd(16)} ${type}${reason ? `\n      ${reason}` : ''}`);
}

function printAnswer(action: string, { status, errorCode, callbackDelaySeconds }: ProgressEvent): void {
  const wait = callbackDelaySeconds ? `, again in ${callbackDelaySeconds} s (skipped here)` : '';
  console.log(`      handler ${action}: ${status}${errorCode ? ` (${errorCode})` : ''}${wait}`);
}

function printSetting(
  sample: SampleAccount,
  expected: { own: string | undefined; accountDefault: string },
): void {
  const { settings, accountId } = sample.account;
  const own = settings.get(REGION, sample.instanceRoleArn);
  const accountDefault = settings.get(REGION, `arn:aws:iam::${accountId}:root`) ?? 'disabled';
  console.log(
    `  awsvpcTrunking of the role: ${own ?? `none, so the account default applies (${accountDefault})`}`,
  );
  assert.deepEqual({ own, accountDefault }, expected);
}

async function printDrift({ cloudformation }: SampleAccount, expected: 'IN_SYNC' | 'DRIFTED'): Promise<void> {
  const { status, resources } = await cloudformation.detectDrift('trunking');
  const differences = resources.flatMap((resource) => resource.differences);
  const details = differences.map(
    ({ propertyPath, expected, actual }) => `${propertyPath} is ${actual}, not ${expected}`,
  );
  console.log(`  drift: ${[status, ...details].join(', ')}`);
  assert.equal(status, expected);
}

async function demonstrate(): Promise<void> {
  console.log('A local account stands in for AWS; the handlers are the built ones, and so are the policies.');
  heading('Deploy examples/roles.yml: the handler role and a role for container instances');
  const sample = await startSampleAccount({
    cloudformation: { onEvent: printEvent, onProgress: printAnswer },
  });
  const { account, cloudformation, instanceRoleArn } = sample;
  const parameters = { RoleArn: instanceRoleArn };
  const deploy = (more: Record<string, string> = {}) =>
    cloudformation.deploy('trunking', TRUNKING_TEMPLATE, { ...parameters, ...more });
  heading('Before');
  printSetting(sample, { own: undefined, accountDefault: 'disabled' });

  heading('Deploy examples/trunking.yml; IAM has not heard of the new role yet, so the handler waits');
  account.faults.add({ service: 'sts', operation: 'AssumeRole', times: 2, fault: { kind: 'deny' } });
  assert.equal((await deploy()).status, 'CREATE_COMPLETE');
  printSetting(sample, { own: 'enabled', accountDefault: 'disabled' });

  heading('Someone changes the setting by hand, and drift detection finds it');
  await printDrift(sample, 'IN_SYNC');
  account.settings.set(REGION, instanceRoleArn, 'disabled');
  printSetting(sample, { own: 'disabled', accountDefault: 'disabled' });
  await printDrift(sample, 'DRIFTED');

  heading('Update the stack: the role opts out, whatever the account default');
  account.settings.setAccountDefault(REGION, 'enabled');
  assert.equal((await deploy({ Trunking: 'disabled' })).status, 'UPDATE_COMPLETE');
  printSetting(sample, { own: 'disabled', accountDefault: 'enabled' });

  heading('Delete the stack: the role is back on the account default');
  assert.equal((await cloudformation.deleteStack('trunking')).status, 'DELETE_COMPLETE');
  printSetting(sample, { own: undefined, accountDefault: 'enabled' });

  await sample.close();
  console.log('\nEvery step did what it says.');
}

const DEMO = {
  name: 'demo',
  summary: 'Builds the handlers and shows what they do, from create to delete, in a local account.',
  options: {},
} as const;

void runCommand(DEMO, async () => {
  await bundle(join(__dirname, '..'));
  await demonstrate();
  return 0;
});
