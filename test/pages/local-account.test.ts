import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LocalAccount } from 'local-account';
import { NOTE, notePackage } from 'local-account/testing';
import { clientEnvironment } from '../../scripts/command-line/client-environment';
import { pythonEnvironment } from '../../scripts/python/environment';

/* The README of the local account, for somebody who needs only that package: its commands with the AWS CLI. */

const README = readFileSync(join(__dirname, '../../packages/local-account/README.md'), 'utf8');
const REGION = 'eu-west-1';
const run = promisify(execFile);

const block = (language: string) => new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(README)?.[1] ?? '';

test('its commands register a type, deploy it, show drift, import it and list it', async () => {
  const account = await LocalAccount.start();
  const cwd = mkdtempSync(join(tmpdir(), 'readme-'));
  const notes = block('yaml');
  const more = notes
    .replaceAll('Milk', 'Bread')
    .replaceAll('milk', 'bread')
    .replace('One bottle', 'One')
    .replace(/(Type: .*)/, '$1\n    DeletionPolicy: Retain');
  writeFileSync(join(cwd, 'note.zip'), notePackage());
  writeFileSync(join(cwd, 'notes.yml'), notes);
  writeFileSync(join(cwd, 'more.yml'), more);
  const environment = { ...clientEnvironment(account), AWS_DEFAULT_REGION: REGION };
  const env = { ...environment, PATH: `${pythonEnvironment()}:${process.env.PATH}` };
  const output = new Map<string, string>();
  try {
    for (const command of block('sh').trim().split('\n')) {
      const { stdout } = await run('bash', ['-c', command], { cwd, env, timeout: 600_000 });
      output.set(command.split(' ')[2] ?? '', stdout);
      await Promise.all(account.cloudFormation(REGION).registry.registrations.map(({ ended }) => ended));
    }
  } finally {
    rmSync(cwd, { recursive: true });
    await account.close();
  }
  expect(JSON.parse(output.get('describe-type') ?? '').TypeName).toBe(NOTE);
  expect(JSON.parse(output.get('describe-stack-resource-drifts') ?? '')).toMatchObject({
    StackResourceDrifts: [{ LogicalResourceId: 'Milk', StackResourceDriftStatus: 'MODIFIED' }],
  });
  const { ResourceDescriptions } = JSON.parse(output.get('list-resources') ?? '');
  expect(ResourceDescriptions.map(({ Identifier }: { Identifier: string }) => Identifier)).toEqual([
    'milk',
    'bread',
  ]);
});
