/** `npm run draw`: the picture in the README. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command-line/command';
import { runProgram } from './command-line/run-program';
import { drawTerminal } from './demo/terminal-picture';

const DRAW = {
  name: 'draw',
  summary: 'Runs the demo and writes docs/demo.svg, the picture of what it prints.',
  options: {},
} as const;

void runCommand(DRAW, () => {
  const command = ['--import', 'tsx', join(__dirname, 'demo.ts')];
  const complain = (why: string) => `The demo failed${why}. No file was changed.`;
  const stdout = runProgram(process.execPath, command, complain, { stdio: ['ignore', 'pipe', 'inherit'] });
  writeFileSync(join(__dirname, '../docs/demo.svg'), drawTerminal('What npm run demo prints', stdout));
  console.log('docs/demo.svg: written');
  return 0;
});
