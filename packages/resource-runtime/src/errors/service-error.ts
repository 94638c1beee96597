/** What an error of AWS, or of another service, means to a handler. */
export type ServiceErrorKind =
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
  /** The resource is in another state than the call needs, or is being changed by another call. */
  | 'conflict'
  /** AWS failed: a 5xx, or a response that cannot be parsed. */
  | 'server'
  /** There was no response: the connection failed, or the deadline was exceeded. The call might have taken effect. */
  | 'network'
  | 'other';

/** Error codes ("Common errors" in the API references of STS, IAM, ECS and CloudWatch Logs). */
const KINDS = new Map<string, ServiceErrorKind>([
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

/**
 * What a status means where a service has no error codes (RFC 9110, section 15; RFC 6585 for 429). Every other status
 * from 500 is `server`, every other one from 400 `other`.
 */
const STATUSES = new Map<number, ServiceErrorKind>([
  [400, 'invalid-parameter'],
  [401, 'credentials'],
  [403, 'denied'],
  [404, 'not-found'],
  [408, 'server'],
  [409, 'conflict'],
  [410, 'not-found'],
  [412, 'conflict'],
  [422, 'invalid-parameter'],
  [423, 'conflict'],
  [429, 'throttled'],
]);

/** Where the general advice is about AWS: the execution role and the Health Dashboard are nothing to other services. */
const ADVICE: Readonly<Partial<Record<ServiceErrorKind, string>>> = {
  credentials: 'Check the credentials that the resource type calls the service with.',
  denied: 'Check what the service allows the credentials that the resource type calls it with.',
  server: 'Retry; if it fails again, look at the service.',
};

/** What else is known about a call that failed. */
interface Details {
  readonly requestId?: string | undefined;
  readonly attempts?: number | undefined;
  /** Seconds after which the service wants to be called again. */
  readonly retryAfter?: number | undefined;
  /** What the user can do, if somebody knows better than the runtime's table. */
  readonly advice?: string | undefined;
}

/** Thrown by a call that a service or the network failed. */
export class ServiceError extends Error {
  private constructor(
    /** The call, as IAM names it: `sts:AssumeRole`. A call that is not AWS's is named in the same form. */
    readonly action: string,
    readonly kind: ServiceErrorKind,
    /** The service's error code, Node's for a connection that failed, or `HTTP` and the status. */
    readonly code: string,
    message: string,
    readonly details: Details = {},
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
  static from(action: string, thrown: unknown, hasResponse = false): ServiceError {
    if (thrown instanceof ServiceError) {
      return thrown;
    }
    const {
      name,
      message,
      cause,
      code = cause?.code,
      $fault,
      $metadata,
      $response,
    } = (thrown ?? {}) as SdkError;
    const status = $metadata?.httpStatusCode ?? $response?.statusCode;
    const { requestId, attempts } = $metadata ?? {};
    const given = typeof message === 'string' && message !== '' ? message : 'no message';
    const make = (kind: ServiceErrorKind, ownCode: string, text = given) =>
      new ServiceError(action, kind, ownCode, text, { requestId, attempts });
    if (status === undefined) {
      // Node's connection errors have a code. So have its errors about wrong arguments, which are errors in the code.
      const nodeCode = typeof code === 'string' && !code.startsWith('ERR_INVALID_') ? code : undefined;
      const networkCode = nodeCode ?? (name === 'TimeoutError' || name === 'AbortError' ? name : undefined);
      if (networkCode !== undefined) {
        return make('network', networkCode);
      }
      if (hasResponse) {
        return ServiceError.malformedResponse(action);
      }
      throw thrown;
    }
    if (status < 400) {
      // Not the parser's own message: it can quote the body, which for AssumeRole contains credentials.
      return ServiceError.malformedResponse(action);
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

  /** An HTTP response with this status, which is at least 400, of a service that is not AWS's. */
  static fromStatus(action: string, status: number, message: string, details: Details = {}): ServiceError {
    const kind = STATUSES.get(status) ?? (status >= 500 ? 'server' : 'other');
    return new ServiceError(action, kind, `HTTP ${status}`, message, { advice: ADVICE[kind], ...details });
  }

  /** A response that is not as the API reference describes it. */
  static malformedResponse(action: string): ServiceError {
    return new ServiceError(action, 'server', 'MalformedResponse', UNPARSED);
  }

  /** This error, with other advice for the user: one or two sentences. */
  withAdvice(advice: string): ServiceError {
    return new ServiceError(this.action, this.kind, this.code, this.message, { ...this.details, advice });
  }

  /** A call that had no response before the deadline. */
  static withoutResponse(action: string, message: string): ServiceError {
    return new ServiceError(action, 'network', 'DeadlineExceeded', message);
  }
}

/**
 * The part of the SDK's and of `fetch`'s errors that is read here. Errors that do not come from the service lack some of the fields. The
 * SDK takes name and message from the response as they are.
 */
interface SdkError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  /** `fetch` fails with a TypeError; why is in its cause. */
  readonly cause?: { readonly code?: unknown };
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: { httpStatusCode?: number; requestId?: string; attempts?: number };
  readonly $response?: { statusCode?: number };
}
