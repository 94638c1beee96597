/** The error codes of the handler contract (CloudFormation CLI user guide, "resource-type-test-contract-errors"). */
export type HandlerErrorCode =
  | 'AccessDenied'
  | 'AlreadyExists'
  | 'GeneralServiceException'
  | 'InternalFailure'
  | 'InvalidCredentials'
  | 'InvalidRequest'
  | 'InvalidTypeConfiguration'
  | 'NetworkFailure'
  | 'NotFound'
  | 'NotStabilized'
  | 'NotUpdatable'
  | 'ResourceConflict'
  | 'ServiceInternalError'
  | 'ServiceLimitExceeded'
  | 'Throttling';

/**
 * Thrown if a handler itself finds that an operation cannot succeed. The error code counts, not the name of the class,
 * which a minifier changes. An error that a service returns is a `ServiceError`.
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

/** Thrown if a part of the request is malformed: the envelope, a property, the callback context. */
export class InvalidRequest extends HandlerError {
  constructor(message: string) {
    super('InvalidRequest', message);
  }
}

/** Thrown by a type if the account's configuration of the type is missing or wrong (`aws cloudformation set-type-configuration`). */
export class InvalidTypeConfiguration extends HandlerError {
  constructor(message: string) {
    super('InvalidTypeConfiguration', message);
  }
}

/** Thrown if the request contains no valid credentials of an execution role. */
export class NoExecutionRole extends HandlerError {
  constructor() {
    super(
      'InvalidCredentials',
      'The request contains no valid credentials of an execution role. Register the resource type with an execution ' +
        'role (--role-arn), and make that version the default (--set-default).',
    );
  }
}
