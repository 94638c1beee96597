import type { AwsError, AwsErrorKind } from './aws/aws-error';
import type { CallbackContext } from './callback-context';
import { type Wait, waitAfterDenial, waitAfterFailure, waitAfterThrottling } from './callback-delays';
import type { Action } from './envelope';
import type { HandlerErrorCode } from './handler-error';
import { failed, inProgress, type Model, type ProgressEvent } from './progress';
import type { DenialMeaning } from './resource-type';

/** What an error of AWS comes to. */
interface Judgement {
  /** The code of a `FAILED` (handler contract, "Handler error codes"). */
  readonly code: HandlerErrorCode;
  /** What the user can do. */
  readonly advice: string;
  /** How to wait, where another try can help. */
  readonly wait?: (context: CallbackContext) => Wait | undefined;
}

const RETRY = 'Retry; if it fails again, see the AWS Health Dashboard.';

const JUDGEMENTS: Readonly<Record<AwsErrorKind, Judgement>> = {
  denied: {
    code: 'AccessDenied',
    advice: 'Allow the execution role of the resource type this action.',
    wait: waitAfterDenial,
  },
  throttled: {
    code: 'Throttling',
    advice: 'Retry when the account makes fewer calls.',
    wait: waitAfterThrottling,
  },
  credentials: {
    code: 'InvalidCredentials',
    advice: 'Retry; if it fails again, check the execution role that the resource type is registered with.',
  },
  'invalid-parameter': { code: 'InvalidRequest', advice: 'Check the properties of the resource.' },
  'not-found': { code: 'NotFound', advice: 'Check the properties of the resource.' },
  server: { code: 'ServiceInternalError', advice: RETRY, wait: waitAfterFailure },
  network: { code: 'NetworkFailure', advice: RETRY, wait: waitAfterFailure },
  other: { code: 'GeneralServiceException', advice: 'See what AWS said.' },
};

/** What a failure is judged by, besides itself. */
export interface Circumstances {
  readonly action: Action;
  /** The identifier for messages, such as an ARN; empty where there is none. */
  readonly name: string;
  /** What to do, where the resource type knows better than the table. */
  readonly advice: string | undefined;
  /** The model and the pause, where the operation can be `IN_PROGRESS` and another try can help. */
  readonly pause: (Wait & { readonly model: Model }) | undefined;
  /** What a denial means, where it was found out. */
  readonly meaning: (DenialMeaning & { readonly unanswered: AwsError | undefined }) | undefined;
}

/** How to wait after a failure of this kind; `undefined` where waiting does not help, or no longer. */
export function waitAfter(kind: AwsErrorKind, context: CallbackContext): Wait | undefined {
  return JUDGEMENTS[kind].wait?.(context);
}

/** The answer to an error of AWS. It makes no call, and depends on its arguments only. */
export function judge(failure: AwsError, circumstances: Circumstances): ProgressEvent {
  const { action, pause, meaning } = circumstances;
  if (meaning?.code === 'NotFound') {
    return failed('NotFound', meaning.message);
  }
  if (pause) {
    return inProgress(pause.model, pause, describePause(failure, circumstances, pause));
  }
  if (action === 'READ' && meaning?.unanswered) {
    // NotFound would mean that the resource is gone. Whether it is, is not known, and a read cannot wait to find out.
    return judge(meaning.unanswered, { ...circumstances, meaning: undefined });
  }
  return failed(JUDGEMENTS[failure.kind].code, meaning?.message ?? describe(failure, circumstances));
}

function describePause({ kind, action }: AwsError, { name }: Circumstances, { delaySeconds }: Wait): string {
  const next = `Trying again in ${delaySeconds} s.`;
  switch (kind) {
    case 'denied':
      return `${action} is denied on ${name}, which is usual while new permissions propagate. ${next}`;
    case 'throttled':
      return `${action} is throttled. ${next}`;
    default:
      return `${action} was not answered properly. ${next}`;
  }
}

function describe({ kind, action, code, message }: AwsError, { name, advice }: Circumstances): string {
  const subject = name ? ` for ${name}` : '';
  return kind === 'network'
    ? `${action} was not answered${subject}: ${message} (${code}). ${advice ?? JUDGEMENTS[kind].advice}`
    : `${action} failed${subject}. ${advice ?? JUDGEMENTS[kind].advice} AWS said: ${message} (${code})`;
}
