/** `npm run demo`. */
import { join } from 'node:path';
import { bundle } from './bundle';
import { runCommand } from './command';
import { demonstrate } from './demonstration';

const DEMO = {
  name: 'demo',
  summary: 'Builds the handlers and shows what they do, from create to delete, in a local account.',
  options: {},
} as const;

void runCommand(DEMO, async () => {
  await bundle(join(__dirname, '..'));
  await demonstrate();
  return 0;
});
