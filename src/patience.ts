import { findSetting, type Trunking } from './account-setting';
import type { Caller } from './aws';
import { AwsError, isTransient } from './aws-error';
import { pause } from './deadline';

/*
 * Waiting within one invocation. A create that CloudFormation has no identifier of yet can wait nowhere else;
 * the others wait briefly here, and then between invocations.
 */

/** Milliseconds. */
const FIRST_DELAY = 1_000;
const LONGEST_DELAY = 8_000;

/** Milliseconds between looks at what ECS lists: together some four seconds. */
const LIST_DELAYS: readonly number[] = [250, 500, 1_000, 2_000];

/**
 * Tries again what IAM denies, what is throttled and what was not answered, as long as the invocation can wait.
 * IAM propagates within seconds, and a role may be created a moment after the resource that names it.
 *
 * @throws AwsError of the last try, and at once one that does not pass by itself.
 */
export async function patiently<T>({ deadline: { patience } }: Caller, work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const passes = error instanceof AwsError && (error.kind === 'denied' || isTransient(error.kind));
      if (!passes || patience.aborted) {
        throw error;
      }
    }
    const longest = Math.min(FIRST_DELAY * 2 ** tries, LONGEST_DELAY);
    await pause(longest * (0.5 + Math.random() / 2), patience);
  }
}

/**
 * Whether ECS lists the setting with this value within some seconds. Whether its lists follow its writes at once
 * is not documented; the handler contract asks for a resource that can be read when it is said to be created.
 *
 * @throws AwsError
 */
export async function isListed(role: Caller, value: Trunking | 'absent'): Promise<boolean> {
  for (const delay of LIST_DELAYS) {
    if ((await findSetting(role)) === value) {
      return true;
    }
    await pause(delay, role.deadline.patience);
  }
  return (await findSetting(role)) === value;
}
