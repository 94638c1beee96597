import { NodeHttpHandler } from '@smithy/node-http-handler';
import { AwsError } from './aws-error';
import type { Deadline } from './deadline';
import type { Secrets } from './redaction';

/** Temporary credentials, as CloudFormation hands them over and `sts:AssumeRole` returns them. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** What every call to AWS within one invocation is made with. */
export interface Caller {
  readonly credentials: Credentials;
  readonly region: string;
  readonly deadline: Deadline;
  /** Where credentials that are learned on the way go. */
  readonly secrets: Secrets;
  /** Told of each call when it ends, for the log. */
  readonly onCall: (call: CallRecord) => void;
}

/** One call to AWS, all its attempts taken together. */
export interface CallRecord {
  /** Such as `sts:AssumeRole`. */
  readonly action: string;
  readonly requestId: string | undefined;
  readonly attempts: number | undefined;
  readonly milliseconds: number;
  /** AWS's error code, where the call failed. */
  readonly error?: string;
}

interface Metadata {
  readonly requestId?: string | undefined;
  readonly attempts?: number | undefined;
}

/*
 * The only thing that lives from one request to the next: connections, which save a warm process its TLS
 * handshakes. They hold no credentials; those are in each request's signature.
 */
const requestHandler = new NodeHttpHandler({ connectionTimeout: 3_000, throwOnRequestTimeout: true });

/**
 * The configuration of an SDK client for this caller: its credentials and Region, the SDK's standard retries,
 * and nothing from the environment but the endpoint.
 */
export function clientConfiguration({ credentials, region }: Caller) {
  return { credentials, region, requestHandler, retryMode: 'standard', maxAttempts: 3 };
}

/**
 * Makes one call that ends with the deadline, each attempt of it within a part of the time.
 *
 * @param action The IAM action of the call, such as `ecs:PutAccountSetting`.
 * @throws AwsError whatever goes wrong.
 */
export async function call<Output extends { readonly $metadata: Metadata }>(
  caller: Caller,
  action: string,
  send: (options: { abortSignal: AbortSignal; requestTimeout: number }) => Promise<Output>,
): Promise<Output> {
  const start = performance.now();
  const record = (metadata: Metadata, error?: string) =>
    caller.onCall({
      action,
      requestId: metadata.requestId,
      attempts: metadata.attempts,
      milliseconds: Math.round(performance.now() - start),
      ...(error === undefined ? {} : { error }),
    });
  try {
    const { signal, attemptTimeout } = caller.deadline;
    const output = await send({ abortSignal: signal, requestTimeout: attemptTimeout });
    record(output.$metadata);
    return output;
  } catch (cause) {
    const error = AwsError.from(action, cause);
    record(error, error.code);
    throw error;
  }
}
