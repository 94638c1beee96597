import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LocalAccount } from 'local-account';
import { NOTE } from 'local-account/testing';
import { clientEnvironment } from '../../scripts/command-line/client-environment';
import { pythonEnvironment } from '../../scripts/python/environment';
import { blocksOf, ROOT } from '../harness/project-files';

/* The README of the local account, for a reader who needs only that package: its commands with the AWS CLI. */

const REGION = 'eu-west-1';
const run = promisify(execFile);

const blocks = (language: string) => blocksOf('packages/local-account/README.md', language);

test('its commands register a type, deploy it, show drift, import it and list it', async () => {
  const account = await LocalAccount.start();
  // Below this project, so that its programs find the package.
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  const cwd = mkdtempSync(join(ROOT, 'build/readme-'));
  const [notes = ''] = blocks('yaml');
  const [, program = ''] = blocks('ts');
  const more = notes
    .replaceAll('Milk', 'Bread')
    .replaceAll('milk', 'bread')
    .replace('One bottle', 'One')
    .replace(/(Type: .*)/, '$1\n    DeletionPolicy: Retain');
  writeFileSync(join(cwd, 'package.mts'), program);
  writeFileSync(join(cwd, 'notes.yml'), notes);
  writeFileSync(join(cwd, 'more.yml'), more);
  const environment = { ...clientEnvironment(account), AWS_DEFAULT_REGION: REGION };
  const env = { ...environment, PATH: `${pythonEnvironment()}:${process.env.PATH}` };
  const output = new Map<string, string>();
  try {
    await run(process.execPath, ['--import', 'tsx', 'package.mts'], { cwd, timeout: 600_000 });
    for (const command of blocks('sh').join('').trim().split('\n')) {
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
