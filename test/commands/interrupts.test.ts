import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { LocalAccount, VirtualClock } from 'local-account';
import { clientEnvironment } from '../../scripts/command-line/client-environment';
import { contentOf } from '../harness/account-content';
import { ProjectCopy } from '../harness/project-copy';
import { inTerminal, type Terminal } from '../harness/terminal';

/* Ctrl-C in a terminal: one sentence, no stack trace, and nothing left behind. */

const REGION = 'eu-west-1';

/** Of Node, and of Python. */
const STACK_TRACE = /^ +at |Traceback|KeyboardInterrupt/m;

let project: ProjectCopy;
beforeAll(() => {
  project = new ProjectCopy();
});
afterAll(() => project.close());

/** Starts a command in a terminal with `npm run`. */
function start(name: string, options: readonly string[], answer = '', env = process.env): Terminal {
  const command = ['npm', 'run', '--silent', name, '--', ...options];
  return inTerminal(answer, command, { cwd: project.directory, env });
}

/** Presses Ctrl-C once a file of the copy exists. */
async function interruptAt(terminal: Terminal, path: string): Promise<void> {
  while (!existsSync(join(project.directory, path))) {
    await wait(5);
  }
  terminal.pressCtrlC();
}

/** What the terminal shows of a command that was ended by Ctrl-C. npm ends itself by the same signal. */
const ended = (sentence: string) => ({ code: 254, shown: `^C\n${sentence}\n` });

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

  /** Starts the command, and presses Ctrl-C when AWS is first asked for an operation. */
  function interruptedAt(operation: string, options = ['--yes']): Terminal {
    const terminal = start('acceptance', [...OPTIONS, ...options], '', clientEnvironment(account));
    let isPressed = false;
    account.observe(({ phase, call }) => {
      if (phase === 'before' && call.operation === operation && !isPressed) {
        isPressed = true;
        terminal.pressCtrlC();
      }
    });
    return terminal;
  }

  test('at the question, says that nothing was created', async () => {
    const terminal = start('acceptance', OPTIONS, '^C', clientEnvironment(account));
    const { shown } = await terminal.outcome;
    expect(shown).toContain('Begin? [y/N] ');
    expect(shown).toMatch(/\nInterrupted\. Nothing was created\.\n$/);
    expect(shown).not.toMatch(STACK_TRACE);
    expect(contentOf(account, REGION)).toEqual([]);
  });

  test.each(['RegisterType', 'PutAccountSetting', 'UpdateResource', 'DeleteAccountSetting'])(
    'at %s, removes what it has made',
    async (operation) => {
      const { code, shown } = await interruptedAt(operation).outcome;
      expect(shown.match(/Ending the run/g)).toHaveLength(1);
      expect(shown).toContain('Nothing is left behind.\n');
      expect(shown).not.toMatch(STACK_TRACE);
      expect(code).not.toBe(0);
      expect(contentOf(account, REGION)).toEqual([]);
    },
  );

  test('a second time, while AWS does not answer, lists what is left', async () => {
    account.faults.add({ operation: 'DeleteStack', times: 1, fault: { kind: 'hang' } });
    const terminal = interruptedAt('PutAccountSetting');
    account.observe(({ phase, call }) => {
      if (phase === 'before' && call.operation === 'DeleteStack') {
        // Later than what still belongs to the first one.
        setTimeout(terminal.pressCtrlC, 1_500);
      }
    });
    const { shown } = await terminal.outcome;
    expect(shown).toContain('Left behind; remove in this order:');
    expect(shown).toMatch(/- the stack \S+-trunking \(ended by the user\)\n/);
    expect(shown).not.toMatch(STACK_TRACE);
  });
});
