/** Runs the steps in order, removes what they made, and says what came of it. */
import { reasonOf } from './expect';
import type { Left } from './leftovers';
import { orAborted } from './or-aborted';
import type { Run } from './run';
import { retainAndImport } from './steps/import';
import { create, deleteIt, drift, readAndList, replace, updateValue } from './steps/life';
import { alreadyExists, notOptedIn } from './steps/refusals';
import { deregister, register } from './steps/registration';
import { createRoles } from './steps/roles';

interface Step {
  /** As docs/assumptions.md names it. */
  readonly name: string;
  readonly title: string;
  /** @throws StepFailed, or what AWS answers. */
  readonly act: (run: Run) => Promise<void>;
}

/** In this order: each begins with what the one before it leaves. */
export const STEPS: readonly Step[] = [
  { name: 'register', title: 'Register the type and make the version the default', act: register },
  { name: 'roles', title: 'Create two instance roles that opted in and one that did not', act: createRoles },
  { name: 'create', title: 'Create a stack with the resource', act: create },
  { name: 'read', title: 'Read and list the resource by Cloud Control', act: readAndList },
  { name: 'drift', title: 'Change it by Cloud Control, detect drift, change it back', act: drift },
  { name: 'update', title: 'Update the stack from enabled to disabled', act: updateValue },
  { name: 'replace', title: 'Replace it: the setting moves to the second role', act: replace },
  {
    name: 'already-exists',
    title: 'Create a second stack for the same role, which must fail',
    act: alreadyExists,
  },
  { name: 'import', title: 'Retain the setting, delete its stack, import it again', act: retainAndImport },
  {
    name: 'not-opted-in',
    title: 'Create a stack for the role that did not opt in, which must fail',
    act: notOptedIn,
  },
  { name: 'delete', title: 'Delete the stack: the setting is gone', act: deleteIt },
  { name: 'deregister', title: 'Delete the roles and deregister the type', act: deregister },
];

/** How a step went. */
interface StepResult {
  readonly name: string;
  readonly result: 'passed' | 'failed' | 'not run';
  readonly seconds?: number;
}

/** How a run went. */
export interface Outcome {
  readonly steps: readonly StepResult[];
  /** What could not be removed. */
  readonly left: readonly Left[];
}

/**
 * Runs the steps until one fails or the run is aborted, and cleans up in any case.
 *
 * @param cleaning Aborted where the user does not want to wait for that either. Then nothing is waited for any more.
 */
export async function accept(run: Run, cleaning: AbortSignal): Promise<Outcome> {
  const steps: StepResult[] = [];
  let isGoing = true;
  for (const step of STEPS) {
    const result: StepResult = isGoing
      ? await take(run, cleaning, step)
      : { name: step.name, result: 'not run' };
    isGoing = result.result === 'passed' && !run.signal.aborted;
    steps.push(result);
  }
  const { transcript, leftovers } = run;
  if (leftovers.list().length > 0) {
    transcript.say('\nRemoving what was made');
  }
  const left = await leftovers.removeAll({ ...run, signal: cleaning });
  summarize(run, steps, left);
  return { steps, left };
}

async function take(run: Run, cleaning: AbortSignal, { name, title, act }: Step): Promise<StepResult> {
  const { transcript, signal } = run;
  const start = performance.now();
  const ended = (result: 'passed' | 'failed'): StepResult => ({
    name,
    result,
    seconds: (performance.now() - start) / 1000,
  });
  transcript.say(`\n${name}: ${title}`);
  try {
    await orAborted(cleaning, act(run));
    return ended('passed');
  } catch (error) {
    transcript.say(signal.aborted ? '   ended by the user' : `   FAILED: ${reasonOf(error)}`);
    return ended('failed');
  }
}

function summarize({ transcript }: Run, steps: readonly StepResult[], left: readonly Left[]): void {
  transcript.say('');
  for (const { name, result, seconds } of steps) {
    const took = seconds === undefined ? '' : `${seconds.toFixed(1).padStart(7)} s`;
    transcript.say(`${name.padEnd(16)}${result.padEnd(8)}${took}`.trimEnd());
  }
  const passed = steps.filter(({ result }) => result === 'passed').length;
  transcript.say(`\n${passed} of ${steps.length} steps passed.`);
  transcript.say(left.length === 0 ? 'Nothing is left behind.' : `Left behind; remove in this order:`);
  for (const { what, reason, commands } of left) {
    transcript.say(`- ${what} (${reason})\n${commands.map((command) => `    ${command}`).join('\n')}`);
  }
}
