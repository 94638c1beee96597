import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { LocalAccount, VirtualClock } from 'local-account';
import { STEPS } from '../../scripts/acceptance/accept';
import { clientEnvironment } from '../../scripts/command-line/client-environment';
import { contentOf } from '../harness/account-content';
import { ProjectCopy } from '../harness/project-copy';
import { inTerminal, type Terminal } from '../harness/terminal';

/*
 * Ctrl-C in a terminal: one sentence, no stack trace, and nothing left behind. The terminal sends the signal to every
 * process in it. npm passes it on once more, to a shell; this one is Bash, which has become the command by then.
 */

const REGION = 'eu-west-1';

/** Of Node, and of Python. */
const STACK_TRACE = /^ +at |Traceback|KeyboardInterrupt/m;

const project = new ProjectCopy();
afterAll(() => project.close());

/** Starts a command in a terminal with `npm run`. */
function start(name: string, options: readonly string[], answer = '', env = process.env): Terminal {
  const command = ['npm', 'run', '--silent', name, '--', ...options];
  const inBash = { ...env, npm_config_script_shell: 'bash' };
  return inTerminal(answer, command, { cwd: project.directory, env: inBash });
}

/** Presses Ctrl-C once a file of the copy exists. */
async function interruptAt(terminal: Terminal, path: string): Promise<void> {
  while (!existsSync(join(project.directory, path))) {
    await wait(5);
  }
  terminal.pressCtrlC();
}

/** What the terminal shows of a command that was ended by Ctrl-C. */
const ended = (sentence: string) => ({ code: 130, shown: `^C\n${sentence}\n` });

test.each(['package', 'submit'])('while %s packs, it ends with one sentence', async (name) => {
  rmSync(join(project.directory, 'build'), { recursive: true, force: true });
  const terminal = start(name, ['--namespace', 'Acme', ...(name === 'submit' ? ['--dry-run'] : [])]);
  await interruptAt(terminal, 'build/.staging/acme/template.yml');
  expect(await terminal.outcome).toEqual(ended('Interrupted.'));
});

describe('acceptance in an account', () => {
  let account: LocalAccount;
  beforeEach(async () => {
    account = await LocalAccount.start({ clock: new VirtualClock() });
  });
  afterEach(() => account.close());

  const OPTIONS = ['--real', '--region', REGION, '--namespace', 'Acme'];

  /** What was called and said; the command writes each line before it goes on. */
  const transcript = () => join(project.directory, 'build/acceptance.txt');

  /**
   * Starts the command, and presses Ctrl-C in a step. The first call of the step waits until the command has noticed, so
   * that it is in this step on any machine.
   */
  function interruptedIn(step: string): Terminal {
    rmSync(transcript(), { force: true });
    const terminal = start('acceptance', [...OPTIONS, '--yes'], '', clientEnvironment(account));
    const stop = account.observe(async () => {
      if (existsSync(transcript()) && readFileSync(transcript(), 'utf8').includes(`\n${step}: `)) {
        stop();
        await terminal.shows(`\n${step}: `);
        terminal.pressCtrlC();
        await terminal.shows(ENDING);
      }
    });
    return terminal;
  }

  const ENDING = 'Ending the run; what was made is removed first. Press Ctrl-C again to leave it there.\n';

  test('at the question, says that nothing was created', async () => {
    const terminal = start('acceptance', OPTIONS, '^C', clientEnvironment(account));
    const { code, shown } = await terminal.outcome;
    expect(shown).toContain('Begin? [y/N] ');
    expect(shown).toMatch(/\nInterrupted\. Nothing was created\.\n$/);
    expect(shown).not.toMatch(STACK_TRACE);
    expect(code).toBe(130);
    expect(contentOf(account, REGION)).toEqual([]);
  });

  // A run for each step takes long. CONTRIBUTING.md says how to try others, or all.
  const steps = new RegExp(process.env.INTERRUPTED_STEPS ?? '^(register|create|import|deregister)$');
  test.each(STEPS.map(({ name }) => name).filter((name) => steps.test(name)))(
    'in the step %s, removes what it has made',
    async (step) => {
      const { code, shown } = await interruptedIn(step).outcome;
      expect(shown.split(ENDING)).toHaveLength(2);
      expect(shown).toContain('\nNothing is left behind.\n');
      expect(shown).not.toMatch(STACK_TRACE);
      expect(code).toBe(130);
      expect(contentOf(account, REGION)).toEqual([]);
    },
  );

  test('a second time, while AWS does not answer, lists what is left', async () => {
    account.faults.add({ operation: 'DeleteStack', times: 1, fault: { kind: 'hang' } });
    const terminal = interruptedIn('create');
    await terminal.shows(ENDING);
    // What follows within a second still belongs to the first one.
    const again = setInterval(terminal.pressCtrlC, 1_500);
    await terminal.shows('Left behind; remove in this order:');
    clearInterval(again);
    const { code, shown } = await terminal.outcome;
    expect(shown).toMatch(/- the stack \S+-trunking \(ended by the user\)\n/);
    expect(shown).not.toMatch(STACK_TRACE);
    expect(code).toBe(130);
  });
});
