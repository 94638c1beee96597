import type { AwsError, AwsErrorKind } from '../aws/aws-error';
import type { CallbackContext } from '../protocol/callback-context';
import type { Action } from '../protocol/envelope';
import { failed, inProgress, type Model, type ProgressEvent } from '../protocol/progress';
import { type Wait, waitAfterDenial, waitAfterFailure, waitAfterThrottling } from '../time/callback-delays';
import type { HandlerErrorCode } from './handler-error';

/** How an error of AWS is reported. */
interface Handling {
  /** The handler error code (handler contract, "Handler error codes"). */
  readonly code: HandlerErrorCode;
  /** What the user can do. */
  readonly advice: string;
  /** How to wait before a retry; missing if a retry does not help. */
  readonly waitAfter?: (context: CallbackContext) => Wait | undefined;
}

const RETRY = 'Retry; if it fails again, see the AWS Health Dashboard.';

const HANDLING: Readonly<Record<AwsErrorKind, Handling>> = {
  denied: {
    code: 'AccessDenied',
    advice: 'Grant the execution role of the resource type permission for this action.',
    waitAfter: waitAfterDenial,
  },
  throttled: {
    code: 'Throttling',
    advice: 'Retry when the account makes fewer calls.',
    waitAfter: waitAfterThrottling,
  },
  credentials: {
    code: 'InvalidCredentials',
    advice: 'Retry; if it fails again, check the execution role that the resource type is registered with.',
  },
  stale: {
    code: 'NetworkFailure',
    advice: 'Retry: the request reached AWS too late, or a clock is wrong.',
    waitAfter: waitAfterFailure,
  },
  'invalid-parameter': { code: 'InvalidRequest', advice: 'Check the properties of the resource.' },
  'not-found': { code: 'NotFound', advice: 'Check the properties of the resource.' },
  server: { code: 'ServiceInternalError', advice: RETRY, waitAfter: waitAfterFailure },
  network: { code: 'NetworkFailure', advice: RETRY, waitAfter: waitAfterFailure },
  other: { code: 'GeneralServiceException', advice: "See the service's API reference for this error." },
};

/** What the report of a failure depends on, besides the failure. */
export interface Circumstances {
  readonly action: Action;
  /** The identifier for messages, such as an ARN; empty if there is none. */
  readonly name: string;
  /** What to do, if the resource type knows better than the table. */
  readonly advice: string | undefined;
  /** The model, the delay and the callback context of a retry; missing if the operation cannot wait. */
  readonly retry: (Wait & { readonly model: Model }) | undefined;
  /** The resource type's own message about a denial. */
  readonly explanation: string | undefined;
  /** Why it is not known whether the resource of a denied call exists. */
  readonly unanswered: AwsError | undefined;
}

/** How to wait after a failure of this kind; `undefined` if waiting does not help, or no longer. */
export function waitAfter(kind: AwsErrorKind, context: CallbackContext): Wait | undefined {
  return HANDLING[kind].waitAfter?.(context);
}

/** The progress event for an error of AWS. It makes no call, and depends on its arguments only. */
export function report(failure: AwsError, circumstances: Circumstances): ProgressEvent {
  const { action, name, advice, retry, explanation, unanswered } = circumstances;
  if (retry) {
    return inProgress(retry.model, retry, describeRetry(failure, name, retry));
  }
  if (action === 'READ' && unanswered) {
    // NotFound would mean that the resource is gone. That is not known, and a read cannot wait to find out.
    return failed(HANDLING[unanswered.kind].code, describe(unanswered, name));
  }
  return failed(HANDLING[failure.kind].code, explanation ?? describe(failure, name, advice));
}

function describeRetry({ kind, iamAction }: AwsError, name: string, { delaySeconds }: Wait): string {
  const next = `Retrying in ${delaySeconds} s.`;
  switch (kind) {
    case 'denied':
      return `${iamAction} is denied on ${name}. This is expected while new permissions propagate. ${next}`;
    case 'throttled':
      return `${iamAction} is throttled. ${next}`;
    default:
      return `${iamAction} failed or timed out. ${next}`;
  }
}

function describe(failure: AwsError, name: string, advice = HANDLING[failure.kind].advice): string {
  const { iamAction, code, message } = failure;
  const subject = name ? ` for ${name}` : '';
  // The details come last: they can be long, and CloudFormation records the beginning of a message.
  return `${iamAction} failed${subject} (${code}). ${advice} Details: ${message}`;
}
