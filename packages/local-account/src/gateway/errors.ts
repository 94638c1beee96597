/** The codes whose HTTP status is not 400, by status (API references). */
const CODES = {
  403: ['AccessDenied', 'ExpiredToken', 'InvalidClientTokenId', 'MissingAuthenticationToken'],
  404: ['ChangeSetNotFound', 'NoSuchBucket', 'NoSuchEntity'],
  409: [
    'BucketAlreadyOwnedByYou',
    'BucketNotEmpty',
    'DeleteConflict',
    'EntityAlreadyExists',
    'LimitExceeded',
  ],
  500: ['InternalFailure'],
  503: ['ServiceUnavailable'],
};

/** An error answer of an AWS API: its code, its HTTP status and its message, whatever the wire format. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = statusOf(code),
  ) {
    super(message);
  }
}

function statusOf(code: string): number {
  return Number(Object.entries(CODES).find(([, codes]) => codes.includes(code))?.[0] ?? 400);
}

/** A parameter is missing or wrong. Services that use another code name it (`Service.validationError`). */
export function invalid(message: string): ApiError {
  return new ApiError('ValidationError', message);
}

/** The value of a parameter, if it has one, is not what the API's model says: `Member must …`. */
export function unsatisfied(name: string, value: unknown, constraint: string): ApiError {
  const what = value === undefined ? 'Value' : `Value '${String(value)}'`;
  return invalid(
    `1 validation error detected: ${what} at '${memberName(name)}' failed to satisfy constraint: Member must ${constraint}`,
  );
}

/** A parameter as messages of an API name it, such as `roleName`. */
export function memberName(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** The result of an act. @throws The failure that is made of what the act throws. */
export function attempt<T>(act: () => T, failure: (error: unknown) => Error): T {
  try {
    return act();
  } catch (error) {
    throw failure(error);
  }
}

/** A value that must be there. @throws The error when it is missing. */
export function found<T>(value: T | undefined, missing: Error): T {
  if (value === undefined) {
    throw missing;
  }
  return value;
}
