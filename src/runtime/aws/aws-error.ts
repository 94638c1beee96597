/** What an error of AWS means to a handler. */
export type AwsErrorKind =
  /** The caller may not do this, or not yet: permissions propagate within seconds. */
  | 'denied'
  | 'throttled'
  /** The credentials have expired, or AWS does not know them. */
  | 'credentials'
  | 'invalid-parameter'
  /** What the call names does not exist. */
  | 'not-found'
  /** AWS failed: a 5xx, or an answer that does not follow the protocol. */
  | 'server'
  /** There was no answer: the connection failed, or the time was up. The call might have taken effect. */
  | 'network'
  | 'other';

/** Error codes ("Common errors" in the API references of STS, IAM, ECS and CloudWatch Logs). */ const KINDS =
  new Map<string, AwsErrorKind>([
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
    ['NoSuchEntity', 'not-found'],
    ['NoSuchEntityException', 'not-found'],
    ['ResourceNotFoundException', 'not-found'],
    ['ServerException', 'server'],
  ]);

const THROTTLING = /throttl/i;

/** Thrown by every call to AWS that did not succeed: what the SDK throws, read once. */
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

  /** Whether the call can succeed when it is made again, or might have succeeded: throttled, failed by AWS, not answered. */
  get isTransient(): boolean {
    return this.kind === 'throttled' || this.kind === 'server' || this.kind === 'network';
  }

  /** Reads what an SDK client threw when this action was called. */
  static from(action: string, thrown: unknown): AwsError {
    const { name, message, code, $metadata, $response } = (thrown ?? {}) as SdkError;
    const status = $metadata?.httpStatusCode ?? $response?.statusCode;
    const { requestId, attempts } = $metadata ?? {};
    const make = (kind: AwsErrorKind, ownCode: string) =>
      new AwsError(action, kind, ownCode, message ?? 'no message', requestId, attempts);
    if (status === undefined) {
      // Node's connection errors have a code; without a code, the SDK failed before it made the call.
      const isNetwork = typeof code === 'string' || name === 'TimeoutError' || name === 'AbortError';
      return make(isNetwork ? 'network' : 'other', code ?? name ?? 'NoAnswer');
    }
    if (status < 400) {
      // Not the parser's own message: it can quote the body, which for AssumeRole contains credentials.
      return AwsError.malformedResponse(action);
    }
    if (status === 429 || THROTTLING.test(name ?? '')) {
      return make('throttled', name ?? `HTTP ${status}`);
    }
    return make(KINDS.get(name ?? '') ?? (status >= 500 ? 'server' : 'other'), name ?? `HTTP ${status}`);
  }

  /** An answer that is not as the API reference describes it. */
  static malformedResponse(action: string): AwsError {
    const message = 'the answer does not follow the protocol';
    return new AwsError(action, 'server', 'MalformedAnswer', message, undefined, undefined);
  }

  /** A call that had no answer when the time of the invocation was up. */
  static unanswered(action: string, message: string): AwsError {
    return new AwsError(action, 'network', 'DeadlineExceeded', message, undefined, undefined);
  }
}

/** The part of the SDK's errors that is read here. Errors that do not come from the service lack some of the fields. */
interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { httpStatusCode?: number; requestId?: string; attempts?: number };
  readonly $response?: { statusCode?: number };
}
