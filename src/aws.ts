import { NodeHttpHandler } from '@smithy/node-http-handler';
import { clearCredentialCache } from '@smithy/signature-v4';
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
  /** The calls made so far, for the log. */
  readonly calls: CallRecord[];
}

/** One call to AWS, all its attempts taken together. What comes with its end is missing until then. */
export interface CallRecord {
  /** The IAM action, such as `sts:AssumeRole`. */
  readonly action: string;
  requestId?: string | undefined;
  attempts?: number | undefined;
  milliseconds?: number;
  /** AWS's error code, where the call failed. */
  error?: string;
}

/** What the SDK tells of a call beside its output. */
export interface Metadata {
  readonly requestId?: string | undefined;
  readonly attempts?: number | undefined;
}

/*
 * The only thing that lives from one request to the next: connections, which save a warm process its TLS
 * handshakes. They hold no credentials; those are in each request's signature.
 */
export const requestHandler = new NodeHttpHandler({ connectionTimeout: 3_000, throwOnRequestTimeout: true });

/** Empties the SDK's cache of signing keys, which it keeps for all clients of a process, by session token. */
export const forgetSigningKeys = clearCredentialCache;

/** What a call is sent with. */
export interface SendOptions {
  readonly abortSignal: AbortSignal;
  /** Milliseconds in which an attempt's answer must begin. */
  readonly requestTimeout: number;
}

/**
 * The configuration of an SDK client for this caller: its credentials and Region, the SDK's standard retries. What
 * is said here, the SDK does not look for in the environment and in files, which it would for each client.
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
 * Makes one call that ends with the deadline. An attempt whose answer does not begin within a part of that
 * time is given up for the next one.
 *
 * @param action The IAM action of the call, such as `ecs:PutAccountSetting`.
 * @throws AwsError whatever goes wrong.
 */
export async function call<Output extends { readonly $metadata: Metadata }>(
  { deadline, calls }: Caller,
  action: string,
  send: (options: SendOptions) => Promise<Output>,
): Promise<Output> {
  const record: CallRecord = { action };
  calls.push(record);
  const start = performance.now();
  const end = ({ requestId, attempts }: Metadata) =>
    Object.assign(record, { requestId, attempts, milliseconds: Math.round(performance.now() - start) });
  try {
    const output = await send({ abortSignal: deadline.signal, requestTimeout: deadline.attemptTimeout });
    end(output.$metadata);
    return output;
  } catch (cause) {
    const error = AwsError.from(action, cause);
    end(error).error = error.code;
    throw error;
  }
}
