/** `npm run build`, which is also the build command that `cfn submit` runs in a staged copy. */
import { join } from 'node:path';
import { CommandError, runCommand } from './command-line/command';
import { bundle, FUNCTION_NAME } from './packaging/bundle';

const BUILD = {
  name: 'build',
  summary: `Bundles the handlers as Lambda runs them into build/${FUNCTION_NAME}.`,
  synopsis: `[${FUNCTION_NAME}]`,
  argument: { value: FUNCTION_NAME, description: 'The only function; cfn submit passes its name.' },
  options: {
    'use-container': {
      description:
        'Passed by cfn submit --use-docker. Has no effect: the package is plain JavaScript, the same everywhere.',
    },
  },
} as const;

void runCommand(BUILD, async ({ argument = FUNCTION_NAME }) => {
  if (argument !== FUNCTION_NAME) {
    throw new CommandError(`There is no function ${JSON.stringify(argument)}, only ${FUNCTION_NAME}.`);
  }
  await bundle(join(__dirname, '..'));
  return 0;
});
