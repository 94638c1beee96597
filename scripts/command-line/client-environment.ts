import type { Credentials, LocalAccount } from 'local-account';

/**
 * The environment in which an AWS tool (boto3, `cfn`) uses the local account: its endpoint, a user's credentials, and
 * no configuration of the person who runs it.
 *
 * @param endpoint Defaults to the account's.
 * @param credentials Defaults to an administrator's.
 */
export function clientEnvironment(
  account: LocalAccount,
  endpoint = account.endpoint,
  { accessKeyId, secretAccessKey }: Credentials = account.administrator(),
): NodeJS.ProcessEnv {
  return {
    ...process.env,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: undefined,
    AWS_PROFILE: undefined,
    AWS_DEFAULT_PROFILE: undefined,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    NO_PROXY: '127.0.0.1',
  };
}
