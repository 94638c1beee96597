/** `npm run local`. */
import type { Call } from 'local-account';
import { LocalAccount } from 'local-account';
import { inShell } from './command-line/aws-commands';
import { CommandError, runCommand } from './command-line/command';
import { onInterrupt } from './command-line/interrupts';
import { LOCAL } from './local/options';

void runCommand(LOCAL, async ({ values: { port, region, latency } }) => {
  const account = await LocalAccount.start({
    latencyMs: Number(latency),
    onStackEvent: (event) => {
      const reason = event.ResourceStatusReason ? ` (${event.ResourceStatusReason})` : '';
      const about = [event.ResourceStatus, event.LogicalResourceId, event.ResourceType].join(' ');
      console.error(`  ${event.StackName}: ${about}${reason}`);
    },
    ...(port !== undefined && { port: Number(port) }),
  }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE'
      ? new CommandError(`Port ${port} is in use. Give another --port, or none.`)
      : error;
  });
  account.observe(({ phase, call }) => {
    if (phase === 'after') {
      console.error(lineOf(call));
      account.calls.length = 0;
    }
  });
  // An account alone does not keep the process running.
  const alive = setInterval(() => {}, 2 ** 30);
  const ended = new Promise<void>((resolve) =>
    onInterrupt(() => {
      resolve();
      return undefined;
    }),
  );
  console.log(environment(account, region));
  console.error('A local AWS account is running. Press Ctrl-C to end it and to delete everything in it.');
  await ended;
  clearInterval(alive);
  await account.close();
  return 0;
});

/** Commands for a shell to evaluate. A session token or a profile of that shell must not go with these keys. */
function environment(account: LocalAccount, region: string): string {
  const { accessKeyId, secretAccessKey } = account.administrator();
  const variables = {
    AWS_ENDPOINT_URL: account.endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_DEFAULT_REGION: region,
  };
  const exports = Object.entries(variables).map(([name, value]) => `export ${name}=${inShell(value)}`);
  return [...exports, 'unset AWS_SESSION_TOKEN AWS_PROFILE'].join('\n');
}

/** Such as `sts AssumeRole by user/Administrator in us-east-1: 403 AccessDenied`. */
function lineOf({ service, operation, caller, region, errorCode }: Call): string {
  const who = caller === undefined ? 'an unknown caller' : caller.split(':').slice(5).join(':');
  return `${service} ${operation} by ${who} in ${region}: ${errorCode ?? 'ok'}`;
}
