/** What an error of AWS means to a handler. */
export type AwsErrorKind =
  /** The caller may not do this, or not yet: permissions propagate within seconds. */
  | 'denied'
  | 'throttled'
  /** The credentials have expired, or AWS does not know them. */
  | 'credentials'
  /** The signature was too old or too new on arrival: the process was frozen, or a clock is wrong. A new one is right. */
  | 'stale'
  | 'invalid-parameter'
  /** What the call names does not exist. */
  | 'not-found'
  /** AWS failed: a 5xx, or a response that cannot be parsed. */
  | 'server'
  /** There was no response: the connection failed, or the deadline was exceeded. The call might have taken effect. */
  | 'network'
  | 'other';

/** Error codes ("Common errors" in the API references of STS, IAM, ECS and CloudWatch Logs). */
const KINDS = new Map<string, AwsErrorKind>([
  ['AccessDenied', 'denied'],
  ['AccessDeniedException', 'denied'],
  ['NotAuthorized', 'denied'],
  ['ExpiredToken', 'credentials'],
  ['ExpiredTokenException', 'credentials'],
  ['IncompleteSignature', 'credentials'],
  ['InvalidClientTokenId', 'credentials'],
  ['InvalidSignatureException', 'credentials'],
  ['MissingAuthenticationToken', 'credentials'],
  ['MissingAuthenticationTokenException', 'credentials'],
  ['OptInRequired', 'credentials'],
  ['RequestExpired', 'stale'],
  ['RequestInTheFuture', 'stale'],
  ['RequestTimeTooSkewed', 'stale'],
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
  ['RequestTimeout', 'server'],
  ['RequestTimeoutException', 'server'],
  ['ServerException', 'server'],
]);

/** The codes that the SDK's standard retry mode takes for throttling, but for `LimitExceededException`: a quota. */
const THROTTLING =
  /throttl|^(BandwidthLimitExceeded|PriorRequestNotComplete|ProvisionedThroughputExceededException|RequestLimitExceeded|SlowDown|TooManyRequestsException|TransactionInProgressException)$/i;

/** What AWS says of a signature that is too old or too new (aws-sdk-js-v3 issues 4429 and 7605), whatever the code. */
const STALE = /^Signature (expired|not yet current)\b/;

const UNPARSED = 'the response could not be parsed';

/** Thrown by a call that AWS or the network failed: what the SDK throws, parsed once. */
export class AwsError extends Error {
  private constructor(
    /** The IAM action of the call, such as `sts:AssumeRole`. */
    readonly iamAction: string,
    readonly kind: AwsErrorKind,
    /** AWS's error code, or Node's for a connection that failed. */
    readonly code: string,
    message: string,
    readonly requestId: string | undefined,
    readonly attempts: number | undefined,
  ) {
    super(message);
  }

  /** Whether a retry can succeed, or the call might have succeeded: throttled, stale, failed by AWS, without a response. */
  get isTransient(): boolean {
    return ['throttled', 'stale', 'server', 'network'].includes(this.kind);
  }

  /**
   * Reads what an SDK client threw when this action was called.
   *
   * @param hasResponse Whether AWS had responded. What the SDK then throws without a status is about the response.
   * @throws what was thrown, if it comes from neither AWS nor the network: an error in the code around the call.
   */
  static from(iamAction: string, thrown: unknown, hasResponse = false): AwsError {
    const { name, message, code, $fault, $metadata, $response } = (thrown ?? {}) as SdkError;
    const status = $metadata?.httpStatusCode ?? $response?.statusCode;
    const { requestId, attempts } = $metadata ?? {};
    const given = typeof message === 'string' && message !== '' ? message : 'no message';
    const make = (kind: AwsErrorKind, ownCode: string, text = given) =>
      new AwsError(iamAction, kind, ownCode, text, requestId, attempts);
    if (status === undefined) {
      // Node's connection errors have a code. So have its errors about wrong arguments, which are errors in the code.
      const nodeCode = typeof code === 'string' && !code.startsWith('ERR_INVALID_') ? code : undefined;
      const networkCode = nodeCode ?? (name === 'TimeoutError' || name === 'AbortError' ? name : undefined);
      if (networkCode !== undefined) {
        return make('network', networkCode);
      }
      if (hasResponse) {
        return AwsError.malformedResponse(iamAction);
      }
      throw thrown;
    }
    if (status < 400) {
      // Not the parser's own message: it can quote the body, which for AssumeRole contains credentials.
      return AwsError.malformedResponse(iamAction);
    }
    // Without `$fault`, the SDK could not parse the body, such as a proxy's page.
    const isParsed = $fault !== undefined || $response === undefined;
    const errorCode = (isParsed && typeof name === 'string' && name) || `HTTP ${status}`;
    const kind =
      status === 429 || THROTTLING.test(errorCode)
        ? 'throttled'
        : (KINDS.get(errorCode) ?? (status >= 500 ? 'server' : 'other'));
    return make(STALE.test(given) ? 'stale' : kind, errorCode, isParsed ? given : UNPARSED);
  }

  /** A response that is not as the API reference describes it. */
  static malformedResponse(iamAction: string): AwsError {
    return new AwsError(iamAction, 'server', 'MalformedResponse', UNPARSED, undefined, undefined);
  }

  /** A call that had no response before the deadline. */
  static withoutResponse(iamAction: string, message: string): AwsError {
    return new AwsError(iamAction, 'network', 'DeadlineExceeded', message, undefined, undefined);
  }
}

/**
 * The part of the SDK's errors that is read here. Errors that do not come from the service lack some of the fields. The
 * SDK takes name and message from the response as they are.
 */
interface SdkError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: { httpStatusCode?: number; requestId?: string; attempts?: number };
  readonly $response?: { statusCode?: number };
}
