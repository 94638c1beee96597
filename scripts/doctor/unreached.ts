/** No second attempt where nothing is at AWS's address. */
import type { Provider, RetryStrategy, RetryStrategyV2 } from '@smithy/types';

/** A client of the SDK. */
interface Client {
  readonly config: { retryStrategy: Provider<RetryStrategy | RetryStrategyV2> };
}

/** Node's codes where nothing listens at an address, and where a name does not resolve. */
const UNREACHED: readonly unknown[] = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'];

/**
 * Has a client make one attempt only for as long as nothing has answered it: a wrong address or a missing network stays
 * so. Once something has, such a failure passes, and the client tries again as usual.
 */
export function endingUnreached<Kind extends Client>(client: Kind): Kind {
  const provide = client.config.retryStrategy;
  let isReached = false;
  client.config.retryStrategy = async () => {
    const strategy = (await provide()) as RetryStrategyV2;
    return {
      acquireInitialRetryToken: (scope) => strategy.acquireInitialRetryToken(scope),
      refreshRetryTokenForRetry: async (token, failure) => {
        isReached ||= !UNREACHED.includes((failure.error as NodeJS.ErrnoException).code);
        if (!isReached) {
          throw failure.error;
        }
        return strategy.refreshRetryTokenForRetry(token, failure);
      },
      recordSuccess: (token) => {
        isReached = true;
        strategy.recordSuccess(token);
      },
    };
  };
  return client;
}
