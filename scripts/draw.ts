/** `npm run draw`: the picture in the README. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError, runCommand } from './command';
import { drawTerminal } from './terminal-picture';

const DRAW = {
  name: 'draw',
  summary: 'Runs the demo and writes docs/demo.svg, the picture of what it prints.',
  options: {},
} as const;

void runCommand(DRAW, () => {
  const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', join(__dirname, 'demo.ts')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) {
    throw new CommandError('The demo failed, see above. No file was changed.');
  }
  writeFileSync(join(__dirname, '../docs/demo.svg'), drawTerminal('What npm run demo prints', stdout));
  console.log('docs/demo.svg: written');
  return 0;
});
