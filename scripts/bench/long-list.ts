/** A list in an account with thousands of roles, of which few are managed. */
import assert from 'node:assert/strict';
import type { CloudFormation, LambdaFunction, LocalAccount } from 'local-account';
import { startSampleAccount } from '../../test/harness/sample-account';
import { createRoles, install, median, usageOf } from './measure';
import { ms, type ScaleRow, times } from './report';
import { OURS } from './variants';

const COUNT = 5000;
const MANAGED = 50;
/** Roles without the tag that trust their account's root, every other one under a condition. */
const FOREIGN = 500;
/** Calls a second, which is also the burst. IAM does not document its rate; this one is below the calls of a page. */
const IAM_RATE = 20;

interface Page {
  readonly milliseconds: number;
  readonly bytes: number;
  readonly found: number;
}

/** @throws AssertionError where a role without the tag is assumed, or a setting is missing from the list. */
export async function measureList(latencyMs: number): Promise<ScaleRow> {
  const sample = await startSampleAccount({ latencyMs });
  const { account, instanceRoleArn } = sample;
  const roles = [instanceRoleArn, ...createRoles(sample, MANAGED - 1)];
  for (const arn of roles) {
    sample.setSetting('enabled', arn);
  }
  createForeignRoles(account);
  account.faults.rateLimit('iam', IAM_RATE);
  const { handlers, cloudformation } = install(sample, OURS);
  // The first list is not measured: in it, the process grows to the memory that it needs.
  await listAll(cloudformation, handlers);
  const pages = await listAll(cloudformation, handlers);
  assert.equal(
    pages.reduce((sum, { found }) => sum + found, 0),
    MANAGED,
  );
  const assumed = account.calls.filter(({ operation }) => operation === 'AssumeRole');
  assert.deepEqual([...new Set(assumed.map(({ parameters }) => parameters.RoleArn))].sort(), roles.sort());
  await handlers.close();
  await sample.close();
  const memory = pages.map(({ bytes }) => bytes);
  const longest = Math.max(...pages.map(({ milliseconds }) => milliseconds));
  const growth = median(memory.slice(-10)) / median(memory.slice(0, 10));
  return {
    what: `list of ${COUNT.toLocaleString('en')} roles, ${MANAGED} of them managed, ${FOREIGN} without the tag that trust their account's root, IAM admitting ${IAM_RATE} requests/s`,
    target: 'no role without the tag assumed, no page over 10 s, memory flat',
    result: `none, ${pages.length} pages of at most ${ms(longest)}, memory in the last ten ${times(growth)} that in the first ten (second list of the process)`,
    met: longest <= 10_000 && growth <= 1.1,
  };
}

function createForeignRoles(account: LocalAccount): void {
  const Condition = {
    ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${account.accountId}:role/deploy/*` },
  };
  const trust = (index: number) =>
    index < FOREIGN
      ? { Principal: { AWS: account.rootArn }, ...(index % 2 && { Condition }) }
      : { Principal: { Service: 'ecs-tasks.amazonaws.com' } };
  for (let index = 0; account.roles.list().length < COUNT; index += 1) {
    const statement = { Effect: 'Allow', Action: 'sts:AssumeRole', ...trust(index) };
    account.roles.create({
      // Beside each other in the list: every role of a page can be one whose tags are read.
      name: `${index < FOREIGN ? 'foreign' : 'unmanaged'}-${index}`,
      assumeRolePolicyDocument: { Version: '2012-10-17', Statement: [statement] },
    });
  }
}

async function listAll(cloudformation: CloudFormation, handlers: LambdaFunction): Promise<Page[]> {
  const pages: Page[] = [];
  let nextToken: string | undefined;
  do {
    const start = performance.now();
    const { final } = await cloudformation.run('LIST', { properties: {}, ...(nextToken && { nextToken }) });
    const milliseconds = performance.now() - start;
    assert.equal(final.status, 'SUCCESS', final.message);
    const found = final.resourceModels?.length ?? 0;
    const { bytes } = await usageOf(handlers);
    pages.push({ milliseconds, bytes, found });
    nextToken = final.nextToken ?? undefined;
  } while (nextToken);
  return pages;
}
