/** What a `FAILED` can say (CloudFormation CLI user guide, "resource-type-test-contract-errors"). */
export type HandlerErrorCode =
  | 'AccessDenied'
  | 'AlreadyExists'
  | 'GeneralServiceException'
  | 'InternalFailure'
  | 'InvalidCredentials'
  | 'InvalidRequest'
  | 'NetworkFailure'
  | 'NotFound'
  | 'NotStabilized'
  | 'NotUpdatable'
  | 'ResourceConflict'
  | 'ServiceInternalError'
  | 'ServiceLimitExceeded'
  | 'Throttling';

/**
 * Thrown where a handler itself finds that an operation cannot succeed. Each has its error code: the class name does
 * not matter, since a minifier changes it. An error that AWS returns is an `AwsError`.
 */
export class HandlerError extends Error {
  /** @param message What failed, why, and what to do about it; CloudFormation shows it to the user. */
  constructor(
    readonly errorCode: HandlerErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** Thrown where a request is malformed: its envelope, a property, a callback context. */
export class InvalidRequest extends HandlerError {
  constructor(message: string) {
    super('InvalidRequest', message);
  }
}

/** Thrown where a request contains no credentials of an execution role. */
export class NoExecutionRole extends HandlerError {
  constructor() {
    super(
      'InvalidCredentials',
      'The request contains no credentials of an execution role. Register the resource type with an execution role ' +
        '(--role-arn), and make that version the default (--set-default).',
    );
  }
}
