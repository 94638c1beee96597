/** Where a run takes place: in a local account, or in the user's own. */
import { LocalAccount, VirtualClock } from 'local-account';
import type { Place } from './aws';
import type { AcceptanceOptions } from './options';
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
    place: { region, endpoint: used.endpoint, credentials: { accessKeyId, secretAccessKey } },
    // Long enough for any machine; only what hangs takes as long.
    pace: { delayMilliseconds: 20, times: 20_000 },
    close: () => used.close(),
  };
}

/** The user's account, with the credentials that the AWS CLI would take; an hour for each operation. */
export function realVenue({ region, profile }: Pick<AcceptanceOptions, 'region' | 'profile'>): Venue {
  // The SDK for JavaScript does not read AWS_DEFAULT_REGION.
  const used = region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  return {
    place: { ...(used !== undefined && { region: used }), ...(profile !== undefined && { profile }) },
    pace: { delayMilliseconds: 5_000, times: 720 },
    close: async () => {},
  };
}
