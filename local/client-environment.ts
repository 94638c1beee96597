import type { LocalAccount } from './account';
import type { Credentials } from './services/sts/store';

/**
 * What a program of AWS's own (boto3, `cfn`) is run with to reach the local account: its endpoint, a user's
 * credentials, and nothing of whoever runs it.
 *
 * @param endpoint The account's own unless told, such as that of the registry beside it.
 * @param credentials An administrator's unless told.
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
