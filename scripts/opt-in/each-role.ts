/** Roles one after the other, and what came of each: at the end, after a failure, and at Ctrl-C. */
import { awsFailure } from '../command-line/aws-failures';
import { CommandError } from '../command-line/command';
import { onInterrupt } from '../command-line/interrupts';

/** Takes a sentence that says what of the role is changed so far. Called before every step that changes more. */
export type Progress = (soFar: string) => void;

/**
 * Acts on each role, also after a failure, unless AWS cannot be reached or does not accept the credentials: then every
 * other role would fail too.
 *
 * @param wanted What each role is to be, such as `opted in`.
 * @param act Returns whether the role is.
 * @returns the exit code: 0 if all are.
 * @throws CommandError where there is only one role, and acting on it failed.
 */
export async function eachRole(
  roles: readonly string[],
  wanted: string,
  act: (role: string, progress: Progress) => Promise<boolean>,
): Promise<number> {
  const isOne = roles.length === 1;
  const done = new Set<string>();
  for (const role of roles) {
    const progress: Progress = (soFar) =>
      onInterrupt(() =>
        isOne ? `Interrupted. ${soFar}` : `Interrupted at ${role}. ${soFar} ${summary(roles, done, wanted)}`,
      );
    progress('Nothing was changed.');
    try {
      if (await act(role, progress)) {
        done.add(role);
      }
    } catch (error) {
      if (isOne || !(error instanceof CommandError)) {
        throw error;
      }
      console.error(`${role}: ${error.message}`);
      const { kind } = awsFailure(error.cause) ?? {};
      if (kind === 'unreachable' || kind === 'credentials') {
        break;
      }
    }
    if (!isOne) {
      console.log();
    }
  }
  if (!isOne) {
    console.log(summary(roles, done, wanted));
  }
  return roles.every((role) => done.has(role)) ? 0 : 1;
}

/** Such as `Roles opted in: one, two. Roles not opted in: three.` */
function summary(roles: readonly string[], done: ReadonlySet<string>, wanted: string): string {
  const others = roles.filter((role) => !done.has(role));
  return [
    ...(done.size === 0 ? [] : [`Roles ${wanted}: ${[...done].join(', ')}.`]),
    ...(others.length === 0 ? [] : [`Roles not ${wanted}: ${others.join(', ')}.`]),
  ].join(' ');
}
