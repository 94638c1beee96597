import type { Action } from '../protocol/envelope';

/** Milliseconds in which a handler must respond (handler contract). */
const LIMITS: Readonly<Record<Action, number>> = {
  CREATE: 60_000,
  READ: 30_000,
  UPDATE: 60_000,
  DELETE: 60_000,
  LIST: 30_000,
};

/** The longest that telemetry delays a response, in milliseconds. */
const TELEMETRY_LIMIT = 1_000;

/**
 * How long the work and the telemetry of one invocation can take: in total, less than CloudFormation and Lambda allow.
 *
 * @param remaining Milliseconds until Lambda ends the invocation, if known.
 * @returns Milliseconds for the work, and for telemetry after it.
 */
export function limitsFor(
  action: Action,
  remaining = Number.POSITIVE_INFINITY,
): { readonly work: number; readonly telemetry: number } {
  const total = Math.max(Math.min(LIMITS[action], remaining) * 0.95, 0);
  const telemetry = Math.min(TELEMETRY_LIMIT, total * 0.2);
  return { telemetry, work: total - telemetry };
}
