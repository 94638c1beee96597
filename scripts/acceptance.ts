/** `npm run acceptance`. */
import { join } from 'node:path';
import { LocalAccount, VirtualClock } from 'local-account';
import { accept } from './acceptance/accept';
import { connect } from './acceptance/aws';
import { Leftovers } from './acceptance/leftovers';
import { namesUnder } from './acceptance/names';
import { ACCEPTANCE, type AcceptanceOptions } from './acceptance/options';
import { localPlace, realPlace } from './acceptance/place';
import { lookFirst } from './acceptance/preview';
import type { Run } from './acceptance/run';
import { templatesIn } from './acceptance/templates';
import { Transcript } from './acceptance/transcript';
import { findRegion } from './command-line/aws-environment';
import { runCommand } from './command-line/command';
import { confirm } from './command-line/confirm';
import { onInterrupt } from './command-line/interrupts';
import { pack, stageBuilt } from './packaging/pack';
import { checkAwsSession, pythonEnvironment } from './python/environment';

void runCommand(ACCEPTANCE, async ({ values }) => {
  onInterrupt(() => 'Interrupted. Nothing was created.');
  pythonEnvironment();
  if (values.real) {
    checkAwsSession(values.profile, (await findRegion(values)).name);
  }
  const account = values.real ? undefined : await LocalAccount.start({ clock: new VirtualClock() });
  const { clients, pace } = account ? localPlace(account, values.region) : await realPlace(values);
  const transcript = new Transcript(values.transcript, console.log);
  const aws = connect(clients, (line) => transcript.note(line));
  const about = { aws, transcript, names: namesUnder(values.namespace), pace };
  try {
    transcript.note(`${new Date().toISOString()}, Node ${process.version}`);
    transcript.say(values.real ? '' : 'A local account stands in for AWS.');
    await lookFirst(about);
    if (values.real && !values.yes && !(await confirm('Begin?', UNABLE))) {
      transcript.say('Nothing was created.');
      return 1;
    }
    const exitCode = await acceptPackage(about, values);
    console.log(`The transcript is in ${transcript.path}.`);
    return exitCode;
  } finally {
    aws.close();
    await account?.close();
  }
});

const UNABLE = 'Nothing was created; give --yes to begin without confirmation.';

/** Makes the package and takes it through all steps. @returns the exit code: 0 if all passed and nothing is left. */
async function acceptPackage(
  about: Pick<Run, 'aws' | 'transcript' | 'names' | 'pace'>,
  { namespace, runtime }: AcceptanceOptions,
): Promise<number> {
  const programs = pythonEnvironment();
  const staging = await stageBuilt(programs, namespace, runtime);
  about.transcript.note(`${runtime}, package ${pack(programs, staging)}`);
  const { running, cleaning, exitCode } = stopOnInterrupts(about.transcript);
  const outcome = await accept(
    {
      ...about,
      templates: templatesIn(staging.directory),
      packageFile: join(staging.directory, `${staging.hyphenatedName}.zip`),
      leftovers: new Leftovers(),
      signal: running,
    },
    cleaning,
  );
  if (cleaning.aborted) {
    // Calls that are not waited for any more would keep this process running.
    process.exit(exitCode());
  }
  const { steps, left } = outcome;
  const isAccepted = left.length === 0 && steps.every(({ result }) => result === 'passed');
  return exitCode() ?? (isAccepted ? 0 : 1);
}

/** The first interrupt ends the steps and cleans up. The second one ends the cleanup, and the run says what is left. */
function stopOnInterrupts(transcript: Transcript) {
  const [running, cleaning] = [new AbortController(), new AbortController()];
  let exitCode: number | undefined;
  onInterrupt((code) => {
    exitCode = code;
    if (!running.signal.aborted) {
      transcript.say(
        '\nEnding the run; what was made is removed first. Press Ctrl-C again to leave it there.',
      );
      running.abort();
    } else {
      cleaning.abort();
    }
    return undefined;
  });
  // There is no exit code as long as there was no interrupt.
  return { running: running.signal, cleaning: cleaning.signal, exitCode: () => exitCode };
}
