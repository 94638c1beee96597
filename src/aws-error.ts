/** What an AWS error means to us. Where the codes come from: the API references' "Common errors" of STS, IAM and ECS. */
export type AwsErrorKind =
  /** The caller may not do this, or not yet: IAM propagates within seconds. */
  | 'denied'
  | 'throttled'
  /** Credentials that have expired or that AWS does not know. */
  | 'credentials'
  | 'invalid-parameter'
  /** IAM knows no such entity. */
  | 'no-such-entity'
  /** AWS's own fault: a 5xx, or an answer that is not what the protocol says. */
  | 'server'
  /** No answer: the connection or the time ran out. The call may have taken effect. */
  | 'network'
  | 'other';

const KINDS = new Map<string, AwsErrorKind>([
  ['AccessDenied', 'denied'],
  ['AccessDeniedException', 'denied'],
  ['ExpiredToken', 'credentials'],
  ['ExpiredTokenException', 'credentials'],
  ['IncompleteSignature', 'credentials'],
  ['InvalidClientTokenId', 'credentials'],
  ['InvalidSignatureException', 'credentials'],
  ['MissingAuthenticationToken', 'credentials'],
  ['MissingAuthenticationTokenException', 'credentials'],
  ['OptInRequired', 'credentials'],
  ['RequestExpired', 'credentials'],
  ['SignatureDoesNotMatch', 'credentials'],
  ['UnrecognizedClientException', 'credentials'],
  ['InvalidInput', 'invalid-parameter'],
  ['InvalidParameterException', 'invalid-parameter'],
  ['InvalidParameterValue', 'invalid-parameter'],
  ['RegionDisabledException', 'invalid-parameter'],
  ['ValidationError', 'invalid-parameter'],
  ['NoSuchEntity', 'no-such-entity'],
  ['NoSuchEntityException', 'no-such-entity'],
  ['ServerException', 'server'],
]);

const THROTTLING = /throttl/i;

/** Whether a call may succeed, or have succeeded, when it is made again: throttled, failed by AWS, or not answered. */
export function isTransient(kind: AwsErrorKind): boolean {
  return kind === 'throttled' || kind === 'server' || kind === 'network';
}

/** What the SDK throws, read once: thrown by every call to AWS that did not succeed. */
export class AwsError extends Error {
  private constructor(
    /** The IAM action of the call, such as `sts:AssumeRole`. */
    readonly action: string,
    readonly kind: AwsErrorKind,
    /** AWS's error code, or Node's for a connection that failed. */
    readonly code: string,
    message: string,
    readonly requestId: string | undefined,
    readonly attempts: number | undefined,
  ) {
    super(message);
  }

  /** Reads what an SDK client threw from the call of this action. */
  static from(action: string, thrown: unknown): AwsError {
    const { name, message, code, $metadata, $response } = (thrown ?? {}) as SdkError;
    const status = $metadata?.httpStatusCode ?? $response?.statusCode;
    const { requestId, attempts } = $metadata ?? {};
    const make = (kind: AwsErrorKind, ownCode: string) =>
      new AwsError(action, kind, ownCode, message ?? 'nothing', requestId, attempts);
    if (status === undefined) {
      // Node's connection errors have a code; without one, the SDK refused before it made the call.
      const isNetwork = typeof code === 'string' || name === 'TimeoutError' || name === 'AbortError';
      return make(isNetwork ? 'network' : 'other', code ?? name ?? 'NoAnswer');
    }
    if (status < 400) {
      // Not the parser's own words: they may quote the body, and AssumeRole's bears credentials.
      return AwsError.malformedAnswer(action);
    }
    if (status === 429 || THROTTLING.test(name ?? '')) {
      return make('throttled', name ?? `HTTP ${status}`);
    }
    return make(KINDS.get(name ?? '') ?? (status >= 500 ? 'server' : 'other'), name ?? `HTTP ${status}`);
  }

  /** An answer that came, but not as the API reference describes it. */
  static malformedAnswer(action: string): AwsError {
    const message = 'the answer is not what the protocol says';
    return new AwsError(action, 'server', 'MalformedAnswer', message, undefined, undefined);
  }
}

/** The part of the SDK's errors that is read here; each field may be missing where it is not the service's own. */
interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { httpStatusCode?: number; requestId?: string; attempts?: number };
  readonly $response?: { statusCode?: number };
}
