/** Opting a role in or out: show, ask, keep a copy, change, read back. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { IAMClient } from '@aws-sdk/client-iam';
import { inShell, type Target, targetOptions } from '../command-line/aws-commands';
import { awsFailure } from '../command-line/aws-failures';
import { CommandError } from '../command-line/command';
import { judgeTrust } from '../doctor/roles';
import { documentsFor, type Json, POLICY_NAME } from './documents';
import type { Progress } from './each-role';
import { type Change, type Part, planOptIn, planUndo, type RoleState } from './plan';
import { explain } from './refusals';
import { makeChange, readRole } from './role';
import { samePolicy } from './same-policy';
import { showChange } from './show';

/** What to do with a role. */
export interface RoleChange {
  readonly iam: IAMClient;
  readonly roleName: string;
  readonly direction: 'in' | 'out';
  /** Show only. */
  readonly isDryRun: boolean;
  /** For the commands that are printed. */
  readonly target: Target;
  /** The project's folder: copies of policies go to build/opt-in in it. */
  readonly project: string;
  readonly print: (text: string) => void;
  readonly progress: Progress;
  /** Whether to go on, after the changes were shown. */
  readonly confirm: () => Promise<boolean>;
}

/** How long IAM may take to return what was written, in milliseconds; it is eventually consistent. */
const READ_BACK_DELAYS = [0, 500, 1_000, 2_000, 4_000, 8_000, 16_000];

/**
 * Opts a role in or out.
 *
 * @returns whether the role is now as wanted, or a dry run has shown what would change.
 * @throws CommandError where AWS refuses, or the role changes meanwhile.
 */
export async function changeRole(job: RoleChange): Promise<boolean> {
  const { iam, roleName, direction, print } = job;
  const role = await readRole(iam, roleName);
  const changes = plan(role, direction);
  if (changes.length === 0) {
    print(`${role.arn} is already opted ${direction}. Nothing to change.`);
    return true;
  }
  print(`${role.arn}\n\n${changes.map(showChange).join('\n\n')}\n`);
  if (direction === 'in') {
    for (const { text, remedy } of judgeTrust(role)) {
      print(`${text}. ${remedy}\n`);
    }
  }
  if (job.isDryRun || !(await job.confirm())) {
    print('Nothing was changed.');
    return job.isDryRun;
  }
  if (!isSame(role, await readRole(iam, roleName))) {
    throw new CommandError(
      `The role ${roleName} has changed since it was shown. Nothing was changed; run this again.`,
    );
  }
  keepCopies(job, role, changes);
  await makeAll(job, role, changes);
  job.progress('All changes were made, but not read back yet. Run this again to see whether IAM has them.');
  await readBack(job);
  print(`${role.arn} is opted ${direction}.`);
  return true;
}

function plan(role: RoleState, direction: RoleChange['direction']): Change[] {
  const documents = documentsFor(role.arn);
  return direction === 'in' ? planOptIn(role, documents) : planUndo(role, documents);
}

/** Whether two readings of a role are of the same role, unchanged. */
function isSame(one: RoleState, other: RoleState): boolean {
  const textOf = ({ tags, ...rest }: RoleState) => JSON.stringify({ ...rest, tags: [...tags].sort() });
  return textOf(one) === textOf(other);
}

/** Keeps what is replaced or deleted and is not ours, and prints the commands that put it back. */
function keepCopies(job: RoleChange, { arn, name }: RoleState, changes: readonly Change[]): void {
  const { policy } = documentsFor(arn);
  for (const { part, before } of changes) {
    if (part === 'tag' || before === undefined || samePolicy(before, policy)) {
      continue;
    }
    const { title, file, command } = COPIES[part];
    const path = keepCopy(job, arn, `${name}${file}`, before);
    const document = inShell(`file://${path}`);
    job.print(`The ${title} as it was is in ${path}. To put it back:

  ${command(name)} --policy-document ${document}${targetOptions(job.target)}
`);
  }
}

/** How a document is named, on the screen and in its copy's file name, and what puts it back. */
const COPIES = {
  'trust policy': {
    title: 'trust policy',
    file: '',
    command: (role: string) => `aws iam update-assume-role-policy --role-name ${role}`,
  },
  'inline policy': {
    title: `inline policy ${POLICY_NAME}`,
    file: `-${POLICY_NAME}`,
    command: (role: string) => `aws iam put-role-policy --role-name ${role} --policy-name ${POLICY_NAME}`,
  },
};

/**
 * @returns The path of the copy, from the project's folder.
 * @throws CommandError if it cannot be written.
 */
function keepCopy({ project }: RoleChange, arn: string, name: string, document: Json): string {
  const folder = join(project, 'build/opt-in');
  const [, , , , accountId] = arn.split(':');
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const path = join(folder, `${accountId}-${name}-${time}.json`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, `${JSON.stringify(document, undefined, 2)}\n`);
  } catch (error) {
    throw new CommandError(
      `A copy of what would be replaced cannot be written: ${(error as Error).message}. Nothing was changed. Run this ` +
        'in a folder that you can write to.',
    );
  }
  return relative(project, path);
}

/** @throws CommandError naming what was changed before a failure. */
async function makeAll(
  { iam, roleName, print, progress }: RoleChange,
  { arn }: RoleState,
  changes: readonly Change[],
): Promise<void> {
  const { tag } = documentsFor(arn);
  const done: Part[] = [];
  for (const change of changes) {
    progress(whatWasDone(done, change.part));
    try {
      await makeChange(iam, roleName, tag.key, change);
      done.push(change.part);
    } catch (error) {
      const { kind } = awsFailure(error) ?? {};
      const isUnanswered = kind === 'unreachable' || kind === 'failed';
      const so = whatWasDone(done, isUnanswered ? change.part : undefined);
      const explained = explain(error, roleName, change.part);
      if (explained instanceof CommandError) {
        throw new CommandError(`${explained.message} ${so}`, { cause: explained.cause });
      }
      print(so);
      throw explained;
    }
  }
}

const GO_ON = 'Run this again to go on.';

/** @param unanswered A change that was sent, and whose outcome AWS did not say. */
function whatWasDone(done: readonly Part[], unanswered: Part | undefined): string {
  if (done.length === 0) {
    return unanswered === undefined
      ? 'Nothing was changed.'
      : `Whether the ${unanswered} was changed is not known; nothing else was changed. ${GO_ON}`;
  }
  const unknown = unanswered === undefined ? '' : `; whether the ${unanswered} was changed is not known`;
  return `Changed before that: ${done.join(', ')}${unknown}. ${GO_ON}`;
}

/** @throws CommandError where IAM does not return what was written, half a minute later. */
async function readBack(job: RoleChange): Promise<void> {
  for (const delay of READ_BACK_DELAYS) {
    await wait(delay);
    if (plan(await readAgain(job), job.direction).length === 0) {
      return;
    }
  }
  throw new CommandError(
    `IAM accepted the changes but does not return them for the role ${job.roleName}. Somebody else may have changed it: run this again.`,
  );
}

/** Reads the role after all changes were made. */
function readAgain({ iam, roleName }: RoleChange): Promise<RoleState> {
  return readRole(iam, roleName).catch((error: unknown) => {
    throw error instanceof CommandError
      ? new CommandError(`All changes were made, but the role cannot be read again. ${error.message}`, {
          cause: error.cause,
        })
      : error;
  });
}
