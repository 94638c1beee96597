/**
 * Runs `scripts/<name>.ts` for each name, in this one process: `each-command.ts OPTION NAME...`. What is refused and what
 * is answered with help ends while the script is loaded. Prints the outcomes as JSON, in order.
 */
import { join } from 'node:path';
import type { Outcome } from './project-copy';

const [, , option = '', ...names] = process.argv;
const { stdout, stderr } = process;

function outcomeOf(name: string): Outcome {
  const said = { stdout: '', stderr: '' };
  const [print, printError] = [stdout.write, stderr.write];
  process.argv.splice(2, Number.POSITIVE_INFINITY, option);
  process.exitCode = 0;
  stdout.write = (text) => {
    said.stdout += text;
    return true;
  };
  stderr.write = (text) => {
    said.stderr += text;
    return true;
  };
  require(join(__dirname, `../../scripts/${name}.ts`));
  stdout.write = print;
  stderr.write = printError;
  return { code: Number(process.exitCode), ...said };
}

console.log(JSON.stringify(names.map(outcomeOf)));
process.exitCode = 0;
