/** The doctor as a process, and what it prints. */
import { LocalAccount } from 'local-account';
import { clientEnvironment } from '../../scripts/command-line/client-environment';
import { Fleet } from './fleet';
import { makeMixedCluster, makeWebCluster } from './mixed-cluster';
import { type Outcome, outcomeOf, scriptArguments } from './project-copy';
import { ROOT } from './project-files';
import { REGION } from './sample-account';

/** Runs `npm run doctor -- …` without npm. */
export function runDoctor(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Outcome> {
  return outcomeOf(process.execPath, scriptArguments('doctor', args), { cwd: ROOT, env });
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
