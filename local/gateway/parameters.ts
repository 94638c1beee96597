import { ApiError } from './errors';
import type { Parameters } from './service';

/** An optional string member. @throws ApiError with the code given, when it is something else. */
export function optionalString(
  parameters: Parameters,
  name: string,
  code = 'ValidationError',
): string | undefined {
  const value = parameters[name];
  if (value === undefined || value === null || typeof value === 'string') {
    return value ?? undefined;
  }
  throw new ApiError(code, `${name} must be a string`);
}

/** A string member that must be there. @throws ApiError with the code given. */
export function requiredString(parameters: Parameters, name: string, code = 'ValidationError'): string {
  const value = optionalString(parameters, name, code);
  if (value) {
    return value;
  }
  throw new ApiError(
    code,
    `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must not be null`,
  );
}

/** A whole number, sent as a number or, in the Query protocol, as text. @throws ApiError with the code given. */
export function integer(
  parameters: Parameters,
  name: string,
  bounds: { default: number; min: number; max: number },
  code = 'ValidationError',
): number {
  const sent = parameters[name];
  if (sent === undefined || sent === null) {
    return bounds.default;
  }
  const value = Number(sent);
  if (Number.isInteger(value) && value >= bounds.min && value <= bounds.max) {
    return value;
  }
  const [relation, bound] = value < bounds.min ? ['greater', bounds.min] : ['less', bounds.max];
  throw new ApiError(
    code,
    `1 validation error detected: Value '${String(sent)}' at '${name}' failed to satisfy constraint: ` +
      `Member must have value ${relation} than or equal to ${bound}`,
  );
}
