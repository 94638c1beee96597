import { ApiError } from '../../../gateway/errors';
import { optionalString, requiredString } from '../../../gateway/parameters';
import type { Parameters } from '../../../gateway/service';

/**
 * A required name of a role, policy, user or instance profile (IAM user guide, "IAM and AWS STS quotas").
 * @param max Its greatest length.
 * @throws ApiError ValidationError
 */
export function nameOf(parameters: Parameters, member: string, max: number): string {
  const name = requiredString(parameters, member);
  const shown = member.charAt(0).toLowerCase() + member.slice(1);
  if (name.length > max) {
    throw new ApiError(
      'ValidationError',
      `1 validation error detected: Value '${name}' at '${shown}' failed to satisfy constraint: ` +
        `Member must have length less than or equal to ${max}`,
    );
  }
  if (/^[\w+=,.@-]+$/.test(name)) {
    return name;
  }
  throw new ApiError(
    'ValidationError',
    `The specified value for ${shown} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
  );
}

/** A path, which defaults to `/`. @throws ApiError ValidationError */
export function pathOf(parameters: Parameters): string {
  const path = optionalString(parameters, 'Path') ?? '/';
  if (/^\/([!-~]+\/)?$/.test(path) && path.length <= 512) {
    return path;
  }
  throw new ApiError(
    'ValidationError',
    'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
  );
}
