/** `npm run acceptance`. */
import { join } from 'node:path';
import { accept } from './acceptance/accept';
import { connect } from './acceptance/aws';
import { Leftovers } from './acceptance/leftovers';
import { namesUnder } from './acceptance/names';
import { ACCEPTANCE } from './acceptance/options';
import { localVenue, realVenue } from './acceptance/places';
import { checkNothingIsThere, preview } from './acceptance/preview';
import type { Run } from './acceptance/run';
import { templatesIn } from './acceptance/templates';
import { Transcript } from './acceptance/transcript';
import { runCommand } from './command';
import { confirm } from './confirm';
import { pack, stageBuilt } from './pack';
import { checkAwsSession, pythonEnvironment } from './python';

// The SDK's warning about Node 20 is for those who build on it, and would stand between two steps.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

void runCommand(ACCEPTANCE, async ({ values }) => {
  const { namespace, runtime, real, region = 'us-east-1' } = values;
  const programs = pythonEnvironment();
  if (real) {
    checkAwsSession(values.profile, values.region);
  }
  const staging = await stageBuilt(programs, namespace, runtime);
  const digest = pack(programs, staging);
  const venue = real ? realVenue(values) : await localVenue(region);
  const transcript = new Transcript(values.transcript, console.log);
  const aws = connect(venue.place, (line) => transcript.note(line));
  const stop = stopOnSignals(transcript);
  const run: Run = {
    aws,
    transcript,
    names: namesUnder(namespace),
    templates: templatesIn(staging.directory),
    packageFile: join(staging.directory, `${staging.hyphenatedName}.zip`),
    pace: venue.pace,
    leftovers: new Leftovers(),
    signal: stop.running,
  };
  try {
    transcript.note(`${new Date().toISOString()}, Node ${process.version}, ${runtime}, package ${digest}`);
    transcript.say(real ? '' : 'A local account stands in for AWS.');
    await checkNothingIsThere(run);
    await preview(run);
    if (
      real &&
      !values.yes &&
      !(await confirm('Begin?', 'Nothing was made; give --yes to begin without a question.'))
    ) {
      transcript.say('Nothing was made.');
      return 1;
    }
    const { steps, left } = await accept(run, stop.cleaning);
    console.log(`The transcript is in ${transcript.path}.`);
    return left.length === 0 && steps.every(({ result }) => result === 'passed') ? 0 : 1;
  } finally {
    aws.close();
    await venue.close();
  }
});

/** The first Ctrl-C ends the steps and cleans up; the second one ends that, too, and says what is left. */
function stopOnSignals(transcript: Transcript): { running: AbortSignal; cleaning: AbortSignal } {
  const [running, cleaning] = [new AbortController(), new AbortController()];
  const stop = () => {
    if (!running.signal.aborted) {
      transcript.say(
        '\nEnding the run; what was made is removed first. Press Ctrl-C again to leave it there.',
      );
      running.abort();
    } else {
      cleaning.abort();
    }
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return { running: running.signal, cleaning: cleaning.signal };
}
