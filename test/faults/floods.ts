import { type Lane, MAX_RETRIES } from './lane';
import type { CellResult } from './matrix';
import { WORLDS, waitsBetweenInvocations } from './matrix-rules';

/**
 * What throttling for good made CloudFormation wait before it was told, for each call of an operation that may
 * wait. Its own retries come after that.
 */
export function waitsOf(results: readonly CellResult[]): (readonly number[])[] {
  return results
    .filter(
      ({ row, column, extent, world }) =>
        column.name === 'throttled' &&
        extent === Number.POSITIVE_INFINITY &&
        world === WORLDS[0] &&
        waitsBetweenInvocations(row),
    )
    .map(({ waits }) => waits.filter((seconds) => seconds > 0).slice(0, -MAX_RETRIES));
}

/**
 * Whether each wait is up to twice as long as the one before, up to a quarter of a minute, and at least half of that: what is
 * left to chance spreads a flood.
 */
export function growsWithJitter(waits: readonly number[]): boolean {
  return waits.every((seconds, index) => {
    const longest = Math.min(2 ** (index + 1), 15);
    return seconds >= longest / 2 && seconds <= longest;
  });
}

/**
 * So many roles at once are created while ECS takes so many calls a second.
 * @returns how each ended, and how often one had to wait beyond the SDK's own retries.
 */
export async function createAtOnce(lane: Lane, count: number, perSecond: number) {
  const roles = Array.from({ length: count }, (_, index) => lane.addRole(`flooded-${index}`));
  lane.reset(undefined);
  lane.account.faults.rateLimit('ecs', perSecond);
  let waited = 0;
  const ends = await Promise.all(
    roles.map(async (roleArn) => {
      const properties = lane.model('enabled', roleArn);
      const { final, events } = await lane.run('CREATE', { properties });
      waited += events.filter(({ callbackDelaySeconds = 0 }) => callbackDelaySeconds > 0).length;
      return `${final.errorCode ?? final.status} ${lane.setting(roleArn)}`;
    }),
  );
  lane.account.faults.clear();
  return { ends, waited };
}
