/** The Region, the credentials and the way to AWS, found as the AWS CLI finds them. */
import { readFileSync } from 'node:fs';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { loadSharedConfigFiles } from '@smithy/core/config';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { AwsCredentialIdentityProvider } from '@smithy/types';
import { ProxyAgent } from 'proxy-agent';
import { inShell, type Target } from './aws-commands';
import { awsFailure } from './aws-failures';
import { CommandError } from './command';
import { ask } from './confirm';

/** A Region, and where its name was found, such as `AWS_REGION`. */
interface Region {
  readonly name: string;
  readonly source: string;
}

/** What every client of the SDK gets, so that all of them reach AWS in the same way. */
export interface ClientConfiguration {
  readonly region: string;
  readonly profile?: string;
  readonly credentials: AwsCredentialIdentityProvider;
  readonly requestHandler: NodeHttpHandler;
}

/** The limits of one call, in milliseconds: what takes longer is not going to be answered. */
export const TIME_LIMITS = {
  connectionTimeout: 10_000,
  requestTimeout: 120_000,
  throwOnRequestTimeout: true,
};

/**
 * Finds the Region: the option, `AWS_REGION`, `AWS_DEFAULT_REGION`, then the Region of the profile. The SDK for JavaScript
 * does not read `AWS_DEFAULT_REGION`, and boto3 does not read `AWS_REGION`.
 *
 * @throws CommandError if there is no Region, or no such profile.
 */
export async function findRegion({ region, profile }: Target): Promise<Region> {
  const settings = await profileSettings(profile);
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const candidates = [
    [region, '--region'],
    [AWS_REGION, 'AWS_REGION'],
    [AWS_DEFAULT_REGION, 'AWS_DEFAULT_REGION'],
    [settings.region, 'the profile'],
  ] as const;
  for (const [name, source] of candidates) {
    if (name) {
      return { name, source };
    }
  }
  throw new CommandError(
    'No Region is set. Give --region, such as --region us-east-1, or set AWS_REGION, AWS_DEFAULT_REGION or the ' +
      'Region of the profile.',
  );
}

/**
 * Makes the configuration of the SDK's clients. Proxies are those of `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`; the
 * trusted certificates are those in the file `AWS_CA_BUNDLE` or the profile's `ca_bundle`, by default Node's. A profile
 * that needs MFA asks for the code in the terminal.
 *
 * @throws CommandError if there is no Region, no such profile, or no such file.
 */
export async function clientConfiguration(target: Target): Promise<ClientConfiguration> {
  const { name: region } = await findRegion(target);
  const { profile } = target;
  const { ca_bundle: bundle } = await profileSettings(profile);
  const agent = new ProxyAgent({ keepAlive: true, ...trusted(process.env.AWS_CA_BUNDLE || bundle) });
  const requestHandler = new NodeHttpHandler({ ...TIME_LIMITS, httpAgent: agent, httpsAgent: agent });
  const named = profile === undefined ? {} : { profile };
  const credentials = defaultProvider({
    ...named,
    clientConfig: { region, requestHandler },
    mfaCodeProvider: (device) => askForCode(device, profile),
  });
  return { ...named, region, credentials, requestHandler };
}

/**
 * Finds the credentials, once, before any client: after a failure, each client would ask for an MFA code again.
 *
 * @throws CommandError if there are none.
 */
export async function findCredentials({ credentials }: ClientConfiguration): Promise<void> {
  await credentials().catch((error: unknown) => {
    const failure = awsFailure(error);
    throw failure ? new CommandError(failure.sentence) : error;
  });
}

/** @throws CommandError for a profile that was named and is in no file. */
async function profileSettings(
  name: string | undefined,
): Promise<Readonly<Record<string, string | undefined>>> {
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  const [chosen = 'default', source] =
    name === undefined ? [process.env.AWS_PROFILE || undefined, 'AWS_PROFILE'] : [name, '--profile'];
  const settings = { ...configFile[chosen], ...credentialsFile[chosen] };
  if (chosen !== 'default' && Object.keys(settings).length === 0) {
    const known = [...new Set([...Object.keys(configFile), ...Object.keys(credentialsFile)])];
    throw new CommandError(
      `There is no profile ${JSON.stringify(chosen)} (${source}) in the AWS CLI's configuration. ` +
        `${known.length === 0 ? 'It has no profiles' : `It has ${known.join(', ')}`}; see aws configure list-profiles.`,
    );
  }
  return settings;
}

/** As with the AWS CLI, a bundle replaces the certificates that are trusted by default. */
function trusted(bundle: string | undefined): { ca?: Buffer } {
  if (!bundle) {
    return {};
  }
  try {
    return { ca: readFileSync(bundle) };
  } catch (error) {
    throw new CommandError(`The certificates of AWS_CA_BUNDLE cannot be read: ${(error as Error).message}.`);
  }
}

/** @throws CommandError for an empty code, which AWS would refuse, and where there is no terminal. */
async function askForCode(device: string, profile: string | undefined): Promise<string> {
  const option = profile === undefined ? '' : ` --profile ${inShell(profile)}`;
  const unable = `The profile needs an MFA code. Run this first, and then the command again without --profile:

  eval "$(aws configure export-credentials${option} --format env)"`;
  const code = await ask(`Code of the MFA device ${device}: `, unable);
  if (code === '') {
    throw new CommandError('No MFA code was given, so there are no AWS credentials. Run this again.');
  }
  return code;
}
