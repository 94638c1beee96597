/** What `node ecs-role-trunking.mjs` runs: the commands for users. scripts/packaging/single-file.ts bundles it. */

// First: everything else in the file needs such a Node.
import './check-node.cjs';
import { invocation } from './command-line/invocation';

const COMMANDS: Readonly<Record<string, () => Promise<unknown>>> = {
  doctor: () => import('./doctor'),
  'opt-in': () => import('./opt-in'),
};

// Node 24 warns about what a library of the SDK's uses; a user can do nothing about it.
process.noDeprecation = true;
const [name = ''] = process.argv.splice(2, 1);
const command = COMMANDS[name];
if (command) {
  // It reads the rest of the command line, and runs.
  void command();
} else {
  const known = Object.keys(COMMANDS).map((it) => `  ${invocation(it, '--help')}`);
  const isHelp = ['', '-h', '--help'].includes(name);
  console[isHelp ? 'log' : 'error'](
    `${isHelp ? '' : `There is no command ${JSON.stringify(name)}. `}The commands:\n\n${known.join('\n')}`,
  );
  process.exitCode = isHelp ? 0 : 1;
}
