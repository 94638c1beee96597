import { AwsError } from './aws/aws-error';
import { type Deadline, pause } from './deadline';

/*
 * Waiting within one invocation. A create whose identifier CloudFormation does not have yet can wait nowhere else;
 * the others wait briefly here, and then between invocations.
 */

/** Milliseconds. */
const FIRST_DELAY = 1_000;
const LONGEST_DELAY = 8_000;

/** Milliseconds between looks at what AWS lists: together some four seconds. */
const LOOK_DELAYS: readonly number[] = [250, 500, 1_000, 2_000];

/**
 * Repeats work that is denied, throttled or not answered, as long as the invocation can wait. Permissions propagate
 * within seconds, and what a resource refers to can be created a moment after it.
 *
 * @throws AwsError of the last try; an error that does not pass by itself at once.
 */
export async function patiently<T>({ patience }: Deadline, work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const canPass = error instanceof AwsError && (error.kind === 'denied' || error.isTransient);
      if (!canPass || patience.aborted) {
        throw error;
      }
    }
    const longest = Math.min(FIRST_DELAY * 2 ** tries, LONGEST_DELAY);
    await pause(longest * (0.5 + Math.random() / 2), patience);
  }
}

/**
 * Whether AWS shows a change within some four seconds. The handler contract asks for a resource that can be read when
 * it is reported as created.
 *
 * @param look Whether AWS shows it now.
 * @throws whatever `look` throws.
 */
export async function isShown({ patience }: Deadline, look: () => Promise<boolean>): Promise<boolean> {
  for (const delay of LOOK_DELAYS) {
    if (await look()) {
      return true;
    }
    await pause(delay, patience);
  }
  return look();
}
