/** Installs the CloudFormation CLI. `npm test` runs this first, so that a missing Python is reported at once. */
import { runCommand } from './command-line/command';
import { pythonEnvironment } from './python/environment';

void runCommand({ name: 'install-python', summary: 'Installs the CloudFormation CLI.' }, () => {
  pythonEnvironment();
  return 0;
});
