import { ApiError } from '../../gateway/errors';
import type { Role } from '../iam/store/roles';

/** @throws ApiError ValidationError for a session name that STS does not accept. */
export function checkSessionName(sessionName: string): void {
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
    throw new ApiError(
      'ValidationError',
      `1 validation error detected: Value '${sessionName}' at 'roleSessionName' failed to satisfy constraint: ` +
        'Member must satisfy regular expression pattern: [\\w+=,.@-]*',
    );
  }
}

/** @throws ApiError ValidationError for a session that would be longer than its role allows, in seconds. */
export function checkDuration(durationSeconds: number, { maxSessionDuration }: Role): void {
  if (durationSeconds > maxSessionDuration) {
    throw new ApiError(
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    );
  }
}
