/**
 * Shortens waits of up to two seconds, such as the SDK's between attempts, until mocks are restored. Deadlines and
 * timeouts of attempts are longer and stay, so that no result depends on how fast the machine is.
 */
export function shortenWaits(): void {
  const real = globalThis.setTimeout;
  jest
    .spyOn(globalThis, 'setTimeout')
    .mockImplementation(((act: () => void, milliseconds = 0) =>
      real(act, milliseconds > 2_000 ? milliseconds : milliseconds / 100)) as typeof setTimeout);
}
