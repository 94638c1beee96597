/** `npm run demo`. */
import { join } from 'node:path';
import { runCommand } from './command-line/command';
import { demonstrate } from './demo/demonstration';
import { bundle } from './packaging/bundle';

const DEMO = {
  name: 'demo',
  summary: 'Builds the handlers and shows what they do, from create to delete, in a local account.',
} as const;

void runCommand(DEMO, async () => {
  await bundle(join(__dirname, '..'));
  await demonstrate();
  return 0;
});
