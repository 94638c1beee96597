/** `npm run local`. */
import { once } from 'node:events';
import { LocalAccount } from '../local/account';
import type { Call } from '../local/gateway/call';
import { inShell } from './aws-commands';
import { CommandError, runCommand } from './command';
import { LOCAL } from './local-options';

void runCommand(LOCAL, async ({ values: { port, region, latency } }) => {
  const account = await LocalAccount.start({
    latencyMs: Number(latency),
    maxCalls: 1,
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
    }
  });
  // An account alone keeps no program from ending.
  const alive = setInterval(() => {}, 2 ** 30);
  const ended = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  console.log(environment(account, region));
  console.error('A local AWS account is running; press Ctrl-C to end it. What is in it ends with it.');
  await ended;
  clearInterval(alive);
  await account.close();
  return 0;
});

/** What a shell takes in, with `eval` or by copying it. Another session's token must not go with these keys. */
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
  const who = caller === undefined ? 'nobody known' : caller.split(':').slice(5).join(':');
  return `${service} ${operation} by ${who} in ${region}: ${errorCode ?? 'ok'}`;
}
