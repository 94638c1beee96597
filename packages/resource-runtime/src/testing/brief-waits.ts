import { requestHandler } from '../calls/call';

/**
 * Shortens waits of up to two seconds, such as the SDK's between attempts, until mocks are restored. Not for tests whose
 * deadline, or a part of it, is that short: their results would depend on how fast the machine is. The time limit of
 * connections is off from then on. Only in Jest.
 */
export function shortenWaits(): void {
  // The SDK waits for a connection with two timers, the second one of two seconds: shortened, it would be a few
  // milliseconds, and a machine that is slow enough would not connect in that time.
  requestHandler.updateHttpClientConfig('connectionTimeout', 0);
  const real = globalThis.setTimeout;
  jest
    .spyOn(globalThis, 'setTimeout')
    .mockImplementation(((act: () => void, milliseconds = 0) =>
      real(act, milliseconds > 2_000 ? milliseconds : milliseconds / 1_000)) as typeof setTimeout);
}
