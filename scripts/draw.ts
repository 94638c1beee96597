/** `npm run draw`: the pictures of what commands print. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordDoctor } from '../test/harness/run-doctor';
import { runCommand } from './command-line/command';
import { runProgram } from './command-line/run-program';
import { drawTerminal } from './demo/terminal-picture';

const DRAW = {
  name: 'draw',
  summary:
    'Runs the demo, and the doctor on a small cluster and on one with every finding, and writes docs/demo.svg, ' +
    'docs/doctor-web.svg and docs/doctor.svg.',
} as const;

const DOCS = join(__dirname, '../docs');

void runCommand(DRAW, async () => {
  const command = ['-r', 'tsx/cjs', join(__dirname, 'demo.ts')];
  const complain = (why: string) => `The demo failed${why}. No file was changed.`;
  const stdout = runProgram(process.execPath, command, complain, { stdio: ['ignore', 'pipe', 'inherit'] });
  const { mixed, web } = await recordDoctor();
  writeFileSync(join(DOCS, 'demo.svg'), drawTerminal('What npm run demo prints', stdout));
  writeFileSync(join(DOCS, 'doctor.svg'), drawTerminal('What npm run doctor prints', mixed));
  writeFileSync(join(DOCS, 'doctor-web.svg'), drawTerminal('What npm run doctor prints', web));
  console.log('docs/demo.svg, docs/doctor.svg, docs/doctor-web.svg: written');
  return 0;
});
