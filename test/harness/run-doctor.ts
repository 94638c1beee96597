/** The doctor as a process, and what it prints. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { LocalAccount } from 'local-account';
import { clientEnvironment } from '../../scripts/command-line/client-environment';
import { Fleet } from './fleet';
import { makeMixedCluster, makeWebCluster, REGION } from './mixed-cluster';

/** How a process ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `npm run doctor -- …` without npm. */
export async function runDoctor(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Outcome> {
  const doctor = spawn(process.execPath, ['--import', 'tsx', 'scripts/doctor.ts', ...args], {
    cwd: join(__dirname, '../..'),
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(doctor.stdout),
    text(doctor.stderr),
    once(doctor, 'exit') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}

/** What it prints for each of the two clusters. IDs and times are the same in each run. */
export async function recordDoctor(): Promise<{ mixed: string; web: string }> {
  const account = await LocalAccount.start();
  const fleet = await Fleet.start(account);
  try {
    await makeMixedCluster(account, fleet);
    await makeWebCluster(fleet);
    const environment = { ...fleet.environment(clientEnvironment(account)), AWS_REGION: REGION };
    const [mixed, web] = [
      await runDoctor(['--cluster', 'mixed'], environment),
      await runDoctor(['--cluster', 'web'], environment),
    ];
    return { mixed: mixed.stdout, web: web.stdout };
  } finally {
    await fleet.close();
    await account.close();
  }
}
