/** Where a run takes place: in a local account, or in the user's own. */
import type { LocalAccount } from 'local-account';
import type { Target } from '../command-line/aws-commands';
import { clientConfiguration, TIME_LIMITS } from '../command-line/aws-environment';
import type { ClientOptions } from './aws';
import type { Pace } from './run';

/** What the SDK's clients are given, and how often to look. */
interface Place {
  readonly clients: ClientOptions;
  readonly pace: Pace;
}

/** @param account An account with a virtual clock, in which only waiting takes time. */
export function localPlace(account: LocalAccount, region = 'us-east-1'): Place {
  const credentials = account.administrator();
  return {
    clients: { region, endpoint: account.endpoint, credentials, requestHandler: TIME_LIMITS },
    // Long enough for any machine; only what hangs takes as long.
    pace: { delayMilliseconds: 20, times: 20_000 },
  };
}

/** The user's account, with the credentials that the AWS CLI would take; an hour for each operation. */
export async function realPlace(target: Target): Promise<Place> {
  return { clients: await clientConfiguration(target), pace: { delayMilliseconds: 5_000, times: 720 } };
}
