import type { CallbackContext } from '../protocol/callback-context';
import { failed, inProgress, type Model, type ProgressEvent } from '../protocol/progress';
import { nextWait, type Wait, type Waiting } from '../time/callback-delays';
import type { HandlerErrorCode } from './handler-error';
import type { ServiceError, ServiceErrorKind } from './service-error';

/** What is done about a kind of error. */
interface Policy {
  /** The handler error code (handler contract, "Handler error codes"). */
  readonly code: HandlerErrorCode;
  /** What the user can do. */
  readonly advice: string;
  /** How to wait before a retry; missing if a retry does not help. */
  readonly waiting?: Waiting;
}

const RETRY = 'Retry; if it fails again, see the AWS Health Dashboard.';

const POLICIES: Readonly<Record<ServiceErrorKind, Policy>> = {
  denied: {
    code: 'AccessDenied',
    advice: 'Grant the execution role of the resource type permission for this action.',
    waiting: 'denials',
  },
  throttled: {
    code: 'Throttling',
    advice: 'Retry when the account makes fewer calls.',
    waiting: 'throttles',
  },
  credentials: {
    code: 'InvalidCredentials',
    advice: 'Retry; if it fails again, check the execution role that the resource type is registered with.',
  },
  stale: {
    code: 'NetworkFailure',
    advice: 'Retry: the request reached AWS too late, or a clock is wrong.',
    waiting: 'failures',
  },
  'invalid-parameter': { code: 'InvalidRequest', advice: 'Check the properties of the resource.' },
  'not-found': { code: 'NotFound', advice: 'Check the properties of the resource.' },
  conflict: {
    code: 'ResourceConflict',
    advice: 'Retry when nothing else changes the resource.',
    waiting: 'failures',
  },
  server: { code: 'ServiceInternalError', advice: RETRY, waiting: 'failures' },
  network: { code: 'NetworkFailure', advice: RETRY, waiting: 'failures' },
  other: { code: 'GeneralServiceException', advice: "See the service's API reference for this error." },
};

/** The handler error code for errors of a kind. */
export function codeOf({ kind }: ServiceError): HandlerErrorCode {
  return POLICIES[kind].code;
}

/** How to wait after an error; `undefined` if waiting does not help, or no longer. */
export function waitAfter({ kind, details }: ServiceError, context: CallbackContext): Wait | undefined {
  const { waiting } = POLICIES[kind];
  const wait = waiting && nextWait(context, waiting);
  const { retryAfter = 0 } = details;
  return (
    wait && { ...wait, delaySeconds: Math.max(wait.delaySeconds, Math.min(retryAfter, LONGEST_RETRY_AFTER)) }
  );
}

/** Seconds: however long a service wants to be left alone, the operation has a limit. */
const LONGEST_RETRY_AFTER = 60;

/**
 * The progress event for an error that is retried.
 *
 * @param name The identifier for messages, such as an ARN; empty if there is none.
 */
export function reportRetry(error: ServiceError, name: string, model: Model, wait: Wait): ProgressEvent {
  return inProgress(model, wait, describeRetry(error, name, wait));
}

/** The progress event for an error that ends the operation. */
export function reportError(error: ServiceError, name: string): ProgressEvent {
  const { action, code, message, kind, details } = error;
  const subject = name ? ` for ${name}` : '';
  const advice = details.advice ?? POLICIES[kind].advice;
  // The details come last: they can be long, and CloudFormation records the beginning of a message.
  return failed(codeOf(error), `${action} failed${subject} (${code}). ${advice} Details: ${message}`);
}

function describeRetry({ kind, action }: ServiceError, name: string, { delaySeconds }: Wait): string {
  const next = `Retrying in ${delaySeconds} s.`;
  switch (kind) {
    case 'denied':
      return `${action} is denied on ${name}. This is expected while new permissions propagate. ${next}`;
    case 'throttled':
      return `${action} is throttled. ${next}`;
    default:
      return `${action} failed or timed out. ${next}`;
  }
}
