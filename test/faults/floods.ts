import type { CellResult } from './matrix';
import { USUAL, waitsBetweenInvocations } from './matrix-rules';
import { outcomeOf } from './progress-event';
import { MAX_RETRIES, type TestAccount } from './test-account';

/**
 * How long CloudFormation waited under permanent throttling before it got the error, for each call of an operation
 * that can wait. CloudFormation's own retries, which follow, are left out.
 */
export function waitsOf(results: readonly CellResult[]): (readonly number[])[] {
  return results
    .filter(
      ({ row, column, extent, assumption }) =>
        column.name === 'throttled' &&
        extent === Number.POSITIVE_INFINITY &&
        assumption === USUAL &&
        waitsBetweenInvocations(row),
    )
    .map(({ waits }) => waits.filter((seconds) => seconds > 0).slice(0, -MAX_RETRIES));
}

/**
 * Whether the longest possible wait doubles each time, up to 15 s, and each wait is at least half of it. The jitter
 * spreads a flood.
 */
export function growsWithJitter(waits: readonly number[]): boolean {
  return waits.every((seconds, index) => {
    const longest = Math.min(2 ** (index + 1), 15);
    return seconds >= longest / 2 && seconds <= longest;
  });
}

/**
 * Runs creates for many roles at once while ECS accepts only some calls a second.
 *
 * @returns how each create ended, and how often one waited beyond the SDK's own retries.
 */
export async function createAtOnce(account: TestAccount, count: number, perSecond: number) {
  const roles = Array.from({ length: count }, (_, index) =>
    account.sample.addInstanceRole(`flooded-${index}`),
  );
  account.reset(undefined);
  account.local.faults.rateLimit('ecs', perSecond);
  let waited = 0;
  const ends = await Promise.all(
    roles.map(async (roleArn) => {
      const properties = account.model('enabled', roleArn);
      const { final, events } = await account.run('CREATE', { properties });
      waited += events.filter(({ callbackDelaySeconds = 0 }) => callbackDelaySeconds > 0).length;
      return `${outcomeOf(final)} ${account.setting(roleArn)}`;
    }),
  );
  account.local.faults.clear();
  return { ends, waited };
}
