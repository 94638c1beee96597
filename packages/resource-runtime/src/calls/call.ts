import { NodeHttpHandler } from '@smithy/node-http-handler';
import { clearCredentialCache } from '@smithy/signature-v4';
import { ServiceError } from '../errors/service-error';
import type { Caller, CallRecord, CallScope } from './caller';

/** What the SDK reports about a call besides its output. */
export interface Metadata {
  readonly requestId?: string | undefined;
  readonly attempts?: number | undefined;
}

type HandlerRequest = Parameters<NodeHttpHandler['handle']>[0];
type HandlerOptions = Parameters<NodeHttpHandler['handle']>[1] & { onResponse?(): void };

/** The SDK's HTTP handler, which also tells a call that there is a response. */
class ResponseHandler extends NodeHttpHandler {
  override async handle(request: HandlerRequest, options?: HandlerOptions) {
    const result = await super.handle(request, options);
    options?.onResponse?.();
    return result;
  }
}

/**
 * Open connections, the only thing that persists between requests: they save a warm process its TLS handshakes. They
 * hold no credentials, which are in each request's signature.
 */
export const requestHandler = new ResponseHandler({ connectionTimeout: 3_000, throwOnRequestTimeout: true });

/** Empties the SDK's cache of signing keys. The SDK keeps it for all clients of a process, by session token. */
export const forgetSigningKeys = clearCredentialCache;

/** What a call is sent with. */
export interface SendOptions {
  readonly abortSignal: AbortSignal;
  /** Milliseconds in which the response to an attempt must begin. */
  readonly requestTimeout: number;
  /** Called when a response has begun; the SDK passes the options on to its HTTP handler. */
  onResponse(): void;
}

/**
 * The configuration of an SDK client for this caller: its credentials and Region, and the SDK's standard retries. The
 * SDK would look for every setting that is missing here in the environment and in files, for each client.
 */
export function clientConfiguration({ credentials, region }: Caller) {
  return {
    credentials,
    region,
    requestHandler,
    retryMode: 'standard',
    maxAttempts: 3,
    defaultsMode: 'standard' as const,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    userAgentAppId: '',
    authSchemePreference: [] as string[],
  };
}

/**
 * Makes one call that ends with the deadline, and records it in `calls`. An attempt whose response does not begin within
 * a part of that time is abandoned for the next one. If the signature was stale, the call is made once more, with a new
 * one: STS reports that as `SignatureDoesNotMatch`, which the SDK does not retry.
 *
 * @param action Such as `sts:GetCallerIdentity`.
 * @param send Sends the command of an SDK client, with these options.
 * @returns The output of the command.
 * @throws ServiceError if AWS or the network fails; any other error of `send` as it is, if AWS had not responded yet.
 */
export async function call<Output extends { readonly $metadata: Metadata }>(
  { deadline, calls }: CallScope,
  action: string,
  send: (options: SendOptions) => Promise<Output>,
): Promise<Output> {
  const record: CallRecord = { action };
  calls.push(record);
  const start = performance.now();
  const { signal: abortSignal, attemptTimeout: requestTimeout } = deadline;
  const sendOnce = () => {
    let hasResponse = false;
    const onResponse = () => {
      hasResponse = true;
    };
    return send({ abortSignal, requestTimeout, onResponse }).catch((cause) => {
      throw ServiceError.from(action, cause, hasResponse);
    });
  };
  try {
    const output = await sendOnce().catch((error) => {
      if (!(error instanceof ServiceError) || error.kind !== 'stale') {
        throw error;
      }
      return sendOnce();
    });
    Object.assign(record, attemptsOf(output.$metadata));
    return output;
  } catch (error) {
    if (error instanceof ServiceError) {
      Object.assign(record, attemptsOf(error.details), { error: error.code });
    }
    throw error;
  } finally {
    record.milliseconds = Math.round(performance.now() - start);
  }
}

function attemptsOf({ requestId, attempts }: Metadata): Metadata {
  return { requestId, attempts };
}
