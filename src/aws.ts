import { Agent } from 'node:https';
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
 * The only thing that lives from one request to the next. It saves the TLS handshakes of a warm process, and
 * holds no credentials: those are in each request's signature.
 */
const httpsAgent = new Agent({ keepAlive: true, maxSockets: 50 });

/**
 * The configuration of an SDK client for this caller: its credentials and Region, nothing from the
 * environment but the endpoint, the SDK's standard retries with time-outs that fit the deadline.
 *
 * @param maxAttempts How often the SDK tries a call, the first time included.
 */
export function clientConfiguration({ credentials, region, deadline }: Caller, maxAttempts = 3) {
  return {
    credentials,
    region,
    maxAttempts,
    retryMode: 'standard',
    requestHandler: {
      httpsAgent,
      connectionTimeout: Math.min(deadline.attemptTimeout, 3_000),
      requestTimeout: deadline.attemptTimeout,
      throwOnRequestTimeout: true,
    },
  };
}

/**
 * Makes one call, and sees to it that it ends with the deadline.
 *
 * @param action The IAM action of the call, such as `ecs:PutAccountSetting`.
 * @throws AwsError whatever goes wrong.
 */
export async function call<Output extends { readonly $metadata: Metadata }>(
  caller: Caller,
  action: string,
  send: (options: { abortSignal: AbortSignal }) => Promise<Output>,
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
    const output = await send({ abortSignal: caller.deadline.signal });
    record(output.$metadata);
    return output;
  } catch (cause) {
    const error = AwsError.from(action, cause);
    record(error, error.code);
    throw error;
  }
}
