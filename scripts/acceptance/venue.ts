/** Where a run takes place: in a local account, or in the user's own. */
import { LocalAccount, VirtualClock } from 'local-account';
import type { Target } from '../command-line/aws-commands';
import { clientConfiguration, TIME_LIMITS } from '../command-line/aws-environment';
import type { Place } from './aws';
import type { Pace } from './run';

/** A place, and how often to look there. */
export interface Venue {
  readonly place: Place;
  readonly pace: Pace;
  close(): Promise<void>;
}

/**
 * Starts a local account in which only waiting takes time, and that is skipped.
 *
 * @param account The account to use; defaults to a new one.
 */
export async function localVenue(
  region = 'us-east-1',
  account?: LocalAccount,
): Promise<Venue & { account: LocalAccount }> {
  const used = account ?? (await LocalAccount.start({ clock: new VirtualClock() }));
  const { accessKeyId, secretAccessKey } = used.administrator();
  return {
    account: used,
    place: {
      region,
      endpoint: used.endpoint,
      credentials: { accessKeyId, secretAccessKey },
      requestHandler: TIME_LIMITS,
    },
    // Long enough for any machine; only what hangs takes as long.
    pace: { delayMilliseconds: 20, times: 20_000 },
    close: () => used.close(),
  };
}

/** The user's account, with the credentials that the AWS CLI would take; an hour for each operation. */
export async function realVenue(target: Target): Promise<Venue> {
  return {
    place: await clientConfiguration(target),
    pace: { delayMilliseconds: 5_000, times: 720 },
    close: async () => {},
  };
}
