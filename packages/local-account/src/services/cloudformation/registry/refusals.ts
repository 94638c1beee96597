import { ApiError } from '../../../gateway/errors';

/** The registry's error for what it does not do. */
export function refused(message: string): ApiError {
  return new ApiError('CFNRegistryException', message);
}

/** The error for a type or a version that is not registered. */
export function typeNotFound(nameOrArn: string): ApiError {
  // Recorded: localstack, test_extension_not_complete.
  return new ApiError('TypeNotFoundException', `The type '${nameOrArn}' cannot be found.`, 404);
}
