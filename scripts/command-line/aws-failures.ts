/** What a failed call of the SDK means for the person at the command line. */
import { isThrottlingError } from '@smithy/core/retry';
import type { SdkError } from '@smithy/types';

/** A failure as a sentence, and of which kind it is, since what to do depends on that. */
export interface AwsFailure {
  readonly kind: 'denied' | 'throttled' | 'credentials' | 'unreachable' | 'failed' | 'other';
  /** Says what failed and what to do. */
  readonly sentence: string;
}

/** An error of the SDK or of Node. */
type CallError = SdkError & { readonly code?: string };

/** OpenSSL's and Node's codes for a certificate that is not trusted. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/;
const BAD_CREDENTIALS =
  /^(AuthFailure|ExpiredToken|InvalidClientTokenId|InvalidSignature|IncompleteSignature|MissingAuthenticationToken|RequestExpired|SignatureDoesNotMatch|UnrecognizedClient)/;

/**
 * Explains what a call of the SDK threw.
 *
 * @returns nothing for an error that comes neither from AWS, nor from the SDK's search for credentials, nor from the way to
 * AWS: an error in our own code.
 */
export function awsFailure(thrown: unknown): AwsFailure | undefined {
  if (!(thrown instanceof Error)) {
    return undefined;
  }
  const error = thrown as CallError;
  return failureBeforeAnswer(error) ?? (error.$metadata && failureInAnswer(error));
}

/** Failures without an answer of AWS's. */
function failureBeforeAnswer({ name, message, code = '', $metadata }: CallError): AwsFailure | undefined {
  if (/^(Credentials|Token)ProviderError$/.test(name)) {
    const sentence =
      `There are no AWS credentials: ${message}. Give --profile, set AWS_PROFILE or the environment variables ` +
      'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with the AWS CLI (aws configure, aws sso login).';
    return { kind: 'credentials', sentence };
  }
  if (UNTRUSTED.test(code)) {
    const sentence =
      `The certificate of AWS's address is not trusted: ${message}. If your network inspects TLS, set AWS_CA_BUNDLE to ` +
      'the file with its CA certificates.';
    return { kind: 'unreachable', sentence };
  }
  if ($metadata?.httpStatusCode === 407) {
    const sentence =
      'The proxy requires authentication. Put the user into its address, as in HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT.';
    return { kind: 'unreachable', sentence };
  }
  if (name === 'TimeoutError' || /^(E[A-Z]+|EAI_AGAIN|ERR_SSL_\w+)$/.test(code)) {
    return { kind: 'unreachable', sentence: `AWS cannot be reached${throughProxy()}: ${message || code}.` };
  }
  return undefined;
}

/** An address of a proxy can contain a password, so it is not shown. */
function throughProxy(): string {
  const names = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]);
  const set = names.filter((name) => process.env[name]);
  return set.length === 0 ? '' : ` (${set.join(', ')} set, NO_PROXY ${process.env.NO_PROXY ?? 'not set'})`;
}

/** Failures that AWS reports. */
function failureInAnswer(error: CallError): AwsFailure {
  const { name, message, $metadata: { httpStatusCode: status, requestId } = {} } = error;
  const details = `${name}: ${message}${requestId === undefined ? '' : `, request ${requestId}`}`;
  if (isThrottlingError(error)) {
    const sentence = `AWS throttles the calls, also after several attempts (${details}). Run this again in a minute.`;
    return { kind: 'throttled', sentence };
  }
  if (/^(AccessDenied|UnauthorizedOperation)/.test(name)) {
    return { kind: 'denied', sentence: `AWS denied the call: ${message}.` };
  }
  if (BAD_CREDENTIALS.test(name)) {
    const clock = /expired|not yet current/i.test(message) && /signature/i.test(message);
    const advice = clock ? "Check this machine's clock." : 'Sign in again, or check --profile.';
    return { kind: 'credentials', sentence: `AWS does not accept the credentials: ${message}. ${advice}` };
  }
  if (status !== undefined && status >= 500) {
    return { kind: 'failed', sentence: `AWS failed (${details}, HTTP ${status}). Run this again later.` };
  }
  if (error instanceof SyntaxError || /[Dd]eserialization error/.test(message)) {
    const sentence = `What answered (HTTP ${status}) is not AWS: a proxy, or a page to sign in to the network?`;
    return { kind: 'unreachable', sentence };
  }
  return { kind: 'other', sentence: `AWS refused the call (${details}).` };
}
