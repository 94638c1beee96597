/** An error answer of an AWS API: its code, its HTTP status and its message, whatever the wire format. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

/** A value that must be there. @throws The error when it is missing. */
export function found<T>(value: T | undefined, missing: Error): T {
  if (value === undefined) {
    throw missing;
  }
  return value;
}
